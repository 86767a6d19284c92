// Policies: several random layers for images, of which each image meets a few. In training only, for images [batch,
// height, width, 3]. The layers throw hekla::Error at a call on another shape.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/layers/augmentation.h"

namespace hekla {

/// What RandAugment takes, with Keras's names and defaults.
struct RandAugmentOptions {
  std::string name = {};
  std::pair<double, double> value_range = {0, 255};
  int num_ops = 2;
  UnitFactor factor = 0.5;                 ///< the strength of each change
  std::string interpolation = "bilinear";  ///< or "nearest"
};

/// Changes each image num_ops times, each time by one of RandomShear, RandomTranslation, RandomRotation,
/// RandomBrightness, RandomColorDegeneration, RandomContrast, RandomSharpness, RandomPosterization, Solarization,
/// AutoContrast and Equalization. All of them are computed and one is taken, for each image another. (keras.layers.RandAugment,
/// which takes the same for a batch; Cubuk, Zoph, Shlens, Le: RandAugment, 2020.)
class RandAugment {
 public:
  /// Throws hekla::Error where num_ops is negative, and as these layers do.
  explicit RandAugment(const RandAugmentOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  int num_ops_;
  std::vector<Layer> layers_;
  std::shared_ptr<LayerState> state_;
};

/// What AugMix takes, with Keras's names and defaults.
struct AugMixOptions {
  std::string name = {};
  std::pair<double, double> value_range = {0, 255};
  int num_chains = 3;
  int chain_depth = 3;
  UnitFactor factor = 0.3;                 ///< the strength of each change
  double alpha = 1;                        ///< of the distributions that weights are drawn from
  bool all_ops = true;                     ///< with changes of brightness, color, contrast and sharpness
  std::string interpolation = "bilinear";  ///< or "nearest"
};

/// w x + (1 - w) sum of w_i chain_i(x), clipped: num_chains chains, each of chain_depth changes as those of RandAugment or
/// none, with weights w_i drawn from a Dirichlet distribution and w from Beta(alpha, alpha). All changes are computed and
/// one is taken, for each image another. (keras.layers.AugMix, which takes the same for a batch; Hendrycks and others:
/// AugMix, 2020.)
class AugMix {
 public:
  /// Throws hekla::Error unless num_chains and alpha are positive and chain_depth is not negative, and as these layers do.
  explicit AugMix(const AugMixOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  AugMixOptions options_;
  std::vector<Layer> layers_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
