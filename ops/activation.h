// Activations with Keras's definitions and defaults (keras/src/activations); tanh, sigmoid and softplus are
// in exponential.h. All take f32, and all but glu keep the shape. NaN propagates, and relu passes its gradient on at NaN.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// max(x, 0); gradient 0 at 0.
Tensor relu(const Tensor& x);
/// x above 0, negative_slope * x elsewhere. (Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural
/// Network Acoustic Models, ICML 2013.)
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.2);
/// min(max(x, 0), 6); gradient 0 at 0 and at 6.
Tensor relu6(const Tensor& x);
/// x above 0, alpha * (e^x - 1) elsewhere. (Clevert, Unterthiner, Hochreiter: Fast and Accurate Deep Network
/// Learning by Exponential Linear Units, ICLR 2016.)
Tensor elu(const Tensor& x, double alpha = 1);
/// 1.0507009873554805 * elu(x, 1.6732632423543772). (Klambauer et al.: Self-Normalizing Neural Networks,
/// NeurIPS 2017.)
Tensor selu(const Tensor& x);
/// x above 0, alpha * (e^(x / alpha) - 1) elsewhere; alpha is positive. (Barron: Continuously Differentiable
/// Exponential Linear Units, 2017.) Throws hekla::Error when alpha is not positive.
Tensor celu(const Tensor& x, double alpha = 1);
/// x * (1 + erf(x / sqrt(2))) / 2, or with `approximate` x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) /
/// 2. (Hendrycks, Gimpel: Gaussian Error Linear Units, 2016.)
Tensor gelu(const Tensor& x, bool approximate = false);
/// x * sigmoid(x), also called swish.
Tensor silu(const Tensor& x);
/// x * tanh(softplus(x)). (Misra: Mish: A Self Regularized Non-Monotonic Activation Function, BMVC 2020.)
Tensor mish(const Tensor& x);
/// x / (1 + |x|).
Tensor softsign(const Tensor& x);
/// relu6(x + 3) / 6.
Tensor hard_sigmoid(const Tensor& x);
/// x * hard_sigmoid(x). (Howard et al.: Searching for MobileNetV3, ICCV 2019.)
Tensor hard_swish(const Tensor& x);
/// log(sigmoid(x)) = -softplus(-x), which never underflows.
Tensor log_sigmoid(const Tensor& x);
/// a * sigmoid(b), where a and b are the halves of x along `axis`: half as many elements. Throws hekla::Error on an odd
/// number of them. (Dauphin et al.: Language Modeling with Gated Convolutional Networks, ICML 2017.)
Tensor glu(const Tensor& x, int axis = -1);
/// e^x / sum of e^x along `axis`, computed from x minus its maximum so that nothing overflows.
Tensor softmax(const Tensor& x, int axis = -1);
/// log(softmax(x)) = x - max - log(sum(e^(x - max))).
Tensor log_softmax(const Tensor& x, int axis = -1);

}  // namespace hekla
