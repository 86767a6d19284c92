// check_op lines: patches of images, pooling into bins and of powers, resizing and sampling.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/nn/adaptive_pooling.h"
#include "ops/nn/patches.h"
#include "ops/nn/pooling.h"
#include "ops/nn/resize.h"
#include "ops/nn/unpooling.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

using Unary = std::function<Tensor(const Tensor&)>;

// Of a function that is linear in x, between two that are not, so that second derivatives are not zero.
Line linear(const std::string& name, const Shape& shape, const Unary& function) {
  return {name, [=](const Tensors& x) { return square(function(exp(x[0]))); }, {{.shape = shape}}};
}

Line resized(const std::string& name, const ResizeOptions& options) {
  return linear(name, {1, 3, 4, 2}, [=](const Tensor& x) { return resize(x, {5, 2}, options); });
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
      linear("adaptive_average_pool1d", {2, 5, 2},
             [](const Tensor& x) { return adaptive_average_pool1d(x, {3}); }),
      linear("adaptive_average_pool2d", {1, 5, 4, 2},
             [](const Tensor& x) {
               return adaptive_average_pool2d(x, {3, 2});
             }),
      linear("adaptive_max_pool1d", {2, 5, 2}, [](const Tensor& x) { return adaptive_max_pool1d(x, {3}); }),
      linear("adaptive_max_pool2d", {1, 5, 4, 2},
             [](const Tensor& x) {
               return adaptive_max_pool2d(x, {3, 2});
             }),
      linear("adaptive_average_pool3d", {1, 3, 4, 2, 2},
             [](const Tensor& x) {
               return adaptive_average_pool3d(x, {2, 3, 1});
             }),
      linear("adaptive_max_pool3d", {1, 3, 4, 2, 2},
             [](const Tensor& x) {
               return adaptive_max_pool3d(x, {2, 3, 1});
             }),
      {"adaptive_max_pool2d of ties",
       [](const Tensors& x) {
         return adaptive_max_pool2d(x[0], {3, 3});
       },
       {{.shape = {1, 4, 5, 2}}},
       ties},
      linear("max_pool1d_with_indices", {2, 6, 2},
             [](const Tensor& x) { return max_pool1d_with_indices(x, {3}).values; }),
      linear("max_pool2d_with_indices", {1, 4, 4, 2},
             [](const Tensor& x) {
               return max_pool2d_with_indices(x, {3}, {.strides = {2}, .padding = PaddingMode::same}).values;
             }),
      linear("max_pool3d_with_indices", {1, 2, 2, 4, 2},
             [](const Tensor& x) { return max_pool3d_with_indices(x).values; }),
      linear("max_unpool1d", {2, 3, 2},
             [](const Tensor& x) { return max_unpool1d(x, iota(x.shape(), 1) * 2 + 1); }),
      linear(
          "max_unpool2d", {1, 2, 2, 2},
          [](const Tensor& x) { return max_unpool2d(x, iota(x.shape(), 1) * 8 + iota(x.shape(), 2) * 3); }),
      linear(
          "max_unpool3d", {1, 1, 2, 2, 2},
          [](const Tensor& x) { return max_unpool3d(x, iota(x.shape(), 2) * 16 + iota(x.shape(), 3) * 3); }),
      {"lp_pool1d",
       [](const Tensors& x) { return lp_pool1d(x[0], 2.5); },
       {{.shape = {2, 6, 2}, .low = 0.1}}},
      {"lp_pool2d",
       [](const Tensors& x) {
         return lp_pool2d(x[0], 2, {2}, {.strides = {1}, .padding = PaddingMode::same});
       },
       {{.shape = {1, 4, 3, 2}}}},
      resized("resize nearest", {.method = ResizeMethod::nearest}),
      resized("resize bilinear", {}),
      resized("resize bicubic", {.method = ResizeMethod::bicubic, .align_corners = true}),
      // Its kinks are where a place is a pixel's center: at whole numbers here, where operands are not.
      {"grid_sample",
       [](const Tensors& x) { return grid_sample(x[0], x[1], true); },
       {{.shape = {2, 3, 3, 2}}, {.shape = {2, 2, 3, 2}, .low = -1.4, .high = 1.4}}},
  });
}

}  // namespace hekla::testing
