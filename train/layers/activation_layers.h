// Activations with options or weights, each as a layer. Bytes and integers are taken as f32. All pass on the mask of
// times of x (see Mode::set_mask).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// What ReLU takes, with Keras's names and defaults.
struct ReLUOptions {
  std::string name = {};
  std::optional<double> max_value = {};
  double negative_slope = 0;
  double threshold = 0;
};

/// x above the threshold, but at most max_value; negative_slope * (x - threshold) elsewhere. The gradient at the
/// threshold is negative_slope and that at max_value 0. (keras.layers.ReLU.)
class ReLU {
 public:
  /// Throws hekla::Error on a number that is negative.
  explicit ReLU(const ReLUOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  ReLUOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// x above 0, negative_slope * x elsewhere. (keras.layers.LeakyReLU, whose slope is another than that of
/// hk::leaky_relu.)
class LeakyReLU {
 public:
  /// Throws hekla::Error when the slope is negative.
  explicit LeakyReLU(double negative_slope = 0.3, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double negative_slope_;
  std::shared_ptr<LayerState> state_;
};

/// x above 0, alpha * (e^x - 1) elsewhere: see hk::elu. (keras.layers.ELU.)
class ELU {
 public:
  explicit ELU(double alpha = 1, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double alpha_;
  std::shared_ptr<LayerState> state_;
};

/// What PReLU takes, with Keras's names and defaults.
struct PReLUOptions {
  std::string name = {};
  Initializer alpha_initializer = "zeros";
  Regularizer alpha_regularizer = nullptr;
  Constraint alpha_constraint = nullptr;
  std::vector<int> shared_axes = {};  ///< axes of x, from 1, along which alpha is the same: {1, 2} for images
  bool trainable = true;
};

/// x above 0, alpha * x elsewhere, with the weight alpha of the shape of an example and 1 for shared axes.
/// (keras.layers.PReLU; He et al.: Delving Deep into Rectifiers, ICCV 2015.)
class PReLU {
 public:
  explicit PReLU(PReLUOptions options = {});
  /// Throws hekla::Error when x lacks one of the shared axes.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  PReLUOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// e^x / sum of e^x along one axis or over several. A mask, bool of a shape that broadcasts to x's, leaves elements out:
/// they become 0. Without one, that of an x [batch, time] counts (see Mode::set_mask). (keras.layers.Softmax.)
class Softmax {
 public:
  explicit Softmax(int axis = -1, const LayerOptions& options = {})
      : Softmax(std::vector<int>{axis}, options) {}
  explicit Softmax(std::vector<int> axes, const LayerOptions& options = {});
  /// Throws hekla::Error on a mask of another dtype or shape, and on axes that x lacks.
  Tensor operator()(const Tensor& x, const Mode& mode = {}, const Tensor& mask = {}) const;

 private:
  std::vector<int> axes_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
