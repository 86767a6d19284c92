// See augmentation_policies.h.
#include "train/layers/augmentation_policies.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/cast.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/random_gamma.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"
#include "train/layers/color_augmentation.h"
#include "train/layers/image_distortion.h"
#include "train/layers/image_filters.h"
#include "train/layers/image_histograms.h"

namespace hekla {

namespace {

// What the layers of a policy take.
struct Strength {
  UnitFactor factor;
  std::pair<double, double> value_range;
  std::string interpolation;
};

std::vector<Layer> geometry_and_histograms(const Strength& strength) {
  const RandomFactor factor(strength.factor.lower, strength.factor.upper);
  const RandomImageOptions image{.interpolation = strength.interpolation};
  const RandomColorOptions color{.value_range = strength.value_range};
  const int bits = std::max(1, static_cast<int>(8 * strength.factor.upper));
  return {RandomShear(strength.factor, strength.factor, image),
          RandomTranslation(factor, factor, image),
          RandomRotation(factor, image),
          RandomPosterization({1, bits}, color),
          Solarization({.addition_factor = strength.factor,
                        .threshold_factor = strength.factor,
                        .value_range = strength.value_range}),
          AutoContrast(color),
          Equalization({.value_range = strength.value_range})};
}

std::vector<Layer> all_changes(const Strength& strength) {
  std::vector<Layer> layers = geometry_and_histograms(strength);
  const RandomColorOptions color{.value_range = strength.value_range};
  layers.emplace_back(RandomBrightness({strength.factor.lower, strength.factor.upper}, color));
  layers.emplace_back(RandomColorDegeneration(strength.factor, color));
  layers.emplace_back(RandomContrast({-strength.factor.lower, strength.factor.upper}, color));
  layers.emplace_back(RandomSharpness(strength.factor, color));
  return layers;
}

// Each image changed by one of the layers, or by none where a choice is left over.
Tensor changed_by_one(const Tensor& images, const std::vector<Layer>& layers, std::size_t choices,
                      const Mode& mode) {
  const Tensor choice =
      cast(random_uniform(one_each(images), mode.next_key(), 0, static_cast<double>(choices)), i32);
  Tensor result = images;
  for (std::size_t i = 0; i < layers.size(); ++i)
    result = where(choice == static_cast<std::int32_t>(i), layers[i](images, mode), result);
  return result;
}

}  // namespace

RandAugment::RandAugment(const RandAugmentOptions& options)
    : num_ops_(options.num_ops), state_(std::make_shared<LayerState>("RandAugment", options.name)) {
  check_factor(*state_, "factor", options.factor);
  check_value_range(*state_, options.value_range);
  if (num_ops_ < 0)
    throw Error(
        fmt::format("[{}] num_ops is {}; it must not be negative.", state_->display_name(), num_ops_));
  layers_ = all_changes({options.factor, options.value_range, options.interpolation});
}

Tensor RandAugment::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_color_images, [&](Tensor images) {
    for (int i = 0; i < num_ops_; ++i) images = changed_by_one(images, layers_, layers_.size(), mode);
    return images;
  });
}

AugMix::AugMix(const AugMixOptions& options)
    : options_(options), state_(std::make_shared<LayerState>("AugMix", options.name)) {
  check_factor(*state_, "factor", options.factor);
  check_value_range(*state_, options.value_range);
  if (options.num_chains < 1 || options.chain_depth < 0)
    throw Error(fmt::format("[{}] {} chains of depth {}; one chain at least is needed, of depth 0 or more.",
                            state_->display_name(), options.num_chains, options.chain_depth));
  if (!(options.alpha > 0))
    throw Error(fmt::format("[{}] alpha is {}; it must be positive.", state_->display_name(), options.alpha));
  const Strength strength{options.factor, options.value_range, options.interpolation};
  layers_ = options.all_ops ? all_changes(strength) : geometry_and_histograms(strength);
}

Tensor AugMix::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_color_images, [&](const Tensor& images) {
    const std::int64_t batch = images.size(0), chains = options_.num_chains;
    // All chains in one batch, so that each layer is called once for each step of them.
    Tensor all = tile(images, {chains, 1, 1, 1});
    for (int i = 0; i < options_.chain_depth; ++i)
      all = changed_by_one(all, layers_, layers_.size() + 1, mode);
    const Tensor weights = random_dirichlet({batch, chains}, mode.next_key(), options_.alpha);
    const Tensor chain = reshape(all, {chains, batch, images.size(1), images.size(2), images.size(3)});
    const Tensor mixed = sum(chain * reshape(transpose(weights), {chains, batch, 1, 1, 1}), {0});
    const Tensor share = random_beta(one_each(images), mode.next_key(), options_.alpha, options_.alpha);
    return clip(share * images + (1 - share) * mixed, options_.value_range.first,
                options_.value_range.second);
  });
}

}  // namespace hekla
