// See dataset.h.
#include "train/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"

namespace hekla {

namespace {

void check_examples(const Tensor& tensor, std::string_view what, std::int64_t count) {
  if (!tensor.defined()) throw Error(fmt::format("[dataset] {} is an empty tensor.", what));
  if (tensor.rank() < 1)
    throw Error(
        fmt::format("[dataset] {} is {}; its first axis counts the examples.", what, describe(tensor)));
  if (tensor.size(0) != count)
    throw Error(fmt::format("[dataset] {} is {}, but there are {} examples of the first input.", what,
                            describe(tensor), count));
}

void check_sample_weight(const Tensor& weight, std::int64_t count) {
  if (!weight.defined() || !(weight.shape() == Shape{count}) || weight.dtype() != DType::f32)
    throw Error(fmt::format("[dataset] sample_weight is {}; f32[{}], a number for each example, is needed.",
                            weight.defined() ? describe(weight) : "an empty tensor", count));
}

}  // namespace

std::vector<Tensor> tensors_of(const Batch& batch) {
  std::vector<Tensor> all = batch.inputs;
  all.insert(all.end(), batch.targets.begin(), batch.targets.end());
  if (batch.sample_weight.defined()) all.push_back(batch.sample_weight);
  return all;
}

struct Dataset::Ranges {
  std::mutex mutex;  // copies of a data set may be used by several threads
  std::map<const Node*, LabelRange> known;
};

Dataset::Dataset(const Tensor& inputs, const Tensor& targets, const Tensor& sample_weight)
    : Dataset(std::vector<Tensor>{inputs}, std::vector<Tensor>{targets}, sample_weight) {}

Dataset::Dataset(std::vector<Tensor> inputs, std::vector<Tensor> targets, const Tensor& sample_weight)
    : inputs_(std::move(inputs)),
      targets_(std::move(targets)),
      sample_weight_(sample_weight),
      ranges_(std::make_shared<Ranges>()) {
  if (inputs_.empty()) throw Error("[dataset] no inputs; at least one tensor of examples is needed.");
  check_examples(inputs_[0], "the first input",
                 inputs_[0].defined() && inputs_[0].rank() > 0 ? inputs_[0].size(0) : 0);
  const std::int64_t count = inputs_[0].size(0);
  if (count == 0)
    throw Error(fmt::format("[dataset] the first input is {}; there is no example.", describe(inputs_[0])));
  if (count > std::numeric_limits<std::int32_t>::max())
    throw Error(fmt::format("[dataset] {} examples; at most 2^31 - 1 can be told apart.", count));
  for (const Tensor& input : inputs_) check_examples(input, "an input", count);
  for (const Tensor& target : targets_) check_examples(target, "a target", count);
  if (sample_weight_.defined()) check_sample_weight(sample_weight_, count);
}

Dataset Dataset::from_generator(std::function<BatchSource()> open, std::size_t ahead) {
  if (!open) throw Error("[dataset] the generator is an empty function.");
  Dataset made;
  made.open_ = std::move(open);
  made.ahead_ = std::max<std::size_t>(ahead, 1);
  return made;
}

std::int64_t Dataset::size() const {
  if (is_generated()) throw Error("[dataset] how many examples a generator makes is not known beforehand.");
  return picked_ ? static_cast<std::int64_t>(picked_->size()) : inputs_[0].size(0);
}

Dataset Dataset::pick(const std::vector<std::int32_t>& positions) const {
  const std::int64_t count = size();
  if (positions.empty()) throw Error("[dataset] no positions; at least one example is needed.");
  std::vector<std::int32_t> picked;
  picked.reserve(positions.size());
  for (const std::int32_t position : positions) {
    if (position < 0 || position >= count)
      throw Error(fmt::format("[dataset] position {} of {} examples; positions run from 0 to {}.", position,
                              count, count - 1));
    picked.push_back(picked_ ? (*picked_)[static_cast<std::size_t>(position)] : position);
  }
  Dataset made = *this;
  made.picked_ = std::make_shared<const std::vector<std::int32_t>>(std::move(picked));
  return made;
}

Dataset Dataset::slice(std::int64_t begin, std::int64_t end) const {
  if (begin < 0 || begin >= end || end > size())
    throw Error(fmt::format("[dataset] examples {} to {} of {}; 0 <= begin < end <= {} is needed.", begin,
                            end, size(), size()));
  std::vector<std::int32_t> positions(static_cast<std::size_t>(end - begin));
  std::iota(positions.begin(), positions.end(), static_cast<std::int32_t>(begin));
  return pick(positions);
}

Dataset Dataset::take(std::int64_t count) const { return slice(0, std::min(count, size())); }

Dataset Dataset::with_sample_weight(const Tensor& sample_weight) const {
  check_sample_weight(sample_weight, size());
  Dataset made = *this;
  made.sample_weight_ = sample_weight;
  if (picked_) {
    // sample_weight_ covers all examples of the tensors; those that are not picked get 0, which is never
    // read.
    const std::vector<float> given = sample_weight.to_vector();
    std::vector<float> all(static_cast<std::size_t>(inputs_[0].size(0)));
    for (std::size_t i = 0; i < given.size(); ++i) all[static_cast<std::size_t>((*picked_)[i])] = given[i];
    made.sample_weight_ = tensor(all);
  }
  return made;
}

Dataset Dataset::map(Layer layer) const {
  Dataset made = map_batch([layer = std::move(layer)](const Batch& batch, const Mode& mode) {
    Batch result = batch;
    result.inputs = layer(batch.inputs, mode);
    return result;
  });
  made.maps_targets_ = maps_targets_;
  return made;
}

Dataset Dataset::map_targets(Layer layer) const {
  Dataset made = map_batch([layer = std::move(layer)](const Batch& batch, const Mode& mode) {
    Batch result = batch;
    if (!batch.targets.empty()) result.targets = layer(batch.targets, mode);
    return result;
  });
  made.maps_inputs_ = maps_inputs_;
  return made;
}

Dataset Dataset::map_batch(std::function<Batch(const Batch&, const Mode&)> function) const {
  if (!function) throw Error("[dataset] the function of a map is empty.");
  Dataset made = *this;
  made.maps_.push_back(std::move(function));
  made.maps_inputs_ = made.maps_targets_ = true;
  return made;
}

LabelRange Dataset::range_of(const Tensor& elements) const {
  const std::lock_guard lock(ranges_->mutex);
  const auto found = ranges_->known.find(elements.get());
  if (found != ranges_->known.end()) return found->second;
  return ranges_->known[elements.get()] = label_range(elements);
}

Batch Dataset::mapped(Batch batch, const Mode& mode) const {
  const Walk walk(mode);
  for (const auto& map : maps_) batch = map(batch, mode);
  return batch;
}

}  // namespace hekla
