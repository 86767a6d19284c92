// identity, tie_in and checkpoint: checkpointing gives the same derivatives in less memory.
#include "autodiff/checkpoint.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "autodiff/check_op.h"
#include "autodiff/grad.h"
#include "autodiff/jacobian.h"
#include "graph/compiler/plan.h"
#include "graph/run/program.h"
#include "ops/custom_gradient.h"
#include "ops/identity.h"
#include "ops/ops.h"
#include "tests/autodiff/steps.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

using namespace compiler;

namespace {

using Tensors = std::vector<Tensor>;

constexpr std::int64_t batch = 64;
constexpr std::int64_t width = 64;
constexpr int blocks = 4;
constexpr int layers_per_block = 4;

enum class Inside { kept, recomputed, recomputed_twice };

// A deep network in blocks of a few layers; its loss, and the gradient of each layer's weight.
struct Network {
  explicit Network(Inside inside) {
    Tensor x = variable(random_uniform({batch, width}, random_key(1), -1, 1), "x");
    for (int i = 0; i < blocks * layers_per_block; ++i) {
      weights.push_back(
          variable(random_uniform({width, width}, random_key(2, static_cast<std::uint32_t>(i)), -0.2, 0.2)));
    }
    for (int b = 0; b < blocks; ++b) {
      const auto layers = [&](int from, int to) {
        return [this, first = b * layers_per_block, from, to](const Tensor& in) {
          Tensor y = in;
          for (int i = from; i < to; ++i) y = tanh(matmul(y, weights[static_cast<std::size_t>(first + i)]));
          return y;
        };
      };
      const auto block = layers(0, layers_per_block);
      const auto halves = [&](const Tensor& in) {
        const int half = layers_per_block / 2;
        return checkpoint(layers(half, layers_per_block), checkpoint(layers(0, half), in));
      };
      x = inside == Inside::kept         ? block(x)
          : inside == Inside::recomputed ? checkpoint(block, x)
                                         : checkpoint(halves, x);
    }
    loss = mean(x * x);
    gradients = grad(loss, weights);
  }

  Tensors everything() const {
    Tensors all{loss};
    all.insert(all.end(), gradients.begin(), gradients.end());
    return all;
  }

  Tensors weights;
  Tensor loss;
  Tensors gradients;
};

Plan plan_of(const Network& network, bool fuse = true) {
  return make_plan(collect({.outputs = network.everything()}), {.fuse = fuse});
}

std::vector<std::vector<double>> values_on(const std::shared_ptr<Evaluator>& device, Inside inside) {
  std::vector<std::vector<double>> values;
  Program program = compile({.outputs = Network(inside).everything()}, device);
  for (const Tensor& value : program.run()) values.push_back(value.to_vector<double>());
  return values;
}

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("check_op: identity and tie_in") {
    check_op(
        "identity", [](const Tensors& x) { return identity(x[0] * x[0]) * x[0]; }, {{.shape = {2, 3}}}, {},
        devices());
    check_op(
        "tie_in", [](const Tensors& x) { return tie_in(x[0] * x[0], matmul(x[1], x[1])) * x[0]; },
        {{.shape = {2, 3}}, {.shape = {3, 3}}}, {}, devices());
    check_op(
        "tie_in i32", [](const Tensors& x) { return tie_in(x[0], x[1]); }, {{{4}, 0, 9, i32}, {.shape = {0}}},
        {.derivatives = 0}, devices());
  }

  TEST_CASE("tie_in: runs after the event, without reading it or being merged") {
    const Tensor x = variable(zeros({64, 64}), "x");
    const Tensor w = variable(zeros({64, 64}), "w");
    const Tensor first = matmul(x, w);
    const Tensor event = matmul(first, first);
    const Tensor again = matmul(tie_in(x, event), w);
    const Plan plan = make_plan(collect({.outputs = {again, event}}), {});
    REQUIRE(plan.kernels.size() == 3);
    CHECK(plan.kernels[2].stores[0].slot == plan.output_slots[0]);
    CHECK(plan.kernels[2].operands == std::vector<int>{0, 1});
    // A constant needs no waiting: there is no second product.
    const Tensor at_once = matmul(tie_in(x, 2 * ones({3})), w);
    CHECK(make_plan(collect({.outputs = {first, at_once}}), {}).kernels.size() == 1);
  }

  TEST_CASE("tie_in: many waits in graphs of small kernels") {
    for (const bool fuse : {true, false}) {
      Tensor x = variable(zeros({8}), "x");
      Tensors outputs;
      for (int i = 0; i < 40; ++i) {
        const Tensor y = sum(exp(x) * (i + 1)) + x;
        x = sin(tie_in(x, y)) + tie_in(y, x);
        if (i % 3 == 0) outputs.push_back(x * 2);
      }
      const Plan plan = make_plan(collect({.outputs = outputs}), {.fuse = fuse});
      std::vector<int> written;
      for (const Kernel& kernel : plan.kernels) {
        for (const Store& store : kernel.stores) written.push_back(store.slot);
      }
      for (const int slot : plan.output_slots) CHECK(std::count(written.begin(), written.end(), slot) == 1);
    }
  }

