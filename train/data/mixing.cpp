// See mixing.h.
#include "train/data/mixing.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/gather.h"
#include "ops/random_gamma.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"

namespace hekla {

namespace {

// w x + (1 - w) x[partners], w being [batch].
Tensor mixed(const Tensor& x, const Tensor& weight, const Tensor& partners) {
  const Tensor numbers = as_float(x), w = reshape(weight, one_each(x));
  return w * numbers + (1 - w) * gather(numbers, partners);
}

// Mixes what belongs to the inputs of a batch.
void mix_targets(std::string_view layer, Batch& batch, const Tensor& weight, const Tensor& partners) {
  for (Tensor& target : batch.targets) {
    if (!is_float(target.dtype()))
      throw Error(
          fmt::format("[{}] the targets are {}; labels have no mean, so make them f32 before, for example by "
                      "hk::one_hot.",
                      layer, describe(target)));
    target = mixed(target, weight, partners);
  }
  if (batch.sample_weight.defined()) batch.sample_weight = mixed(batch.sample_weight, weight, partners);
}

}  // namespace

MixUp::MixUp(const MixUpOptions& options) : alpha_(options.alpha) {
  if (!(alpha_ > 0)) throw Error(fmt::format("[mix_up] alpha is {}; it must be positive.", alpha_));
}

Batch MixUp::operator()(const Batch& batch, const Mode& mode) const {
  if (!mode.is_training()) return batch;
  const std::int64_t size = batch.inputs[0].size(0);
  const Tensor partners = random_permutation(size, mode.next_key());
  const Tensor weight = random_beta({size}, mode.next_key(), alpha_, alpha_);
  Batch result = batch;
  for (Tensor& input : result.inputs) input = mixed(input, weight, partners);
  mix_targets("mix_up", result, weight, partners);
  return result;
}

CutMix::CutMix(const CutMixOptions& options) : factor_(options.factor) {
  check_factor(LayerState("CutMix", ""), "factor", factor_);
}

Batch CutMix::operator()(const Batch& batch, const Mode& mode) const {
  if (!mode.is_training()) return batch;
  const std::int64_t size = batch.inputs[0].size(0);
  const Tensor partners = random_permutation(size, mode.next_key());
  const Tensor alpha = random_uniform({}, mode.next_key(), factor_.lower, factor_.upper) + 1e-6;
  const Tensor weight = random_beta({size}, mode.next_key(), alpha, alpha), side = sqrt(1 - weight);
  const RandomKey rows = mode.next_key(), columns = mode.next_key();
  Batch result = batch;
  for (Tensor& input : result.inputs) {
    check_images(LayerState("CutMix", "cut_mix"), input);
    const Tensor images = as_float(input);
    const Tensor is_replaced = random_interval(images, height_axis, side, rows) &&
                               random_interval(images, width_axis, side, columns);
    input = where(is_replaced, gather(images, partners), images);
  }
  mix_targets("cut_mix", result, weight, partners);
  return result;
}

}  // namespace hekla
