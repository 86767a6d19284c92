#include "backends/common/timed_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace hekla::backend {

namespace {

// A rate in billions per second, or a placeholder when there is none.
std::string rate(double amount, double nanoseconds) {
  return amount > 0 && nanoseconds > 0 ? fmt::format("{:.2f}", amount / nanoseconds) : "-";
}

}  // namespace

std::vector<TimedKernel> timed_kernels(const compiler::Plan& plan) {
  std::vector<TimedKernel> kernels;
  for (const compiler::Kernel& kernel : plan.kernels)
    kernels.push_back({kernel.label, compiler::work_of(kernel, plan.slots)});
  return kernels;
}

std::string table_of_times(const std::string& plan, const std::string& device,
                           std::span<const TimedKernel> kernels, std::span<const double> nanoseconds,
                           int measured) {
  std::string text =
      fmt::format("hekla: kernel times of {} on {}, mean of {} steps\n", plan, device, measured);
  text += fmt::format("{:>4} {:>10} {:>7} {:>9} {:>8}\n", "", "us", "share", "GFLOP/s", "GB/s");
  const double steps = std::max(measured, 1);
  const double total = std::accumulate(nanoseconds.begin(), nanoseconds.end(), 0.0) / steps;
  compiler::Work all;
  const auto line = [&](const std::string& number, double ns, const compiler::Work& work,
                        const std::string& label) {
    text +=
        fmt::format("{:>4} {:>10.1f} {:>5.1f} % {:>9} {:>8}  {}\n", number, ns / 1e3,
                    total > 0 ? 100 * ns / total : 0, rate(work.operations, ns), rate(work.bytes, ns), label);
  };
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    const compiler::Work& work = kernels[k].work;
    line(std::to_string(k), nanoseconds[k] / steps, work, kernels[k].label);
    all.operations += work.operations;
    all.bytes += work.bytes;
  }
  line("", total, all, "in all");
  return text;
}

}  // namespace hekla::backend
