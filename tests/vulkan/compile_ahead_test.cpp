// Pipelines that other devices compile ahead of their use, and work divided among threads.
#include "backends/vulkan/compile_ahead.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "backends/vulkan/compiler.h"
#include "backends/vulkan/evaluator.h"
#include "backends/vulkan/parallel.h"
#include "graph/error.h"
#include "graph/run/compile_notice.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

// A pipeline that doubles the numbers of one buffer into another; each number makes another shader.
PipelineToCompile doubling(int number) {
  const std::string glsl =
      "#version 460\n"
      "layout(local_size_x = 8) in;\n"
      "layout(set = 0, binding = 0, rgba32f) uniform readonly imageBuffer from;\n"
      "layout(set = 0, binding = 1, std430) buffer To { vec4 to[]; };\n"
      "layout(push_constant) uniform Offset { int offset; };\n"
      "void main() { int i = int(gl_GlobalInvocationID.x); to[i + offset] = imageLoad(from, i) * 2.0 + " +
      std::to_string(number) + ".0; }\n";
  return {.label = "doubling " + std::to_string(number),
          .spirv = compile_glsl(glsl, "doubling"),
          .bindings = {{BindingKind::texel_buffer, VK_FORMAT_R32G32B32A32_SFLOAT, true},
                       {BindingKind::storage_buffer, VK_FORMAT_UNDEFINED, false}},
          .push_constant_bytes = 4};
}

std::vector<PipelineToCompile> doublings(int count) {
  std::vector<PipelineToCompile> all;
  for (int k = 0; k < count; ++k) all.push_back(doubling(k));
  return all;
}

void wait_for(CompileAhead& ahead) {
  while (!ahead.advance()) std::this_thread::yield();
}

// A number that no kernel of an earlier run of this program holds, so that no cache knows the kernel.
double fresh_number() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return 0.9 + static_cast<double>(now % 1'000'003) * 1e-8;
}

std::vector<std::vector<float>> train(const std::shared_ptr<VulkanDevice>& device, double momentum,
                                      int runs) {
  const testing::TrainingStep step(testing::Model::mlp, momentum);
  Program program = compile({.outputs = {step.loss}, .updates = step.updates}, device);
  std::vector<std::vector<float>> numbers;
  for (int i = 0; i < runs; ++i) {
    numbers.push_back(program.run(4)[0].to_vector());
    // Later runs take the kernels that were compiled ahead.
    if (i == runs / 2 && device->compile_ahead() != nullptr) wait_for(*device->compile_ahead());
  }
  for (const Tensor& weights : step.weights) numbers.push_back(weights.to_vector());
  return numbers;
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("compile ahead: other devices compile what is started and enqueued, and are idle then") {
    const auto context = open_validated();
    if (!context) return;
    CompileAhead ahead(context, 2);
    CHECK(ahead.contexts().empty());
    ahead.start(doublings(7));
    wait_for(ahead);
    ahead.enqueue(doublings(5));
    CHECK_FALSE(ahead.advance());
    wait_for(ahead);
    REQUIRE(ahead.contexts().size() == 2);
    for (const auto& other : ahead.contexts()) {
      CHECK(other->name == context->name);
      CHECK(other->device != context->device);
      CHECK(other->validation_message_count() == 0);
    }
  }

  TEST_CASE("compile ahead: a program computes the same, also when its kernels are exchanged meanwhile") {
    const auto context = open_validated();
    if (!context) return;
    const auto with = [&](std::uint32_t devices, double improve_after) {
      return std::make_shared<VulkanDevice>(context, DeviceOptions{.adjust = [=](Profile& profile) {
                                              profile.compile_devices = devices;
                                              profile.improve_after = improve_after;
                                            }});
    };
    const double momentum = fresh_number();
    const auto expected = train(with(0, 0), momentum, 20);
    const auto device = with(2, 1e-9);
    REQUIRE(device->compile_ahead() != nullptr);
    CHECK(train(device, momentum, 20) == expected);
    CHECK_FALSE(device->compile_ahead()->contexts().empty());
    for (const auto& other : device->compile_ahead()->contexts())
      CHECK(other->validation_message_count() == 0);
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("a notice tells how many kernels are compiled, unless a cache holds them") {
    const auto context = open_validated();
    if (!context) return;
    const auto device = std::make_shared<VulkanDevice>(context);
    std::vector<std::size_t> told;
    std::size_t told_outer = 0;
    const CompileNotice outer([&](std::size_t) { ++told_outer; });
    const CompileNotice notice([&](std::size_t kernels) { told.push_back(kernels); });
    const double fresh = fresh_number();
    const Tensor x = variable(ones({100, 8}));
    const auto sums = [&] { return sum(matmul(x + fresh, transpose(x)) * fresh, {1}); };
    evaluate({.outputs = {sums()}}, device);
    REQUIRE(told.size() == 1);
    CHECK(told[0] >= 1);
    device->forget_compiled();
    evaluate({.outputs = {sums()}}, device);
    CHECK(told.size() == 1);
    CHECK(told_outer == 0);
  }

  TEST_CASE("parallel_for: each call once, and the first error") {
    std::vector<int> calls(1000);
    parallel_for(calls.size(), [&](std::size_t i) { ++calls[i]; });
    CHECK(calls == std::vector<int>(1000, 1));
    parallel_for(0, [](std::size_t) { FAIL("nothing is to be called"); });
    CHECK_THROWS_WITH_AS(parallel_for(100,
                                      [](std::size_t i) {
                                        if (i % 10 == 7) throw Error("call " + std::to_string(i));
                                      }),
                         "call 7", Error);
  }
}

}  // namespace hekla::vulkan::test
