// See running.h.
#include "train/metrics/running.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla {

namespace {

Tensor mean_of(const std::vector<Tensor>& sums) {
  const Tensor count = cast(sums[1], DType::f32);
  return where(count > 0, sums[0] / maximum(count, 1), 0);
}

}  // namespace

std::vector<Update> RunningMetrics::add_loss(const Tensor& loss, std::int64_t count) {
  return add_up("loss", {loss * static_cast<double>(count), constant(static_cast<double>(count), {}, i32)},
                mean_of);
}

std::vector<Update> RunningMetrics::add(const std::string& name, const Metric& metric, const Tensor& targets,
                                        const Tensor& predictions, const Tensor& sample_weight) {
  return add_up(name, metric.measure(targets, predictions, sample_weight),
                [&](const std::vector<Tensor>& sums) { return metric.result(sums); });
}

std::vector<Update> RunningMetrics::add_up(const std::string& name, const std::vector<Tensor>& measured,
                                           const Metric::Result& result) {
  auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == name; });
  if (found == entries_.end()) {
    Entry entry{.name = name};
    for (const Tensor& sum : measured)
      entry.sums.push_back(variable(zeros(sum.shape(), sum.dtype()), name + "/sum"));
    entry.result = result(entry.sums);
    // In alphabetical order, as Keras shows them.
    found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name > name; });
    found = entries_.insert(found, std::move(entry));
    program_.reset();
  }
  const auto fits = [](const Tensor& sum, const Tensor& more) {
    return more.defined() && more.shape() == sum.shape() && more.dtype() == sum.dtype();
  };
  if (!std::ranges::equal(found->sums, measured, fits))
    throw Error(fmt::format(
        "[metric] '{}' adds other shapes or dtypes with one batch than with another; what it adds "
        "must not depend on the size of the batch.",
        name));
  std::vector<Update> updates;
  for (std::size_t i = 0; i < measured.size(); ++i)
    updates.push_back({found->sums[i], found->sums[i] + measured[i]});
  return updates;
}

std::vector<Update> RunningMetrics::reset() const {
  std::vector<Update> updates;
  for (const Entry& entry : entries_) {
    for (const Tensor& sum : entry.sums) updates.push_back({sum, zeros_like(sum)});
  }
  return updates;
}

Logs RunningMetrics::read() {
  if (entries_.empty()) return {};
  if (!program_) {
    Computation results;
    for (const Entry& entry : entries_) results.outputs.push_back(entry.result);
    program_ = std::make_unique<Program>(compile(std::move(results)));
  }
  const std::vector<Tensor> results = program_->run();
  Logs logs;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (results[i].rank() == 0)
      logs.set(entries_[i].name, results[i].item<double>());
    else
      logs.tensors[entries_[i].name] = results[i];
  }
  return logs;
}

}  // namespace hekla
