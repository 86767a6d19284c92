// Losses.
#include "ops/loss.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

void check_labels(std::string_view op, const Tensor& labels, const Tensor& scores) {
  bool fits = scores.rank() >= 1 && labels.rank() == scores.rank() - 1;
  for (int axis = 0; fits && axis < labels.rank(); ++axis) fits = labels.size(axis) == scores.size(axis);
  if (!fits) {
    throw Error(
        fmt::format("[{}] labels are {} and scores {}; the scores must have the labels' shape and one more "
                    "axis for the classes.",
                    op, describe(labels), describe(scores)));
  }
  if (is_float(labels.dtype()) || labels.dtype() == DType::boolean) {
    throw Error(fmt::format("[{}] labels are {}; they must be integers.", op, describe(labels)));
  }
}

}  // namespace

Tensor sparse_categorical_crossentropy_from_logits(const Tensor& labels, const Tensor& logits) {
  check_labels("sparse_categorical_crossentropy_from_logits", labels, logits);
  return mean(-sum(log_softmax(logits) * one_hot(labels, logits.size(-1)), {-1}));
}

Tensor sparse_categorical_accuracy(const Tensor& labels, const Tensor& scores) {
  check_labels("sparse_categorical_accuracy", labels, scores);
  return mean(cast(equal(argmax(scores), cast(labels, DType::i32)), DType::f32));
}

}  // namespace hekla
