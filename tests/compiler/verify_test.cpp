// The verifier detects what passes must not do.
#include "graph/compiler/verify.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/compiler/variants.h"
#include "tests/support/devices.h"

namespace hekla::testing {

using namespace compiler;

namespace {

std::string violation_of(const Plan& plan, const DeviceProfile& device = {}) {
  try {
    verify("test", plan, device);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

std::string violation_of(const Graph& graph) {
  try {
    verify("test", graph);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

// Three kernels, each of which depends on the one before.
Plan chain() {
  Tensor y = variable(ones({8, 16}), "x");
  for (int i = 0; i < 3; ++i) y = exp(matmul(y, variable(ones({16, 16}), "w")));
  return make_plan(collect({.outputs = {y}}), {});
}

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("verify: plans of models pass") {
    for (const Model model : {Model::softmax, Model::mlp})
      CHECK(violation_of(make_plan(collect(TrainingStep(model, 0.9).computation()), {})).empty());
    CHECK(violation_of(chain()).empty());
  }

  TEST_CASE("verify: a missing barrier") {
    Plan plan = chain();
    REQUIRE(plan.kernels.size() == 3);
    plan.barrier_before[1] = false;
    CHECK(violation_of(plan).find("[verify] after test: kernel matmul+exp reads slot ") == 0);
    CHECK(violation_of(plan).find(" without a barrier after its writer") != std::string::npos);
    plan.barrier_before.pop_back();
    CHECK(violation_of(plan) == "[verify] after test: 3 kernels have 2 barriers");
  }

  TEST_CASE("verify: kernels in another order") {
    Plan plan = chain();
    std::swap(plan.kernels[0], plan.kernels[1]);
    CHECK(violation_of(plan).find(" before it is written") != std::string::npos);
  }

  TEST_CASE("verify: memory that is given to two tensors at a time") {
    Plan plan = chain();
    // The second kernel's output overlaps in the arena with one of the first that a third kernel still reads.
    plan.kernels[2].operands.push_back(plan.kernels[0].stores[0].slot);
    plan.kernels[1].operands.clear();
    for (Body* body : plan.kernels[1].bodies()) *body = {};
    for (Slot& slot : plan.slots) slot.offset = 0;
    CHECK(violation_of(plan).find(", which was overwritten") != std::string::npos);
  }

  TEST_CASE("verify: a write that does not wait for readers, and one over an operand") {
    Plan plan = chain();
    // The third kernel writes what the second reads, without a barrier between them (a write-after-read
    // hazard).
    const int first = plan.kernels[0].stores[0].slot;
    plan.kernels[2].stores[0].slot = first;
    plan.kernels[2].operands.clear();
    for (Body* body : plan.kernels[2].bodies()) *body = {};
    plan.barrier_before[2] = false;
    CHECK(violation_of(plan).find(" without a barrier after who touched its memory") != std::string::npos);
    plan = chain();
    const int read = plan.kernels[1].operands[0], written = plan.kernels[1].stores[0].slot;
    plan.slots[static_cast<std::size_t>(written)].offset = plan.slots[static_cast<std::size_t>(read)].offset;
    CHECK(violation_of(plan).find(", which it reads") != std::string::npos);
    plan = chain();
    plan.arena_bytes = 100;
    CHECK(violation_of(plan).find("[verify] after test: a slot of 512 bytes lies at 0 of 100") == 0);
  }

  TEST_CASE("verify: an output that nobody writes, elements out of bounds, limits of the device") {
    Plan plan = chain();
    plan.kernels.pop_back();
    plan.barrier_before.pop_back();
    CHECK(violation_of(plan).find("is not written") != std::string::npos);
    plan = chain();
    plan.kernels[0].stores[0].index = plan.kernels[0].stores[0].index + 1;
    CHECK(violation_of(plan) == "[verify] after test: kernel matmul+exp stores elements 1 to 128 of 128");
    plan = chain();
    for (Slot& slot : plan.slots) slot.count = 100;
    CHECK(violation_of(plan).find("kernel matmul+exp loads elements 0 to ") != std::string::npos);
    CHECK(violation_of(chain(), {.max_bindings = 2}) ==
          "[verify] after test: kernel matmul+exp binds 3 tensors; the device allows 2");
    CHECK(violation_of(chain(), {.max_iterations = 3}) ==
          "[verify] after test: kernel matmul+exp loops 4 times; the device allows 3");
  }

  TEST_CASE("verify: graphs whose nodes are not what their operations say") {
    const Tensor x = variable(ones({4}), "x");
    const Graph graph = collect({.outputs = {exp(x)}, .updates = {{x, x + 1}}});
    CHECK(violation_of(graph).empty());
    Graph broken = collect({.outputs = {exp(x)}});
    broken.outputs[0].pointer()->shape = {5};
    CHECK(violation_of(broken) == "[verify] after test: exp is f32[5] and its operation infers f32[4]");
    broken = collect({.outputs = {exp(x)}});
    broken.outputs[0].pointer()->inputs.clear();
    CHECK(violation_of(broken) == "[verify] after test: exp has 0 inputs and wants 1");
    broken = collect({.outputs = {exp(x)}});
    broken.leaves.clear();
    CHECK(violation_of(broken) == "[verify] after test: leaf 0 'x' is not the graph's");
    broken = graph;
    broken.assignments[0].value = ones({3});
    CHECK(violation_of(broken).find("[verify] after test: 'x' is assigned f32[3]") == 0);
  }

  TEST_CASE("a kernel that would loop too often is cut, and what it computes is right") {
    const Tensor x = variable(ones({40, 6, 5}), "x");
    Tensor y = zeros({1});
    for (std::int64_t t = 0; t < 40; ++t) y = y + slice(sum(x, {1, 2}), {{t, t + 1}});
    const Computation computation{.outputs = {y, exp(y)}};
    const Plan plan = make_plan(collect(computation), {.device = {.max_iterations = 2000}});
    for (const Kernel& kernel : plan.kernels) CHECK(kernel.iterations() <= 2000);
    CHECK(plan.kernels.size() <= 3);
    CHECK(evaluate(computation, reference())[0].item() == 1200);
    for (const Variant& variant : variants()) {
      CAPTURE(variant.name);
      CHECK(evaluate(computation, variant.device)[0].item() == 1200);
    }
  }
}

}  // namespace hekla::testing
