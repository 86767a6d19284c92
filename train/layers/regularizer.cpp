// See regularizer.h.
#include "train/layers/regularizer.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

void check_factor(std::string_view name, double factor) {
  if (!std::isfinite(factor) || factor < 0)
    throw Error(fmt::format("[{}] factor is {}; it must be a finite number, not negative.", name, factor));
}

}  // namespace

Regularizer l1(double factor) {
  check_factor("l1", factor);
  return [factor](const Tensor& weight) { return factor * sum(abs(weight)); };
}

Regularizer l2(double factor) {
  check_factor("l2", factor);
  return [factor](const Tensor& weight) { return factor * sum(square(weight)); };
}

Regularizer l1_l2(double l1, double l2) {
  return [first = hekla::l1(l1), second = hekla::l2(l2)](const Tensor& weight) {
    return first(weight) + second(weight);
  };
}

}  // namespace hekla
