// A kernel of your own: the linear recurrence y[i] = a[i] y[i-1] + x[i] along each row. Every element waits
// for the one before it, which no elementwise expression says. You write the body of one invocation;
// declarations and dispatch are generated. Its gradient is the same recurrence run backwards, so it can be
// differentiated as often as you like.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hekla.h>

hk::Tensor recurrence(const hk::Tensor& a, const hk::Tensor& x);

const hk::CustomKernel recurrence_kernel{
    .body = R"(
  // One invocation per row.
  int columns = shape[1];
  float y = 0.0;
  for (int i = invocation * columns; i < (invocation + 1) * columns; ++i) {
    y = load0(i) * y + load1(i);
    store(i, y);
  }
)",
    .invocations = [](const hk::Node& node) { return node.shape[0]; },
    .reference =
        [](const hk::Node& node, std::span<const std::vector<double>> operands) {
          std::vector<double> y = operands[1];
          const auto columns = static_cast<std::size_t>(node.shape[1]);
          for (std::size_t i = 0; i < y.size(); ++i) {
            if (i % columns > 0) y[i] += operands[0][i] * y[i - 1];
          }
          return y;
        }};

const hk::Op recurrence_op{
    .name = "recurrence",
    .kind = hk::Kind::custom,
    .arity = 2,
    .infer = [](const hk::Node& node) -> hk::Meta {
      if (node.inputs[0].rank() != 2) {
        throw hk::Error("[recurrence] " + hk::describe(node.inputs[0]) + " has no rows; it takes rank 2.");
      }
      return hk::float_operands(node);
    },
    .kernel = &recurrence_kernel,
    .vjp = [](const hk::Tensor& y, const hk::Tensor& g) -> std::vector<hk::Tensor> {
      const hk::Tensor a = y.node().inputs[0];
      const std::int64_t last = a.size(1) - 1;
      const hk::Tensor next_a = hk::pad(hk::slice(a, {{}, {.start = 1}}), {{}, {.high = 1}});
      const hk::Tensor x_gradient = hk::flip(recurrence(hk::flip(next_a, {1}), hk::flip(g, {1})), {1});
      const hk::Tensor previous_y = hk::pad(hk::slice(y, {{}, {.stop = last}}), {{}, {.low = 1}});
      return {x_gradient * previous_y, x_gradient};
    }};

hk::Tensor recurrence(const hk::Tensor& a, const hk::Tensor& x) { return hk::apply(recurrence_op, {a, x}); }

int main() try {
  // With one factor for all, the sum of y is 10 + 6 a + 3 a^2 + a^3.
  const hk::Tensor a = hk::variable(hk::tensor({0.5}, {1, 1}), "a");
  const hk::Tensor y = recurrence(hk::broadcast_to(a, {1, 4}), hk::tensor({1.0, 2, 3, 4}, {1, 4}));
  const hk::Tensor slope = hk::grad(hk::sum(y), a);     // 6 + 6 a + 3 a^2
  const hk::Tensor bend = hk::grad(hk::sum(slope), a);  // 6 + 6 a
  fmt::print("y                    {}\n", fmt::join(y.to_vector(), " "));
  fmt::print("first derivative     {}\n", slope.item());
  fmt::print("second derivative    {}\n", bend.item());

  const std::vector devices{hk::default_device()};
  hk::testing::check_op(
      "recurrence", [](const auto& in) { return recurrence(in[0], in[1]); },
      {{.shape = {3, 5}}, {.shape = {3, 5}}}, {}, devices);
  fmt::print("kernel, reference and finite differences agree\n");
} catch (const hk::Error& error) {
  fmt::print(stderr, "custom_kernel: {}\n", error.what());
  return 1;
}
