// check_op lines: leaves without memory, and random numbers.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/nn/initialize.h"
#include "ops/random.h"
#include "ops/signal_window.h"
#include "ops/view.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand word() { return {{}, 0, 4294967295.0, u32}; }

}  // namespace

std::vector<Line> create_lines() {
  return {
      {"iota i32",
       [](const Tensors&) {
         return iota({2, 3, 4}, 1);
       },
       {}},
      {"iota u32", [](const Tensors&) { return iota({5}, 0, u32); }, {}},
      {"iota f32",
       [](const Tensors&) {
         return iota({3, 2}, -1, f32) * 0.5;
       },
       {}},
      {"iota one element",
       [](const Tensors&) {
         return iota({1, 3}, 0);
       },
       {}},
      {"iota no elements",
       [](const Tensors&) {
         return iota({0, 3}, 1);
       },
       {}},
      {"iota behind views",
       [](const Tensors&) {
         return transpose(slice(iota({4, 6}, 1), {{}, {-1, 0, -2}}));
       },
       {}},
      {"arange", [](const Tensors&) { return arange(1000); }, {}},
      {"zeros",
       [](const Tensors&) {
         return zeros({2, 3});
       },
       {}},
      {"ones",
       [](const Tensors&) {
         return ones({2, 3}, i32);
       },
       {}},
      {"zeros_like", [](const Tensors& x) { return x[0] + zeros_like(x[0]); }, {{.shape = {2, 3}}}},
      {"ones_like",
       [](const Tensors& x) { return ones_like(x[0]) / x[0]; },
       {{.shape = {2, 3}, .low = 1, .high = 2}}},
      {"full",
       [](const Tensors&) {
         return full({2, 3}, 4294967295.0, u32);
       },
       {}},
      {"full rank 0", [](const Tensors&) { return full({}, 0.1); }, {}},
      {"full bool", [](const Tensors&) { return full({5}, 7, boolean); }, {}},
      {"random_bits",
       [](const Tensors&) {
         return random_bits({2, 3, 5}, random_key(7));
       },
       {}},
      {"random_bits one element", [](const Tensors&) { return random_bits({}, random_key(7, 3)); }, {}},
      {"random_bits no elements",
       [](const Tensors&) {
         return random_bits({0, 3}, random_key(7, 3));
       },
       {}},
      {"random_bits many",
       [](const Tensors&) { return random_bits({4099}, random_key(4294967295u, 4294967295u)); },
       {}},
      {"random_bits of a computed key",
       [](const Tensors& x) {
         return random_bits({9}, {x[0], x[1] + 1});
       },
       {word(), word()}},
      {"random_bits behind views",
       [](const Tensors& x) {
         return transpose(random_bits({6, 9}, {x[0], 0}));
       },
       {word()}},
      {"random_uniform", [](const Tensors&) { return random_uniform({100}, random_key(1), -2, 3); }, {}},
      {"random_uniform scaled by an operand",
       [](const Tensors& x) {
         return x[0] * random_uniform({4, 3}, random_key(1));
       },
       {{.shape = {3}}}},
      {"glorot_uniform",
       [](const Tensors&) {
         return glorot_uniform({7, 5}, random_key(3, 1));
       },
       {}},
      {"hann_window", [](const Tensors& x) { return x[0] * hann_window(5); }, {{.shape = {5}}}},
      {"hamming_window", [](const Tensors& x) { return x[0] * hamming_window(5); }, {{.shape = {5}}}},
      {"blackman_window", [](const Tensors& x) { return x[0] * blackman_window(5); }, {{.shape = {5}}}},
      {"bartlett_window", [](const Tensors& x) { return x[0] * bartlett_window(5); }, {{.shape = {5}}}},
      {"kaiser_window", [](const Tensors& x) { return x[0] * kaiser_window(5); }, {{.shape = {5}}}},
  };
}

}  // namespace hekla::testing
