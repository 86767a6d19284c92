// Persistent dispatches: several kernels in one dispatch.
#include "backends/vulkan/emit_plan.h"

#include <algorithm>

#include "backends/vulkan/evaluator.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

using testing::Model;
using testing::TrainingStep;

const Target software{.texel_reads = true,
                      .max_texels = 1 << 27,
                      .octet_stores = true,
                      .several_quads = true,
                      .matmul = &shuffle_matmul,
                      .reduce_lanes = 1,
                      .compute_units = 2,
                      .persistent = true,
                      .max_buffers = 32,
                      .max_texel_buffers = 64};

enum class Sharing { at_once, later, never };

// A device whose kernels share dispatches at once, from the second run on, or never.
DeviceOptions with(Sharing sharing, std::uint32_t patience = Target().patience) {
  return {.adjust = [=](Profile& profile) {
    profile.target.persistent = sharing != Sharing::never;
    profile.target.patience = patience;
    profile.improve_after = sharing == Sharing::later ? 1e-9 : 0;
  }};
}

Plan plan_of(const Computation& computation, bool fuse = true) {
  return make_plan(collect(computation), {.fuse = fuse});
}

std::vector<EmittedKernel> emit_all(const Plan& plan, const Target& target) {
  return emit_plan(plan, target, std::vector<std::optional<MatmulTiles>>(plan.kernels.size()));
}

// Sums of sines, each of which depends on the one before.
Tensor chain(int length, std::int64_t folded) {
  const Tensor x = cast(iota({2, folded}, 1), f32) * 1e-3;
  Tensor y = variable(constant(1, {2, 1}), "start");
  for (int k = 0; k < length; ++k) y = sum(sin(x + y), {1}, KeepDims::yes) * 1e-4;
  return y;
}

struct Training {
  std::vector<float> losses;
  std::vector<std::vector<float>> weights;
  bool operator==(const Training&) const = default;
};

Training train(const std::shared_ptr<VulkanDevice>& device, Model model, int runs, int steps) {
  const TrainingStep step(model, 0.9);
  Program program = compile({.outputs = {step.loss}, .updates = step.updates}, device);
  Training training;
  for (int i = 0; i < runs; ++i) training.losses.push_back(program.run(steps)[0].item());
  for (const Tensor& weights : step.weights) training.weights.push_back(weights.to_vector());
  return training;
}

// Checks that two devices train bit for bit alike, without validation messages.
void check_same_training(const DeviceOptions& one, const DeviceOptions& other, Model model, int runs,
                         int steps) {
  auto context = open_validated();
  if (!context) return;
  auto log = context->instance.log;
  CHECK(train(std::make_shared<VulkanDevice>(context, one), model, runs, steps) ==
        train(std::make_shared<VulkanDevice>(context, other), model, runs, steps));
  context.reset();
  CHECK(log->count() == 0);
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("the kernels of a training step share one dispatch, whose text compiles") {
    for (const Model model : {Model::softmax, Model::mlp}) {
      const TrainingStep step(model, 0.9);
      for (const bool fuse : {true, false}) {
        const Plan plan = plan_of(step.computation(), fuse);
        const std::vector<EmittedKernel> emitted = emit_all(plan, software);
        std::size_t kernels = 0;
        for (const EmittedKernel& kernel : emitted) {
          kernels += kernel.kernels;
          CAPTURE(kernel.glsl);
          CHECK_NOTHROW(compile_glsl_uncached(kernel.glsl, kernel.label));
        }
        CHECK(kernels == plan.kernels.size());
        CHECK(emitted.size() < plan.kernels.size());
        if (fuse) CHECK(emitted.size() == 1);
      }
    }
  }

  TEST_CASE("elsewhere, and where one is too long for it, kernels have dispatches of their own") {
    const Plan plan = plan_of({.outputs = {chain(6, 100)}});
    REQUIRE(plan.kernels.size() >= 6);
    CHECK(emit_all(plan, software).size() == 1);
    CHECK(emit_all(plan, {}).size() == plan.kernels.size());
    const Plan longer = plan_of({.outputs = {chain(6, 50'000)}});
    CHECK(emit_all(longer, software).size() == longer.kernels.size());
  }

  TEST_CASE("what follows a dispatch of several kernels waits, though a barrier inside was all it needed") {
    Plan plan;
    plan.barrier_before = {false, true, false, false};
    CHECK(place_barriers(plan, std::vector<EmittedKernel>(4)) == plan.barrier_before);
    CHECK(place_barriers(plan, {{.kernels = 2}, {}, {}}) == std::vector<bool>{true, true, false});
    CHECK(place_barriers(plan, {{}, {.kernels = 3}}) == std::vector<bool>{false, true});
  }

  TEST_CASE("one dispatch binds no more buffers than the device can") {
    const Plan plan = plan_of({.outputs = {chain(6, 100)}});
    Target narrow = software;
    narrow.max_buffers = 4;
    for (const EmittedKernel& kernel : emit_all(plan, narrow)) {
      const auto buffers =
          std::ranges::count(kernel.bindings, BindingKind::storage_buffer, &EmittedBinding::kind);
      CHECK(buffers <= 4);
    }
    CHECK(emit_all(plan, narrow).size() > 1);
  }

  TEST_CASE("one dispatch computes to the last bit what a dispatch for each kernel does") {
    const DeviceOptions together = with(Sharing::at_once), apart = with(Sharing::never);
    check_same_training(together, apart, Model::softmax, 3, 8);
    check_same_training(together, apart, Model::mlp, 3, 8);
  }

  TEST_CASE("a plan's kernels share a dispatch once it has run for long, in the middle of training") {
    check_same_training(with(Sharing::later), with(Sharing::never), Model::mlp, 5, 8);
  }

  TEST_CASE("what workgroups that do not wait leave undone is done by the others") {
    const DeviceOptions hasty = with(Sharing::at_once, 1), patient = with(Sharing::at_once);
    check_same_training(hasty, patient, Model::mlp, 5, 20);
  }

  // llvmpipe silently ends all loops of an invocation after 65,535 iterations.
  TEST_CASE("long kernels one after another are computed to their end") {
    auto context = open_validated();
    if (!context) return;
    const auto device = std::make_shared<VulkanDevice>(context, with(Sharing::at_once));
    const Tensor y = chain(40, 7000);
    Program program = compile({.outputs = {y}}, device);
    Program expected = compile({.outputs = {y}}, open_device("reference"));
    const std::vector<float> found = program.run()[0].to_vector();
    const std::vector<float> sums = expected.run()[0].to_vector();
    for (std::size_t i = 0; i < sums.size(); ++i) CHECK(found[i] == doctest::Approx(sums[i]).epsilon(1e-4));
  }
}

}  // namespace hekla::vulkan::test
