// Dataset::zip and Dataset::with_targets: data sets side by side.
#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/gather.h"
#include "train/data/dataset.h"

namespace hekla {

namespace {

using Positions = std::shared_ptr<const std::vector<std::int32_t>>;

bool same_positions(const Positions& a, const Positions& b) { return a == b || (a && b && *a == *b); }

// The examples that are picked, in a tensor of their own.
Tensor picked_of(const Tensor& all, const Positions& picked) {
  return picked && all.defined() ? gather(all, tensor(*picked)).detach() : all;
}

std::vector<Tensor> joined(std::vector<Tensor> first, const std::vector<Tensor>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

// Takes the tensors [begin, begin + count) out of a list, or none out of the empty list of a batch without targets.
std::vector<Tensor> part(const std::vector<Tensor>& all, std::size_t begin, std::size_t count) {
  if (all.empty()) return {};
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

Dataset Dataset::zipped(std::string_view caller, const Dataset& a, const Dataset& b, bool as_targets) {
  if (a.is_generated() || b.is_generated())
    throw Error(
        fmt::format("[{}] a generator makes its batches whole; let it make all inputs and targets.", caller));
  if (a.size() != b.size())
    throw Error(
        fmt::format("[{}] {} examples beside {}; each needs its counterpart.", caller, a.size(), b.size()));
  if (a.sample_weight_.defined() && b.sample_weight_.defined())
    throw Error(fmt::format("[{}] both have a sample weight; an example has one.", caller));

  const bool same = same_positions(a.picked_, b.picked_);
  const auto examples = [&](const Dataset& of, const std::vector<Tensor>& tensors) {
    std::vector<Tensor> taken = tensors;
    if (!same)
      for (Tensor& each : taken) each = picked_of(each, of.picked_);
    return taken;
  };
  const Dataset& weighted = a.sample_weight_.defined() ? a : b;
  const std::vector<Tensor> of_b = examples(b, b.inputs_);
  const std::vector<Tensor> inputs =
      joined(examples(a, a.inputs_), as_targets ? std::vector<Tensor>() : of_b);
  const std::vector<Tensor> targets =
      joined(examples(a, a.targets_), as_targets ? of_b : examples(b, b.targets_));
  Dataset made(inputs, targets, examples(weighted, {weighted.sample_weight_})[0]);
  if (same) made.picked_ = a.picked_;
  if (a.maps_.empty() && b.maps_.empty()) return made;

  const std::size_t inputs_of_a = a.inputs_.size(), targets_of_a = a.targets_.size();
  made.maps_.push_back([=](const Batch& batch, const Mode& mode) {
    Batch of_both = a.mapped({part(batch.inputs, 0, inputs_of_a), part(batch.targets, 0, targets_of_a),
                              a.sample_weight_.defined() ? batch.sample_weight : Tensor()},
                             mode);
    // A batch without targets has nothing for the maps of `b` to work on.
    if (as_targets && batch.targets.empty()) return of_both;
    const Batch second =
        b.mapped({as_targets ? part(batch.targets, targets_of_a, b.inputs_.size())
                             : part(batch.inputs, inputs_of_a, b.inputs_.size()),
                  as_targets ? std::vector<Tensor>() : part(batch.targets, targets_of_a, b.targets_.size()),
                  b.sample_weight_.defined() ? batch.sample_weight : Tensor()},
                 mode);
    if (as_targets) {
      of_both.targets = joined(of_both.targets, second.inputs);
    } else {
      of_both.inputs = joined(of_both.inputs, second.inputs);
      of_both.targets = joined(of_both.targets, second.targets);
    }
    if (b.sample_weight_.defined()) of_both.sample_weight = second.sample_weight;
    return of_both;
  });
  made.maps_inputs_ = a.maps_inputs_ || (b.maps_inputs_ && !as_targets);
  made.maps_targets_ = a.maps_targets_ || (as_targets ? b.maps_inputs_ : b.maps_targets_);
  return made;
}

Dataset Dataset::zip(const Dataset& a, const Dataset& b) { return zipped("zip", a, b, false); }

Dataset Dataset::with_targets(const Dataset& targets) const {
  if (!targets.is_generated() && !targets.targets_.empty())
    throw Error("[with_targets] the targets have targets themselves; hk::Dataset::zip keeps both.");
  return zipped("with_targets", *this, targets, true);
}

}  // namespace hekla
