// Mixing examples with each other, in training only: functions for Dataset::map_batch, as the targets change, too.
//
//     auto data = train.map_targets([](const hk::Tensor& y) { return hk::one_hot(y, 10); }).map_batch(hk::MixUp());
#pragma once

#include <string>

#include "train/data/dataset.h"
#include "train/layers/augmentation.h"

namespace hekla {

/// What MixUp takes, with Keras's names and defaults.
struct MixUpOptions {
  double alpha = 0.2;
};

/// Mixes each example with another one of its batch: w x + (1 - w) x', and the targets and sample weights likewise, with w
/// drawn from the distribution Beta(alpha, alpha). Throws hekla::Error where alpha is not positive; at a call on targets
/// that are labels, which have no mean. (keras.layers.MixUp; Zhang, Cisse, Dauphin, Lopez-Paz: mixup, 2018.)
class MixUp {
 public:
  explicit MixUp(const MixUpOptions& options = {});
  Batch operator()(const Batch& batch, const Mode& mode) const;

 private:
  double alpha_;
};

/// What CutMix takes, with Keras's names and defaults.
struct CutMixOptions {
  UnitFactor factor = 1.0;  ///< of it, alpha is drawn for a batch
};

/// Replaces a rectangle of each image by that of another image of its batch. Its sides are sqrt(1 - w) times those of the
/// image with w drawn from Beta(alpha, alpha); targets and sample weights are mixed by the area that is left. Throws
/// hekla::Error where a bound of the factor lies outside [0, 1] or lower is above upper; at a call on inputs that are not
/// images and on targets that are labels. (keras.layers.CutMix; Yun and others: CutMix, 2019.)
class CutMix {
 public:
  explicit CutMix(const CutMixOptions& options = {});
  Batch operator()(const Batch& batch, const Mode& mode) const;

 private:
  UnitFactor factor_;
};

}  // namespace hekla
