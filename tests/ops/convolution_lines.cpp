// check_op lines: convolutions and pooling.
#include "ops/elementwise.h"
#include "ops/nn/convolution.h"
#include "ops/nn/pooling.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

constexpr PaddingMode same = PaddingMode::same;

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -1, .high = 1}; }

using Convolution = Tensor (*)(const Tensor&, const Tensor&, const ConvOptions&);

Line convolution(const std::string& name, Convolution function, const Shape& x, const Shape& kernel,
                 const ConvOptions& options = {}) {
  return {
      name, [=](const Tensors& t) { return function(t[0], t[1], options); }, {numbers(x), numbers(kernel)}};
}

using Pool = Tensor (*)(const Tensor&, const std::vector<std::int64_t>&, const PoolOptions&);

Line pool(const std::string& name, Pool function, const Shape& x, const std::vector<std::int64_t>& size,
          const PoolOptions& options = {}, const CheckOptions& check = {}) {
  return {name, [=](const Tensors& t) { return function(t[0], size, options); }, {numbers(x)}, check};
}

}  // namespace

std::vector<Line> convolution_lines() {
  return first_order_on_devices({
      convolution("conv1d", conv1d, {2, 7, 3}, {3, 3, 4}),
      convolution("conv1d same", conv1d, {2, 6, 2}, {4, 2, 3}, {.padding = same}),
      convolution("conv1d strides larger than the kernel", conv1d, {2, 9, 2}, {2, 2, 2}, {.strides = {3}}),
      convolution("conv1d same, strides larger than the kernel", conv1d, {1, 7, 2}, {2, 2, 2},
                  {.strides = {4}, .padding = same}),
      convolution("conv1d dilation", conv1d, {2, 8, 2}, {3, 2, 2}, {.dilation_rate = {3}}),
      convolution("conv1d causal", conv1d, {2, 6, 2}, {3, 2, 3},
                  {.padding = PaddingMode::causal, .dilation_rate = {2}}),
      convolution("conv1d of no samples", conv1d, {0, 5, 2}, {3, 2, 2}, {.padding = same}),
      convolution("conv2d", conv2d, {2, 5, 4, 3}, {3, 2, 3, 5}),
      convolution("conv2d same", conv2d, {2, 4, 5, 2}, {3, 3, 2, 3}, {.padding = same}),
      convolution("conv2d strides same", conv2d, {2, 5, 6, 2}, {3, 3, 2, 3},
                  {.strides = {2}, .padding = same}),
      convolution("conv2d strides and dilation of their own", conv2d, {1, 7, 6, 2}, {2, 3, 2, 2},
                  {.strides = {2, 1}, .dilation_rate = {3, 2}}),
      convolution("conv2d groups", conv2d, {2, 4, 4, 4}, {2, 3, 2, 6}, {.padding = same}),
      convolution("conv2d as many groups as channels", conv2d, {2, 4, 4, 3}, {3, 3, 1, 6}, {.padding = same}),
      convolution("conv2d 1 x 1", conv2d, {2, 3, 3, 4}, {1, 1, 4, 2}),
      convolution("conv2d of one pixel", conv2d, {1, 1, 1, 1}, {3, 3, 1, 1}, {.padding = same}),
      convolution("conv2d as large as the kernel", conv2d, {2, 3, 4, 2}, {3, 4, 2, 1}),
      convolution("conv3d", conv3d, {1, 3, 4, 3, 2}, {2, 2, 2, 2, 2}),
      convolution("conv3d strides same", conv3d, {1, 3, 2, 4, 2}, {2, 3, 2, 2, 1},
                  {.strides = {2}, .padding = same}),
      convolution("conv3d groups", conv3d, {1, 2, 3, 2, 4}, {2, 2, 1, 2, 4}),
      convolution("depthwise_conv1d", depthwise_conv1d, {2, 6, 3}, {3, 3, 2}),
      convolution("depthwise_conv2d", depthwise_conv2d, {2, 5, 4, 3}, {3, 3, 3, 1}, {.padding = same}),
      convolution("depthwise_conv2d multiplier and strides", depthwise_conv2d, {1, 5, 5, 2}, {2, 2, 2, 3},
                  {.strides = {2}}),
      convolution("depthwise_conv2d of many taps", depthwise_conv2d, {1, 10, 10, 2}, {9, 9, 2, 1}),
      convolution("conv_transpose1d", conv_transpose1d, {2, 4, 3}, {3, 2, 3}, {.strides = {2}}),
      convolution("conv_transpose1d strides larger than the kernel", conv_transpose1d, {2, 3, 2}, {2, 2, 2},
                  {.strides = {3}}),
      convolution("conv_transpose1d dilation", conv_transpose1d, {1, 4, 2}, {3, 2, 2},
                  {.dilation_rate = {2}}),
      convolution("conv_transpose2d same", conv_transpose2d, {2, 3, 2, 2}, {3, 3, 3, 2},
                  {.strides = {2}, .padding = same}),
      convolution("conv_transpose2d", conv_transpose2d, {1, 2, 3, 2}, {2, 3, 2, 2}, {.strides = {1, 2}}),
      convolution("conv_transpose2d of one pixel", conv_transpose2d, {1, 1, 1, 3}, {2, 2, 2, 3}),
      convolution("conv_transpose3d", conv_transpose3d, {1, 2, 2, 2, 2}, {2, 2, 2, 1, 2}, {.strides = {2}}),
      {"conv2d with what follows",
       [](const Tensors& x) { return max_pool2d(tanh(conv2d(x[0], x[1], {.padding = same}) + x[2])); },
       {numbers({2, 4, 4, 2}), numbers({3, 3, 2, 3}), numbers({3})}},
      pool("max_pool1d", max_pool1d, {2, 6, 3}, {2}),
      pool("max_pool2d", max_pool2d, {2, 4, 6, 3}, {2}),
      pool("max_pool2d overlapping same", max_pool2d, {2, 5, 5, 2}, {3}, {.strides = {2}, .padding = same}),
      pool("max_pool2d strides larger than the window", max_pool2d, {1, 7, 7, 2}, {2, 1},
           {.strides = {3, 2}}),
      pool("max_pool2d of ties", max_pool2d, {2, 4, 4, 2}, {2}, {}, ties),
      pool("max_pool3d", max_pool3d, {1, 4, 2, 4, 2}, {2}),
      pool("average_pool1d", average_pool1d, {2, 6, 3}, {3}, {.strides = {1}}),
      pool("average_pool2d", average_pool2d, {2, 4, 6, 3}, {2, 3}),
      pool("average_pool2d same", average_pool2d, {2, 5, 5, 2}, {3}, {.strides = {2}, .padding = same}),
      pool("average_pool3d same", average_pool3d, {1, 3, 2, 3, 2}, {2}, {.padding = same}),
      {"global_max_pool", [](const Tensors& x) { return global_max_pool(x[0]); }, {numbers({2, 3, 4, 3})}},
      {"global_average_pool",
       [](const Tensors& x) { return global_average_pool(x[0], KeepDims::yes); },
       {numbers({2, 3, 4, 3})}},
  });
}

}  // namespace hekla::testing
