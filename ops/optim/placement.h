// Where Keras and PyTorch differ.
#pragma once

namespace hekla {

/// Where epsilon is added to a square before it divides: sqrt(v + epsilon) as Keras does, or sqrt(v) +
/// epsilon as PyTorch and ONNX.
enum class EpsilonPlacement { inside_root, outside_root };

/// Whether momentum gathers steps (the learning rate is in them, as Keras does) or gradients, which the
/// learning rate of the moment multiplies, as PyTorch does. The same unless the rate changes.
enum class LearningRatePlacement { before_momentum, after_momentum };

}  // namespace hekla
