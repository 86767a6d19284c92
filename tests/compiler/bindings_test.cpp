// Kernels on devices with few buffer bindings per kernel: plans respect the limit, and their results are the
// same.
#include <doctest/doctest.h>

#include <set>

#include "graph/compiler/plan.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/compiler/variants.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

using namespace compiler;

namespace {

constexpr int vulkan_minimum = 4, raspberry_pi = 8;

Plan plan_of(const Computation& computation, int most, bool fuse = true) {
  return make_plan(collect(computation), {.fuse = fuse, .device = {.max_bindings = most}});
}

// The number of bindings of a kernel.
int bindings_of(const Kernel& kernel, const std::vector<Slot>& slots) {
  std::set<int> own, in_arena;
  const auto touch = [&](int slot) {
    (slots[static_cast<std::size_t>(slot)].place == Slot::Place::arena ? in_arena : own).insert(slot);
  };
  for (const int slot : kernel.operands) touch(slot);
  for (const Store& store : kernel.stores) touch(store.slot);
  return static_cast<int>(own.size() + (kernel.arena_as_one ? 1 : in_arena.size()));
}

void check_bound(const Computation& computation) {
  for (const int most : {vulkan_minimum, 5, raspberry_pi, 24}) {
    for (const bool fuse : {true, false}) {
      const Plan plan = plan_of(computation, most, fuse);
      CAPTURE(most);
      CAPTURE(fuse);
      for (const Kernel& kernel : plan.kernels) {
        CAPTURE(kernel.label);
        CHECK(bindings_of(kernel, plan.slots) <= most);
      }
    }
  }
}

std::vector<Tensor> variables(int count) {
  std::vector<Tensor> all;
  for (int k = 0; k < count; ++k)
    all.push_back(variable(tensor({static_cast<float>(k), 1.0f, 2.0f, 3.0f}), "v"));
  return all;
}

Tensor total(const std::vector<Tensor>& all) {
  Tensor sum = all[0];
  for (std::size_t k = 1; k < all.size(); ++k) sum = sum + all[k];
  return sum;
}

std::vector<Update> adam_step(const std::vector<Tensor>& weights) {
  Tensor loss = zeros({});
  for (const Tensor& weight : weights) loss = loss + sum(square(weight));
  return Optimizer(Adam({}, {.global_clipnorm = 1})).step(weights, grad(loss, std::span(weights)));
}

// More operands than the smallest device binds, in the two kinds that may have so many.
const Op five_op{.name = "five",
                 .kind = Kind::elementwise,
                 .arity = 5,
                 .infer = same_as_operands,
                 .glsl = "({0} + 2.0 * {1} + 3.0 * {2} + 4.0 * {3} + 5.0 * {4})",
                 .eval = [](std::span<const double> x, DType) {
                   return x[0] + 2 * x[1] + 3 * x[2] + 4 * x[3] + 5 * x[4];
                 }};

constexpr CustomKernel reversed_kernel{
    .body =
        "int i = count - 1 - invocation;\n"
        "store(invocation, load0(i) + 2.0 * load1(i) + 3.0 * load2(i) + 4.0 * load3(i) + 5.0 * load4(i));",
    .invocations = [](const Node& node) { return node.shape.count(); },
    .reference =
        [](const Node&, std::span<const std::vector<double>> x) {
          std::vector<double> y(x[0].size());
          for (std::size_t i = 0; i < y.size(); ++i) {
            for (std::size_t k = 0; k < x.size(); ++k)
              y[y.size() - 1 - i] += static_cast<double>(k + 1) * x[k][i];
          }
          return y;
        }};

const Op reversed_op{.name = "reversed",
                     .kind = Kind::custom,
                     .arity = 5,
                     .infer = [](const Node& node) -> Meta {
                       return {node.inputs[0].shape(), node.inputs[0].dtype()};
                     },
                     .kernel = &reversed_kernel};

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("bindings: training steps keep the bound") {
    for (const Model model : {Model::softmax, Model::mlp}) {
      for (const double momentum : {0.0, 0.9}) check_bound(TrainingStep(model, momentum).computation());
    }
    const std::vector<Tensor> weights = variables(6);
    check_bound({.updates = adam_step(weights)});
  }

