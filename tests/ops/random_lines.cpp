// check_op lines: distributions, keys and initial weights.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/nn/initialize.h"
#include "ops/random.h"
#include "ops/random_gamma.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

using Draw = std::function<Tensor(const Shape&, const RandomKey&)>;

// The tolerance allows for the accuracy of a device's logarithms and square roots.
const CheckOptions drawn{.tolerance = 2e-5};
const CheckOptions drawn_without_derivatives{.tolerance = 5e-5, .derivatives = 0};

void add(std::vector<Line>& lines, const std::string& name, const Draw& draw) {
  const auto line = [&](const std::string& what, const Shape& shape) {
    lines.push_back({name + what, [=](const Tensors&) { return draw(shape, random_key(7, 1)); }, {}, drawn});
  };
  line("", {3, 50});
  line(", rank 0", {});
  line(", rank 8", {1, 2, 1, 2, 1, 1, 3, 1});
  line(", no elements", {2, 0});
  lines.push_back({name + ", a computed key",
                   [=](const Tensors& x) {
                     return draw({9}, {x[0], x[0] + 1});
                   },
                   {{{}, 0, 4294967295.0, u32}},
                   drawn});
}

}  // namespace

std::vector<Line> random_lines() {
  std::vector<Line> lines;
  add(lines, "random_uniform",
      [](const Shape& shape, const RandomKey& key) { return random_uniform(shape, key, -2, 3); });
  lines.push_back(
      {"random_permutation", [](const Tensors&) { return random_permutation(100, random_key(7, 1)); }, {}});
  lines.push_back({"random_permutation of none",
                   [](const Tensors&) { return random_permutation(0, random_key(7, 1)); },
                   {}});
  add(lines, "random_normal",
      [](const Shape& shape, const RandomKey& key) { return random_normal(shape, key, 1, 2); });
  add(lines, "random_truncated_normal",
      [](const Shape& shape, const RandomKey& key) { return random_truncated_normal(shape, key, 1, 2); });
  add(lines, "random_bernoulli",
      [](const Shape& shape, const RandomKey& key) { return random_bernoulli(shape, key, 0.3); });
  add(lines, "glorot_uniform", glorot_uniform);
  add(lines, "glorot_normal", glorot_normal);
  add(lines, "he_uniform", he_uniform);
  add(lines, "he_normal", he_normal);
  add(lines, "lecun_uniform", lecun_uniform);
  add(lines, "lecun_normal", lecun_normal);
  add(lines, "variance_scaling", [](const Shape& shape, const RandomKey& key) {
    return variance_scaling(shape, key, {.scale = 2, .fan = Fan::out, .distribution = Distribution::normal});
  });
  const std::vector<Line> more{
      {"random_bernoulli of a tensor of probabilities",
       [](const Tensors& x) {
         return random_bernoulli({20, 3}, random_key(1), x[0]);
       },
       {{.shape = {3}, .low = 0, .high = 1}},
       no_derivatives},
      {"random_normal scaled by an operand",
       [](const Tensors& x) {
         return x[0] * random_normal({4, 3}, random_key(1));
       },
       {{.shape = {3}}},
       drawn},
      {"random_categorical",
       [](const Tensors& x) { return random_categorical(x[0], random_key(3), 10); },
       {{.shape = {3, 5}}},
       no_derivatives},
      {"random_categorical of one row",
       [](const Tensors& x) { return random_categorical(x[0], random_key(3), 10); },
       {{.shape = {5}}},
       no_derivatives},
      {"random_categorical no samples",
       [](const Tensors& x) { return random_categorical(x[0], random_key(3), 0); },
       {{.shape = {2, 5}}},
       no_derivatives},
      {"random_gamma of a tensor",
       [](const Tensors& x) {
         return random_gamma({5, 3}, random_key(2), x[0]);
       },
       {{.shape = {3}, .low = 0.5, .high = 4}},
       drawn_without_derivatives},
      {"random_beta of a tensor",
       [](const Tensors& x) {
         return random_beta({5, 3}, random_key(2), x[0], 2);
       },
       {{.shape = {3}, .low = 0.5, .high = 4}},
       drawn_without_derivatives},
      {"random_dirichlet of a tensor",
       [](const Tensors& x) {
         return random_dirichlet({5, 3}, random_key(2), x[0]);
       },
       {{.shape = {3}, .low = 0.5, .high = 4}},
       drawn_without_derivatives},
      {"split",
       [](const Tensors& x) {
         return random_bits({9}, split({x[0], 3}, 3)[2]);
       },
       {{{}, 0, 4294967295.0, u32}}},
      {"fold_in",
       [](const Tensors& x) { return random_bits({9}, fold_in(random_key(5), x[0])); },
       {{{}, 0, 4294967295.0, u32}}},
  };
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

}  // namespace hekla::testing
