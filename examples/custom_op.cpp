// An operation of your own that fuses: the inverse square root unit, isru(x) = x / sqrt(1 + x^2), as a
// descriptor. The plan shows that it is computed in one kernel with its neighbours; gradients of every order
// come from the rule beside it, and check_op compares all of it with finite differences.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hekla.h>

#include <cmath>

const hk::Op isru_op{
    .name = "isru",
    .kind = hk::Kind::elementwise,
    .arity = 1,
    .infer = hk::float_operands,
    .glsl = "({0} * inversesqrt(1.0 + {0} * {0}))",
    .eval = [](std::span<const double> x, hk::DType) { return x[0] / std::sqrt(1 + x[0] * x[0]); },
    .cost = 6,
    .vjp = [](const hk::Tensor& y, const hk::Tensor& g) -> std::vector<hk::Tensor> {
      const hk::Tensor length = hk::sqrt(1 + hk::square(y.node().inputs[0]));
      return {g / hk::pow(length, 3)};
    }};

hk::Tensor isru(const hk::Tensor& x) { return hk::apply(isru_op, {x}); }

int main() try {
  const hk::Tensor x = hk::variable(hk::tensor({-2, -0.5, 0.25, 3}), "x");
  const hk::Tensor loss = hk::sum(isru(x * 2) + 1);
  const hk::Tensor slope = hk::grad(loss, x);
  const hk::Tensor bend = hk::grad(hk::sum(slope), x);
  hk::Program program = hk::compile({.outputs = {isru(x * 2) + 1, slope, bend}});
  const std::vector<hk::Tensor> results = program.run();
  fmt::print("isru(2x) + 1         {:.4f}\n", fmt::join(results[0].to_vector(), "  "));
  fmt::print("first derivative     {:.4f}\n", fmt::join(results[1].to_vector(), "  "));
  fmt::print("second derivative    {:.4f}\n", fmt::join(results[2].to_vector(), "  "));
  fmt::print("\n{}", program.describe());

  const std::vector devices{hk::default_device()};
  hk::testing::check_op(
      "isru", [](const auto& in) { return isru(in[0]); }, {{.shape = {3, 4}}}, {}, devices);
  fmt::print("\nkernel, reference and finite differences agree\n");
} catch (const hk::Error& error) {
  fmt::print(stderr, "custom_op: {}\n", error.what());
  return 1;
}
