// See pass.h.
#include "train/data/pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "train/data/prefetch.h"

namespace hekla {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Weighs a plan in the cache by its text, about 200 characters for a kernel. A driver may keep a megabyte for
// the kernel's code.
constexpr std::size_t bytes_of_character = 6000;

}  // namespace

Pass::Pass(const Dataset& dataset, const Options& options, Build build)
    : dataset_(dataset), options_(options), build_(std::move(build)) {
  if (options_.batch_size < 1)
    throw Error(fmt::format("[{}] {} is {}; it must be positive.", options_.caller, options_.batch_size_name,
                            options_.batch_size));
  if (options_.steps && *options_.steps < 1)
    throw Error(fmt::format("[{}] {} is {}; it must be positive.", options_.caller, options_.steps_name,
                            *options_.steps));
  if (dataset.is_generated()) return;
  feed_.emplace(dataset);
  options_.batch_size = std::min(options_.batch_size, feed_->count());
  const std::int64_t whole = (feed_->count() + options_.batch_size - 1) / options_.batch_size;
  if (options_.steps && *options_.steps > whole)
    throw Error(fmt::format("[{}] {} is {}, but {} examples in batches of {} give {}; ask for no more.",
                            options_.caller, options_.steps_name, *options_.steps, feed_->count(),
                            options_.batch_size, whole));
}

std::optional<std::int64_t> Pass::steps() const {
  if (options_.steps || !feed_) return options_.steps;
  return (feed_->count() + options_.batch_size - 1) / options_.batch_size;
}

std::vector<Update> Pass::restart(const std::optional<RandomKey>& shuffle) const {
  return feed_ ? feed_->restart(shuffle) : std::vector<Update>();
}

void Pass::run(const Report& report) {
  if (feed_)
    run_resident(report);
  else
    run_generated(report);
}

void Pass::run_resident(const Report& report) {
  const std::int64_t count = feed_->count(), size = options_.batch_size;
  const std::int64_t last = *steps();
  for (std::int64_t done = 0; done < last;) {
    // The last step may take fewer examples, so it has a program of its own.
    const std::int64_t whole = std::min(count / size, last) - done;
    const std::int64_t now = options_.report_each_step || whole == 0 ? 1 : pace_.next(whole);
    last_size_ = whole == 0 ? count - done * size : size;
    Program& program = program_for(last_size_);
    last_program_ = &program;
    if (before_step) before_step(done);
    const auto start = Clock::now();
    const std::vector<Tensor> outputs = program.run(static_cast<int>(now));
    done += now;
    const bool more = !report || report(done, std::min(done * size, count), outputs);
    if (whole > 0) pace_.ran(now, seconds_since(start));
    if (!more) return;
  }
}

void Pass::run_generated(const Report& report) {
  Prefetch batches(dataset_.generator()(), dataset_.ahead());
  const auto open_ended = [&](std::int64_t done) { return !options_.steps || done < *options_.steps; };
  auto shown = Clock::now();
  std::int64_t examples = 0, done = 0;
  bool reported = true;
  std::vector<Tensor> outputs;
  while (open_ended(done)) {
    const std::optional<Batch> batch = batches.next();
    if (!batch) break;
    const std::int64_t size = generated_size(*batch);
    if (options_.check) options_.check(*batch, examples);
    Streamed& streamed = program_for(*batch);
    const std::vector<Tensor> tensors = tensors_of(*batch), inputs = tensors_of(streamed.placeholders);
    last_feeds_.clear();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      if (streamed.used.contains(inputs[i].get())) last_feeds_.emplace_back(inputs[i], tensors[i]);
    }
    last_size_ = size;
    last_batch_ = streamed.placeholders;
    last_program_ = &streamed.program;
    if (before_step) before_step(done);
    outputs = streamed.program.run(last_feeds_);
    ++done;
    examples += size;
    // Reading numbers waits for the device, so it is not done after each step.
    reported = options_.report_each_step || seconds_since(shown) >= 0.05;
    if (!reported) continue;
    if (report && !report(done, examples, outputs)) return;
    shown = Clock::now();
  }
  if (done == 0) throw Error("[generator] it gives no batch; at least one is needed for a pass.");
  if (options_.steps && done < *options_.steps)
    throw Error(fmt::format("[generator] it ended after {} of {} steps; a pass needs them all.", done,
                            *options_.steps));
  if (!reported && report) report(done, examples, outputs);
}

Program& Pass::program_for(std::int64_t size) {
  const auto found = programs_.find(size);
  if (found != programs_.end()) return found->second;
  return programs_.emplace(size, compile(resident_step(size))).first->second;
}

Computation Pass::resident_step(std::int64_t size) {
  Computation computation = build_(feed_->next(size), size);
  computation.updates.push_back(feed_->advance(size));
  return computation;
}

void Pass::repeat_step() { last_program_->run(last_feeds_); }

Computation Pass::last_step() { return feed_ ? resident_step(last_size_) : build_(last_batch_, last_size_); }

Pass::Streamed& Pass::program_for(const Batch& batch) {
  std::string key;
  for (const Tensor& tensor : tensors_of(batch))
    key += fmt::format("{}{} ", name(tensor.dtype()), to_string(tensor.shape()));
  if (Streamed* found = streamed_.find(key)) return *found;
  const auto placeholder = [](const Tensor& like) { return input("batch", like.shape(), like.dtype()); };
  Batch given;
  for (const Tensor& tensor : batch.inputs) given.inputs.push_back(placeholder(tensor));
  for (const Tensor& tensor : batch.targets) given.targets.push_back(placeholder(tensor));
  if (batch.sample_weight.defined()) given.sample_weight = placeholder(batch.sample_weight);
  Computation computation = build_(given, batch.inputs[0].size(0));
  std::vector<Tensor> roots = computation.outputs;
  for (const Update& update : computation.updates) roots.push_back(update.value);
  const std::vector<const Node*> nodes = topological_order(roots);
  std::unordered_set<const Node*> used(nodes.begin(), nodes.end());
  Program program = compile(std::move(computation));
  const std::size_t bytes = program.describe().size() * bytes_of_character;
  return streamed_.insert(std::move(key), {std::move(given), std::move(used), std::move(program)}, bytes);
}

}  // namespace hekla
