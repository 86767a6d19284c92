// Random numbers of the gamma, beta and Dirichlet distributions.
#pragma once

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

/// f32, distributed as Gamma(alpha, 1): density x^(alpha - 1) exp(-x) / Gamma(alpha). `alpha` is a positive number, or an
/// f32 tensor that broadcasts to `shape`; NaN where it is not positive. Eight tries of rejection, all of which fail once
/// in 10^10 numbers; then the mean is taken. Gradients do not reach alpha. (keras.random.gamma; Marsaglia, Tsang: A Simple
/// Method for Generating Gamma Variables, 2000.)
Tensor random_gamma(const Shape& shape, const RandomKey& key, const Tensor& alpha);

/// f32 in [0, 1], distributed as Beta(alpha, beta): density proportional to x^(alpha - 1) (1 - x)^(beta - 1). Both are as
/// random_gamma's alpha. (keras.random.beta.)
Tensor random_beta(const Shape& shape, const RandomKey& key, const Tensor& alpha, const Tensor& beta);

/// f32, not negative with sum 1 along the last axis, distributed as Dirichlet(alpha): density proportional to the product
/// of x_i^(alpha_i - 1). alpha is as random_gamma's. (torch.distributions.Dirichlet.)
Tensor random_dirichlet(const Shape& shape, const RandomKey& key, const Tensor& alpha);

}  // namespace hekla
