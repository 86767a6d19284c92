// check_op lines: every elementwise function and activation of one f32 operand, each over the shapes that are
// error-prone.
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

using Function1 = Tensor (*)(const Tensor&);

struct Unary {
  std::string name;
  Function1 function;
  double low, high;
  bool kinks = false;  // at integers, where derivatives are a convention
};

Tensor leaky(const Tensor& x) { return leaky_relu(x); }
Tensor elu_1(const Tensor& x) { return elu(x); }
Tensor elu_half(const Tensor& x) { return elu(x, 0.5); }
Tensor celu_1(const Tensor& x) { return celu(x); }
Tensor celu_2(const Tensor& x) { return celu(x, 2); }
Tensor gelu_exact(const Tensor& x) { return gelu(x); }
Tensor gelu_tanh(const Tensor& x) { return gelu(x, true); }
Tensor clip_numbers(const Tensor& x) { return clip(x, -1, 1.5); }

const std::vector<Unary>& unaries() {
  static const std::vector<Unary> all{
      {"sqrt", sqrt, 0.1, 4},
      {"rsqrt", rsqrt, 0.3, 4},
      {"square", square, -2, 2},
      {"exp", exp, -3, 3},
      {"expm1", expm1, -3, 3},
      {"expm1 near 0", expm1, -1e-3, 1e-3},
      {"log", log, 0.2, 5},
      {"log near 1", log, 0.999, 1.001},
      {"log1p", log1p, -0.8, 4},
      {"log1p near 0", log1p, -1e-3, 1e-3},
      {"sinh", sinh, -3, 3},
      {"cosh", cosh, -3, 3},
      {"tanh", tanh, -4, 4},
      {"tanh near 0", tanh, -0.5, 0.5},
      {"tanh at the extremes", tanh, -200, 200},
      {"sigmoid", sigmoid, -5, 5},
      {"sigmoid at the extremes", sigmoid, -200, 200},
      {"softplus", softplus, -5, 5},
      {"softplus at the extremes", softplus, -200, 200},
      {"sin", sin, -3, 3},
      {"sin of many turns", sin, -30, 30},
      {"cos", cos, -3, 3},
      {"cos of many turns", cos, -30, 30},
      {"tan", tan, -1.2, 1.2},
      {"asin", asin, -0.9, 0.9},
      {"acos", acos, -0.9, 0.9},
      {"atan", atan, -0.9, 0.9},
      {"atan of large numbers", atan, -50, 50},
      {"erf", erf, -3, 3},
      {"erfinv", erfinv, -0.9, 0.9},
      {"floor", floor, -4, 4, true},
      {"ceil", ceil, -4, 4, true},
      {"round", round, -3.9, 3.9, true},
      {"sign", sign, -2, 2, true},
      {"abs", abs, -2, 2, true},
      {"clip", clip_numbers, -3, 3, true},
      {"relu", relu, -2, 2, true},
      {"leaky_relu", leaky, -2, 2, true},
      {"relu6", relu6, -8, 8, true},
      {"elu", elu_1, -3, 3, true},
      {"elu alpha 0.5", elu_half, -3, 3, true},
      {"selu", selu, -3, 3, true},
      {"celu", celu_1, -3, 3, true},
      {"celu alpha 2", celu_2, -3, 3, true},
      {"gelu", gelu_exact, -3, 3},
      {"gelu tanh", gelu_tanh, -3, 3},
      {"silu", silu, -4, 4},
      {"mish", mish, -4, 4},
      {"softsign", softsign, -3, 3, true},
      {"hard_sigmoid", hard_sigmoid, -5, 5, true},
      {"hard_swish", hard_swish, -5, 5, true},
      {"log_sigmoid", log_sigmoid, -5, 5},
      {"log_sigmoid at the extremes", log_sigmoid, -200, 200},
  };
  return all;
}

}  // namespace

std::vector<Line> unary_lines() {
  std::vector<Line> lines;
  for (const Unary& unary : unaries()) {
    const Function1 function = unary.function;
    const auto add = [&](const std::string& what, const Shape& shape, const CheckOptions& options = {}) {
      lines.push_back({unary.name + what,
                       [=](const Tensors& x) { return function(x[0]); },
                       {{.shape = shape, .low = unary.low, .high = unary.high}},
                       options});
    };
    add("", {3, 5});
    add(", rank 0", {});
    add(", rank 8", {1, 2, 1, 2, 1, 1, 2, 1});
    add(", no elements", {2, 0, 3});
    if (unary.kinks) add(", whole numbers", {17}, ties);
  }
  return lines;
}

}  // namespace hekla::testing
