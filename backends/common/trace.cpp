// Writing traces.
#include "backends/common/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>

#include "backends/common/private_folder.h"
#include "graph/debug.h"

namespace hekla::backend {

namespace {

constexpr double not_yet = std::numeric_limits<double>::quiet_NaN();

// Quotes a label for JSON. Labels are user text, and non-ASCII bytes may not be valid UTF-8, which JSON
// requires.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c < ' ' || c > '~' ? '?' : c;
  }
  return result + '"';
}

std::string named(const char* what, std::size_t process, std::size_t thread, const std::string& name) {
  return fmt::format("{{\"name\":\"{}\",\"ph\":\"M\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":{}}}}}", what,
                     process, thread, quoted(name));
}

}  // namespace

Trace::Trace(std::filesystem::path file, std::size_t most_events)
    : file_(std::move(file)), most_events_(most_events) {
  write();
}

Trace::~Trace() {
  if (!written_) write();
}

const std::shared_ptr<Trace>& Trace::of_environment() {
  static const std::shared_ptr<Trace> trace = [] {
    const std::string file = environment("HEKLA_TRACE", "");
    return file.empty() ? nullptr : std::make_shared<Trace>(file);
  }();
  return trace;
}

std::size_t Trace::add_plan(const std::string& device, const std::string& name,
                            std::vector<TimedKernel> kernels) {
  std::lock_guard lock(mutex_);
  auto known =
      std::find_if(devices_.begin(), devices_.end(), [&](const Device& d) { return d.name == device; });
  if (known == devices_.end()) known = devices_.insert(known, {device, not_yet});
  plans_.push_back({static_cast<std::size_t>(known - devices_.begin()), name, std::move(kernels)});
  return plans_.size() - 1;
}

void Trace::add_step(std::size_t plan, std::uint64_t number, double start_ns, std::vector<double> end_ns) {
  std::lock_guard lock(mutex_);
  if (full_) return;
  full_ = events_ + end_ns.size() + 1 > most_events_;
  if (full_) {
    fmt::print(
        stderr,
        "hekla: HEKLA_TRACE holds {} events and takes no more: later steps are not in it; run fewer.\n",
        events_);
    return;
  }
  events_ += end_ns.size() + 1;
  double& first = devices_[plans_[plan].device].first_ns;
  if (std::isnan(first)) first = start_ns;
  steps_.push_back({plan, number, start_ns, std::move(end_ns)});
  written_ = false;
  if (events_ < next_write_) return;
  next_write_ = 2 * events_;
  write_locked();
}

bool Trace::write() {
  std::lock_guard lock(mutex_);
  return write_locked();
}

bool Trace::write_locked() {
  const std::string text = json();
  written_ = write_whole(file_, {std::as_bytes(std::span(text))});
  if (!written_) {
    fmt::print(
        stderr,
        "hekla: cannot write the HEKLA_TRACE file {}; name a file in a folder that exists, can be written "
        "and has room. A file that was there stays as it was.\n",
        file_.string());
  }
  return written_;
}

std::string Trace::json() const {
  std::string text = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  const char* separator = "\n";
  const auto add = [&](const std::string& event) {
    text += separator + event;
    separator = ",\n";
  };
  for (std::size_t d = 0; d < devices_.size(); ++d) add(named("process_name", d + 1, 0, devices_[d].name));
  for (std::size_t p = 0; p < plans_.size(); ++p) {
    add(named("thread_name", plans_[p].device + 1, p + 1, plans_[p].name));
  }
  for (const Step& step : steps_) {
    const MeasuredPlan& plan = plans_[step.plan];
    const double first = devices_[plan.device].first_ns;
    const auto event = [&](const std::string& name, const char* category, double start, double end,
                           const std::string& arguments) {
      add(
          fmt::format("{{\"name\":{},\"cat\":\"{}\",\"ph\":\"X\",\"pid\":{},\"tid\":{},\"ts\":{:.3f},"
                      "\"dur\":{:.3f},\"args\":{{{}}}}}",
                      quoted(name), category, plan.device + 1, step.plan + 1, (start - first) / 1e3,
                      (end - start) / 1e3, arguments));
    };
    event(fmt::format("step {}", step.number), "step", step.start_ns, step.end_ns.back(), "");
    double start = step.start_ns;
    for (std::size_t k = 0; k < step.end_ns.size(); ++k) {
      const compiler::Work& work = plan.kernels[k].work;
      const double ns = std::max(step.end_ns[k] - start, 1.0);
      event(plan.kernels[k].label, "kernel", start, step.end_ns[k],
            fmt::format("\"operations\":{:.0f},\"bytes\":{:.0f},\"GFLOP/s\":{:.6g},\"GB/s\":{:.6g}",
                        work.operations, work.bytes, work.operations / ns, work.bytes / ns));
      start = step.end_ns[k];
    }
  }
  return text + "\n]}\n";
}

}  // namespace hekla::backend