  TEST_CASE("checkpoint: the plan's working memory shows it") {
    const Plan kept = plan_of(Network(Inside::kept));
    const Plan recomputed = plan_of(Network(Inside::recomputed));
    const Plan nested = plan_of(Network(Inside::recomputed_twice));
    const double activation = batch * width * 4;
    MESSAGE("working memory in activations: kept " << kept.arena_bytes / activation << ", checkpointed "
                                                   << recomputed.arena_bytes / activation << ", nested "
                                                   << nested.arena_bytes / activation);
    MESSAGE("kernels: kept " << kept.kernels.size() << ", checkpointed " << recomputed.kernels.size()
                             << ", nested " << nested.kernels.size());
    CHECK(kept.arena_bytes >= blocks * layers_per_block * activation);
    // Stored activations: the blocks' inputs, those inside one block, and the gradient on its way.
    CHECK(recomputed.arena_bytes <= (blocks + layers_per_block + 2) * activation);
    CHECK(nested.arena_bytes <= recomputed.arena_bytes);
    CHECK(plan_of(Network(Inside::recomputed), false).arena_bytes <
          plan_of(Network(Inside::kept), false).arena_bytes);
  }

  TEST_CASE("checkpoint: the same values") {
    for (const auto& device : {reference(), device()}) {
      if (!device) continue;
      const auto expected = values_on(device, Inside::kept);
      CHECK(values_on(device, Inside::recomputed) == expected);
      CHECK(values_on(device, Inside::recomputed_twice) == expected);
    }
  }

  TEST_CASE("checkpoint: derivatives of every order are those of the function") {
    const auto f = [](const Tensors& in) { return tanh(matmul(in[0], in[1])) * sum(in[0]); };
    const std::vector<Operand> operands{{.shape = {2, 3}}, {.shape = {3, 2}}};
    check_op(
        "checkpoint",
        [&](const Tensors& x) {
          return checkpoint(f, {x[0], x[1]});
        },
        operands, {.derivatives = 3}, devices());
    check_op(
        "captured",
        [](const Tensors& x) {
          const Tensor scale = exp(x[1]);
          return checkpoint([&](const Tensor& in) { return tanh(matmul(in, x[1])) * matmul(in, scale); },
                            x[0] * x[0]);
        },
        operands, {}, devices());
    check_op(
        "nested, shared",
        [](const Tensors& x) {
          const auto inner = [&](const Tensor& in) { return tanh(in * sum(x[1])); };
          return checkpoint(
              [&](const Tensor& in) { return checkpoint(inner, in) + checkpoint(inner, in * in); }, x[0]);
        },
        operands, {}, devices());
    check_op(
        "custom rule inside",
        [](const Tensors& x) {
          const auto cube = with_gradient([](const Tensors& in) { return in[0] * in[0] * in[0]; },
                                          [](const Tensors& in, const Tensor&, const Tensor& g) -> Tensors {
                                            return {3 * g * in[0] * in[0]};
                                          });
          return checkpoint([&](const Tensor& in) { return cube({matmul(in, x[1])}); }, x[0]);
        },
        operands, {}, devices());
    check_op(
        "around a gradient",
        [](const Tensors& x) {
          return checkpoint([](const Tensor& in) { return grad(sum(tanh(in) * in), in); }, x[0]) * sum(x[1]);
        },
        operands, {}, devices());
  }

  TEST_CASE("checkpoint: several results, one of which may be unused, an input, or captured") {
    const std::vector<Operand> operands{{.shape = {3}}, {.shape = {3}}};
    for (int used = 1; used < 16; ++used) {
      check_op(
          "several",
          [used](const Tensors& x) {
            const Tensor other = exp(x[1]);
            const Tensors results = checkpoint(
                [&](const Tensors& in) -> Tensors {
                  return {sin(in[0]) * x[1], in[0] * in[1] * in[1], in[0], other};
                },
                x);
            Tensor total = x[0];
            for (int i = 0; i < 4; ++i) {
              if (used >> i & 1) total = total * results[static_cast<std::size_t>(i)];
            }
            return total;
          },
          operands, {}, used % 5 == 0 ? devices() : std::span<const std::shared_ptr<Evaluator>>());
    }
  }

  TEST_CASE(
      "checkpoint: integers go in and out, and what is not differentiable does no harm beside the way") {
    const Tensor x = tensor({0.5, 1.5, 2.5});
    const Tensor w = tensor({1.0, 2, 3});
    const Tensors results = checkpoint(
        [&](const Tensors& in) -> Tensors {
          const Tensor rounded = steps(x) * cast(in[1], f32);
          return {in[0] * w * rounded, cast(in[0], i32)};
        },
        std::vector<Tensor>{x * x, arange(3)});
    CHECK(reference_values(results[1]) == std::vector<double>{0, 2, 6});
    CHECK(reference_values(grad(sum(results[0]), w)) == std::vector<double>{0, 2.25, 25});
    CHECK(error_of([&] {
            grad(sum(results[0]), x);
          }).starts_with("[grad] steps (f32[3]) is not differentiable"));
  }

  TEST_CASE("checkpoint: a mistake inside is told by its name") {
    const Tensor x = tensor({0.5, 1.5});
    CHECK(error_of([&] { grad(sum(checkpoint([](const Tensor& in) { return steps(in); }, x)), x); }) ==
          "[checkpoint] steps (f32[2]) is not differentiable and lies between the output and a target; use "
          "stop_gradient where no gradient is wanted.");
  }
}

}  // namespace hekla::testing
