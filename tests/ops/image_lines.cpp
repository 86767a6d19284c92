// check_op lines: patches of images.
#include "ops/elementwise.h"
#include "ops/nn/patches.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

using Unary = std::function<Tensor(const Tensor&)>;

// Of a function that is linear in x, between two that are not, so that second derivatives are not zero.
Line linear(const std::string& name, const Shape& shape, const Unary& function) {
  return {name, [=](const Tensors& x) { return square(function(exp(x[0]))); }, {{.shape = shape}}};
}

}  // namespace

std::vector<Line> image_lines() {
  return first_order_on_devices({
      linear("pixel_shuffle", {2, 2, 3, 8}, [](const Tensor& x) { return pixel_shuffle(x, 2); }),
      linear("pixel_unshuffle", {2, 6, 3, 2}, [](const Tensor& x) { return pixel_unshuffle(x, 3); }),
      linear("unfold", {1, 5, 4, 2},
             [](const Tensor& x) {
               return unfold(x, {2, 3}, {.strides = {2, 1}, .padding = {1, 0}, .dilation_rate = {2, 1}});
             }),
      linear(
          "fold", {1, 6, 12},
          [](const Tensor& x) {
            return fold(x, {5, 4}, {2, 3}, {.strides = {2, 1}, .padding = {1, 0}, .dilation_rate = {2, 1}});
          }),
  });
}

}  // namespace hekla::testing
