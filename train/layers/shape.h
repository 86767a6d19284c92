// Layers without weights that change the shape of a tensor or the scale of its elements.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "train/layers/layer.h"

namespace hekla {

/// What layers without other options take, with Keras's names and defaults.
struct LayerOptions {
  std::string name = {};
};

/// Declares the input shape at the start of a Sequential model, so that all shapes are known before it sees
/// data; returns its input. Throws hekla::Error at a call when x is not [batch, shape]. (keras.layers.Input.)
class Input {
 public:
  explicit Input(const Shape& shape, DType dtype = DType::f32) : shape_(shape), dtype_(dtype) {}
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  Tensor placeholder() const { return batch_placeholder(shape_, dtype_); }

 private:
  Shape shape_;
  DType dtype_;
};

/// [batch, ..] to [batch, the product of the others], in row-major order. (keras.layers.Flatten.)
class Flatten {
 public:
  explicit Flatten(const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::shared_ptr<LayerState> state_;
};

/// [batch, ..] to [batch, shape]; one size may be -1 and is inferred from the others. (keras.layers.Reshape.)
class Reshape {
 public:
  explicit Reshape(std::vector<std::int64_t> shape, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::vector<std::int64_t> shape_;
  std::shared_ptr<LayerState> state_;
};

/// The axes of each example in another order: axis i of the result is axis dims[i - 1] of x; the batch is axis 0 and
/// stays. Permute({2, 1}) makes [batch, b, a] of [batch, a, b]. (keras.layers.Permute.)
class Permute {
 public:
  /// Throws hekla::Error unless `dims` holds each of 1, 2, .., n once.
  explicit Permute(std::vector<int> dims, const LayerOptions& options = {});
  /// Throws hekla::Error when x has another rank.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::vector<int> dims_;
  std::shared_ptr<LayerState> state_;
};

/// [batch, features] to [batch, n, features], the same at each of the n times. (keras.layers.RepeatVector.)
class RepeatVector {
 public:
  /// Throws hekla::Error unless n is positive.
  explicit RepeatVector(std::int64_t n, const LayerOptions& options = {});
  /// Throws hekla::Error when x has another rank.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::int64_t n_;
  std::shared_ptr<LayerState> state_;
};

/// Returns x with its mask. (keras.layers.Identity.)
class Identity {
 public:
  explicit Identity(const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::shared_ptr<LayerState> state_;
};

/// x * scale + offset as f32: Rescaling(1.0 / 255) makes [0, 1] of bytes. (keras.layers.Rescaling.)
class Rescaling {
 public:
  explicit Rescaling(double scale, double offset = 0, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double scale_, offset_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
