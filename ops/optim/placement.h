// Choices in which Keras and PyTorch differ.
#pragma once

namespace hekla {

/// Where epsilon is added in the denominator: sqrt(v + epsilon) as in Keras, or sqrt(v) + epsilon as in
/// PyTorch and ONNX.
enum class EpsilonPlacement { inside_root, outside_root };

/// What momentum accumulates: steps, which include the learning rate, as in Keras; or gradients, to which the
/// current learning rate is applied afterwards, as in PyTorch. Both are the same unless the rate changes.
enum class LearningRatePlacement { before_momentum, after_momentum };

}  // namespace hekla
