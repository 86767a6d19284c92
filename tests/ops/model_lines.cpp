// check_op lines: the parts of models, and small whole models.
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/loss.h"
#include "ops/matmul.h"
#include "ops/optim/sgd.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/ops/lines.h"
#include "train/layers/activation_function.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape, double low = -2, double high = 2) {
  return {.shape = shape, .low = low, .high = high};
}
Operand labels(const Shape& shape, double high, DType dtype = i32) { return {shape, 0, high, dtype}; }

Tensor rectified(const Tensors& x) { return relu(x[0]); }
Tensor cross_entropy(const Tensors& x) { return sparse_categorical_crossentropy_from_logits(x[0], x[1]); }
Tensor accuracy(const Tensors& x) { return sparse_categorical_accuracy(x[0], x[1]); }

Function soft(int axis) {
  return [=](const Tensors& x) { return softmax(x[0], axis); };
}
Function log_soft(int axis) {
  return [=](const Tensors& x) { return log_softmax(x[0], axis); };
}

// All new values of one step: of the weights and of the optimizer's state.
Function sgd_step(const SgdOptions& options) {
  return [=](const Tensors& x) {
    SGD optimizer(options);
    std::vector<Tensor> values;
    for (const Update& update :
         optimizer.step(std::vector<Tensor>{x[0], x[1]}, std::vector<Tensor>{x[2], x[3]})) {
      if (update.value.dtype() == f32) values.push_back(reshape(update.value, {-1}));
    }
    return concat(values, 0);
  };
}

Tensor dense(const Tensors& x, const ActivationFunction& activation) {
  return activation(matmul(x[0], x[1]) + x[2]);
}

Tensor mlp_loss(const Tensors& x) {
  const Tensor hidden = sigmoid(matmul(x[1], x[2]) + x[3]);
  return sparse_categorical_crossentropy_from_logits(x[0], matmul(hidden, x[4]) + x[5]);
}

}  // namespace

std::vector<Line> model_lines() {
  const std::vector<Operand> weights_and_gradients{numbers({3, 2}), numbers({2}), numbers({3, 2}),
                                                   numbers({2})};
  return {
      {"relu", rectified, {numbers({3, 4})}},
      {"relu at 0", rectified, {numbers({12}, -1, 1)}, ties},
      {"softmax", soft(-1), {numbers({3, 4})}},
      {"softmax axis 0", soft(0), {numbers({3, 4})}},
      {"softmax of ties", soft(-1), {numbers({5, 4}, -1, 1)}, ties},
      {"softmax of large numbers", soft(-1), {numbers({3, 4}, -500, 500)}},
      {"softmax of one element", soft(0), {numbers({1})}},
      {"softmax of a long row", soft(1), {numbers({2, 700})}},
      {"glu", [](const Tensors& x) { return glu(x[0]); }, {numbers({3, 4})}},
      {"glu axis 0", [](const Tensors& x) { return glu(x[0], 0); }, {numbers({4, 3})}},
      {"log_softmax", log_soft(-1), {numbers({3, 4})}},
      {"log_softmax axis 1 of 3", log_soft(1), {numbers({2, 3, 2})}},
      {"log_softmax of large numbers", log_soft(-1), {numbers({3, 4}, -500, 500)}},
      {"sparse_categorical_crossentropy_from_logits", cross_entropy, {labels({5}, 3), numbers({5, 4})}},
      {"sparse_categorical_crossentropy_from_logits u8",
       cross_entropy,
       {labels({5}, 3, u8), numbers({5, 4})}},
      {"sparse_categorical_crossentropy_from_logits rank 0", cross_entropy, {labels({}, 3), numbers({4})}},
      {"sparse_categorical_crossentropy_from_logits rank 3",
       cross_entropy,
       {labels({2, 3}, 3), numbers({2, 3, 4})}},
      {"sparse_categorical_accuracy", accuracy, {labels({50}, 3), numbers({50, 4})}, no_derivatives},
      {"dense",
       [](const Tensors& x) { return dense(x, {}); },
       {numbers({5, 3}), numbers({3, 4}), numbers({4})}},
      {"dense relu",
       [](const Tensors& x) { return dense(x, relu); },
       {numbers({5, 3}), numbers({3, 4}), numbers({4})}},
      {"dense of rank 3",
       [](const Tensors& x) { return dense(x, tanh); },
       {numbers({2, 5, 3}), numbers({3, 4}), numbers({4})}},
      {"sgd", sgd_step({.learning_rate = 0.5}), weights_and_gradients},
      {"sgd momentum", sgd_step({.learning_rate = 0.5, .momentum = 0.9}), weights_and_gradients},
      {"sgd nesterov", sgd_step({.learning_rate = 0.5, .momentum = 0.9, .nesterov = true}),
       weights_and_gradients},
      {"a multilayer perceptron",
       mlp_loss,
       {labels({6}, 3), numbers({6, 5}), numbers({5, 7}), numbers({7}), numbers({7, 4}), numbers({4})}},
      {"a variance",
       [](const Tensors& x) {
         const Tensor centred = x[0] - mean(x[0], {1}, KeepDims::yes);
         return centred / sqrt(mean(square(centred), {1}, KeepDims::yes) + 1e-3);
       },
       {numbers({3, 6})}},
      {"a cube of a product",
       [](const Tensors& x) { return sum(pow(tanh(matmul(x[0], x[1])), 3)); },
       {numbers({4, 3}), numbers({3, 5})}},
  };
}

}  // namespace hekla::testing