  TEST_CASE("bindings: many leaves, many results, one value in many places") {
    const std::vector<Tensor> all = variables(33);
    const Tensor loss = sum(square(total(all)));
    check_bound({.outputs = {total(all)}});
    check_bound({.outputs = grad(loss, std::span(all))});
    check_bound({.outputs = {concat(all, 0)}});
    const Tensor one = exp(all[0]);
    std::vector<Update> updates;
    for (const Tensor& each : all) updates.push_back({each, one});
    check_bound({.outputs = std::vector<Tensor>(10, one), .updates = updates});
  }

  TEST_CASE("bindings: what is waited for is not bound") {
    const std::vector<Tensor> all = variables(4);
    const Tensor y =
        checkpoint([](const std::vector<Tensor>& x) { return tanh(x[0] * x[1]) * tanh(x[2] * x[3]); },
                   {all[0], all[1], all[2], all[3]});
    check_bound({.outputs = grad(sum(y), std::span(all))});
  }

  TEST_CASE("bindings: operations of more operands than can be bound read working memory") {
    const std::vector<Tensor> all = variables(5);
    for (const Op* op : {&five_op, &reversed_op}) {
      check_bound({.outputs = {apply(*op, all)}});
      check_bound({.outputs = {apply(*op, all), all[0] + 1}, .updates = {{all[1], apply(*op, all)}}});
    }
    // Not every device can bind working memory as one buffer.
    const DeviceProfile apart{.max_bindings = vulkan_minimum, .arena_as_one = false};
    CHECK_MESSAGE(
        error_of([&] {
          make_plan(collect({.outputs = {apply(reversed_op, all)}}), {.device = apart});
        }).find("[compile] kernel reversed reads and writes 6 tensors and the device lets a kernel have 4") ==
            0,
        "the limit is named");
  }

  TEST_CASE("bindings: a new value is written in place where that is what makes room") {
    // The second kernel reads the weights, two moments, the learning rate and the counter, and writes two of
    // them: five bindings, and not seven.
    const Tensor w = variable(ones({64}), "w");
    Optimizer adam(Adam{});
    const Computation step{.updates = adam.step(std::vector<Tensor>{w}, std::vector<Tensor>{w * 2})};
    const Plan roomy = plan_of(step, 24);
    CHECK(bindings_of(roomy.kernels.back(), roomy.slots) == 5);
    CHECK(to_string(plan_of(step, 6)) == to_string(roomy));
    CHECK(to_string(plan_of(step, vulkan_minimum)) != to_string(roomy));
  }

  TEST_CASE("bindings: the results are those of the reference device") {
    const auto results = [](const std::shared_ptr<Evaluator>& device) {
      std::vector<std::vector<float>> found;
      const std::vector<Tensor> all = variables(33);
      const std::vector<Tensor> five(all.begin(), all.begin() + 5);
      const Tensor sum_of_all = total(all) * 0.01;
      std::vector<Tensor> outputs = grad(sum(square(sum_of_all)), std::span(all));
      outputs.insert(outputs.end(),
                     {sum_of_all, concat(all, 0), apply(five_op, five), apply(reversed_op, five)});
      outputs.insert(outputs.end(), {outputs[33], outputs[35], cast(outputs[34], f16)});
      std::vector<Update> updates = adam_step(all);
      evaluate({outputs, updates}, device);
      for (const Tensor& output : outputs) found.push_back(output.to_vector());
      for (const Update& update : updates) found.push_back(update.variable.to_vector());
      return found;
    };
    const std::vector<std::vector<float>> expected = results(reference());
    for (const Variant& variant : binding_few()) {
      CAPTURE(variant.name);
      const std::vector<std::vector<float>> found = results(variant.device);
      REQUIRE(found.size() == expected.size());
      for (std::size_t r = 0; r < found.size(); ++r) {
        REQUIRE(found[r].size() == expected[r].size());
        for (std::size_t i = 0; i < found[r].size(); ++i)
          CHECK(found[r][i] == doctest::Approx(expected[r][i]).epsilon(1e-4));
      }
    }
  }
}

}  // namespace hekla::testing
