// A layer whose kernel is kept at a largest singular value of 1.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// A layer with weights that can be called with one tensor.
template <class L>
concept WeightedLayer = std::convertible_to<L, Layer> && requires(const L& layer) {
  { layer.weights() } -> std::convertible_to<std::vector<Tensor>>;
};

/// What SpectralNormalization takes, with Keras's names and defaults.
struct SpectralNormalizationOptions {
  std::string name = {};
  std::int64_t power_iterations = 1;  ///< steps to the largest singular value in each call
};

/// Calls a layer with its kernel, or its embeddings, divided by the largest singular value sigma of the kernel as a matrix
/// [.., the last axis]. In training each call improves an estimate of sigma by power iterations:
///   v = normalized(u kernel^T);  u = normalized(v kernel);  sigma = v kernel u^T
/// and the step replaces the kernel by the divided one before it adds its update, and the weight vector_u [1, size of the
/// last axis], which is not trained, by u. The divided kernel is a constant times the kernel: the update is that of the
/// divided kernel. A kernel of zeros stays. In inference the layer is called as it is. Throws hekla::Error at a call when
/// the layer has neither a kernel nor embeddings. (keras.layers.SpectralNormalization; Miyato et al.: Spectral
/// Normalization for Generative Adversarial Networks, ICLR 2018.)
class SpectralNormalization {
 public:
  /// Throws hekla::Error unless power_iterations is positive.
  template <WeightedLayer L>
  explicit SpectralNormalization(L layer, const SpectralNormalizationOptions& options = {})
      : SpectralNormalization(
            Layer(layer), [layer] { return layer.weights(); }, options) {}

  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// The weights of the layer, then vector_u.
  std::vector<Tensor> weights() const;

 private:
  SpectralNormalization(Layer layer, std::function<std::vector<Tensor>()> weights,
                        const SpectralNormalizationOptions& options);
  Tensor kernel() const;
  void make_weights(const Tensor& x, const Mode& mode) const;
  Tensor divide(const Tensor& weight, const Tensor& start, const Mode& mode) const;

  Layer layer_;
  std::function<std::vector<Tensor>()> inner_weights_;
  std::int64_t power_iterations_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
