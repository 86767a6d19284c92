// Initial values of weights, as Keras's initializers (keras/src/initializers). Fans: for a matrix [fan_in,
// fan_out]; for a convolution's kernel [.., inputs, outputs] inputs and outputs, both times the product of
// the leading axes; for a vector [n] both n; for a scalar both 1.
#pragma once

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

enum class Fan { in, out, average };
enum class Distribution { uniform, normal, truncated_normal };

struct VarianceScaling {
  double scale = 1;
  Fan fan = Fan::in;
  Distribution distribution = Distribution::truncated_normal;
};

/// f32 with variance scale / fan: uniform within sqrt(3 scale / fan), normal, or normal truncated at two
/// standard deviations and scaled up so that the variance holds. Throws hekla::Error unless scale is
/// positive.
Tensor variance_scaling(const Shape& shape, const RandomKey& key, const VarianceScaling& options = {});

/// Uniform in [-limit, limit) with limit = sqrt(6 / (fan_in + fan_out)); Keras's default for Dense. (Glorot,
/// Bengio: Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.)
Tensor glorot_uniform(const Shape& shape, const RandomKey& key);
/// Truncated normal with variance 2 / (fan_in + fan_out).
Tensor glorot_normal(const Shape& shape, const RandomKey& key);
/// Uniform in [-limit, limit) with limit = sqrt(6 / fan_in). (He, Zhang, Ren, Sun: Delving Deep into
/// Rectifiers, ICCV 2015.)
Tensor he_uniform(const Shape& shape, const RandomKey& key);
/// Truncated normal with variance 2 / fan_in.
Tensor he_normal(const Shape& shape, const RandomKey& key);
/// Uniform in [-limit, limit) with limit = sqrt(3 / fan_in). (LeCun, Bottou, Orr, Mueller: Efficient
/// BackProp, 1998.)
Tensor lecun_uniform(const Shape& shape, const RandomKey& key);
/// Truncated normal with variance 1 / fan_in.
Tensor lecun_normal(const Shape& shape, const RandomKey& key);

}  // namespace hekla
