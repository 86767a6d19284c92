// A kernel of your own: run lengths, which no elementwise expression gives. Element i of the result says how
// many equal elements in a row end at i. You write the body of one invocation; declarations and dispatch are
// generated.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hekla.h>

const hk::CustomKernel run_length_kernel{
    .body = R"(
  // One invocation per row.
  int columns = shape0[1];
  int length = 0;
  for (int column = 0; column < columns; ++column) {
    int i = invocation * columns + column;
    bool same = column > 0 && load0(i) == load0(i - 1);
    length = same ? length + 1 : 1;
    store(i, length);
  }
)",
    .invocations = [](const hk::Node& node) { return node.shape[0]; },
    .reference =
        [](const hk::Node& node, std::span<const std::vector<double>> x) {
          std::vector<double> lengths(x[0].size());
          const auto columns = static_cast<std::size_t>(node.shape[1]);
          for (std::size_t i = 0; i < lengths.size(); ++i) {
            lengths[i] = i % columns > 0 && x[0][i] == x[0][i - 1] ? lengths[i - 1] + 1 : 1;
          }
          return lengths;
        }};

const hk::Op run_length_op{
    .name = "run_length",
    .kind = hk::Kind::custom,
    .arity = 1,
    .infer = [](const hk::Node& node) -> hk::Meta {
      if (node.inputs[0].rank() != 2) {
        throw hk::Error("[run_length] " + hk::describe(node.inputs[0]) + " has no rows; it takes rank 2.");
      }
      return {node.inputs[0].shape(), hk::i32};
    },
    .kernel = &run_length_kernel};

hk::Tensor run_length(const hk::Tensor& x) { return hk::apply(run_length_op, {x}); }

int main() {
  const hk::Tensor x = hk::tensor({1, 1, 1, 4, 4, 2, 2, 2, 2, 2, 7, 7}, {2, 6});
  const std::vector<int> lengths = run_length(x).to_vector<int>();
  fmt::print("{}\n{}\n", fmt::join(lengths.begin(), lengths.begin() + 6, " "),
             fmt::join(lengths.begin() + 6, lengths.end(), " "));
  // Its result is a tensor like any other.
  fmt::print("longest run: {}\n", hk::max(run_length(x)).item<int>());
}
