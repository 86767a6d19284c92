// A program of an installed user: operations of all three kinds in one file that uses hekla's package alone.
// They are differentiated twice and checked on the device that is named, or else on the best one.
#include <hekla.h>

#include <cmath>
#include <cstdio>

#include "graph/shape.h"

// A function of operations.
hk::Tensor swish(const hk::Tensor& x) { return x * hk::sigmoid(x); }

// A descriptor that fuses: x / (1 + |x|).
const hk::Op softsign_op{
    .name = "softsign",
    .kind = hk::Kind::elementwise,
    .arity = 1,
    .infer = hk::float_operands,
    .glsl = "({0} / (1.0 + abs({0})))",
    .eval = [](std::span<const double> x, hk::DType) { return x[0] / (1 + std::fabs(x[0])); },
    .vjp = [](const hk::Tensor& y, const hk::Tensor& g) -> std::vector<hk::Tensor> {
      return {g / hk::square(1 + hk::abs(y.node().inputs[0]))};
    }};
hk::Tensor softsign(const hk::Tensor& x) { return hk::apply(softsign_op, {x}); }

// A kernel: x^3.
const hk::CustomKernel cube_kernel{.body = "float x = load0(invocation); store(invocation, x * x * x);",
                                   .invocations = [](const hk::Node& node) { return node.shape.count(); },
                                   .reference =
                                       [](const hk::Node&, std::span<const std::vector<double>> operands) {
                                         std::vector<double> y = operands[0];
                                         for (double& x : y) x = x * x * x;
                                         return y;
                                       }};
const hk::Op cube_op{.name = "cube",
                     .kind = hk::Kind::custom,
                     .arity = 1,
                     .infer = hk::float_operands,
                     .kernel = &cube_kernel,
                     .vjp = [](const hk::Tensor& y, const hk::Tensor& g) -> std::vector<hk::Tensor> {
                       return {3 * hk::square(y.node().inputs[0]) * g};
                     }};
hk::Tensor cube(const hk::Tensor& x) { return hk::apply(cube_op, {x}); }

// Compares the operation and its two derivatives at -1 and 2 with expected values, and runs check_op.
bool check(const char* name, hk::Tensor (*op)(const hk::Tensor&), const std::vector<double>& expected) {
  const std::vector devices{hk::default_device()};
  hk::testing::check_op(
      name, [op](const auto& in) { return op(in[0]); }, {{.shape = {3, 4}}}, {}, devices);
  const hk::Tensor x = hk::tensor({-1.0, 2}), y = op(x);
  const hk::Tensor slope = hk::grad(hk::sum(y), x), bend = hk::grad(hk::sum(slope), x);
  const std::vector<double> found = hk::concat({y, slope, bend}, 0).to_vector<double>();
  bool right = found.size() == expected.size();
  for (std::size_t i = 0; right && i < found.size(); ++i) right = std::fabs(found[i] - expected[i]) < 1e-5;
  std::printf("%s: %s\n", name, right ? "right" : "wrong");
  return right;
}

int main(int argc, char** argv) try {
  hk::set_default_device(hk::open_device(argc > 1 ? argv[1] : ""));
  bool right = check("swish", swish, {-0.2689414, 1.7615942, 0.0723295, 1.0907842, 0.3023661, 0.0500622});
  right &= check("softsign", softsign, {-0.5, 2.0 / 3, 0.25, 1.0 / 9, 0.25, -2.0 / 27});
  static_assert(sides_of_a_square == 4);
  right &= check("cube", cube, {-1, 8, 3, 12, -6, 12});
  return right ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
