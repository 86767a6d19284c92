// Computations that devices of any size run. Besides the actual device, these run over a layer that makes it
// look like smaller ones (tests/layers), with the validation layer above that.
#include <cstdlib>

#include "backends/vulkan/evaluator.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/support/devices.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

std::shared_ptr<VulkanDevice> opened() {
  static const auto& device = *new std::shared_ptr<VulkanDevice>([]() -> std::shared_ptr<VulkanDevice> {
    const std::shared_ptr<Context> context = open_validated();
    return context ? std::make_shared<VulkanDevice>(context) : nullptr;
  }());
  return device;
}

void check_close(const std::vector<float>& found, const std::vector<float>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
}

// Compares the results of `make` on the device and on the reference device.
void check_same(const std::function<std::vector<Tensor>()>& make) {
  if (!opened()) return;
  const std::vector<Tensor> found = make(), expected = make();
  evaluate({.outputs = found}, opened());
  evaluate({.outputs = expected}, testing::reference());
  for (std::size_t i = 0; i < found.size(); ++i) check_close(found[i].to_vector(), expected[i].to_vector());
  CHECK(opened()->context()->validation_message_count() == 0);
}

Tensor filled(const Shape& shape) {
  return reshape(cast(arange(shape.count()) * 37 % 101 - 50, f32) * 0.015625, shape);
}

}  // namespace

TEST_SUITE("limits") {
  TEST_CASE("limits: the profile that was asked for is what is seen") {
    if (!opened()) return;
    const char* profile = std::getenv("HEKLA_LIMITS");
    const bool seen = opened()->name().ends_with("(limits)");
    CHECK(seen == (profile != nullptr && *profile != 0));
  }

  TEST_CASE("limits: what kernels are made for is what the device has") {
    if (!opened()) return;
    const VkPhysicalDeviceLimits& limits = opened()->context()->limits;
    const Target& target = opened()->profile().target;
    CHECK(target.max_buffers <= limits.maxPerStageDescriptorStorageBuffers);
    CHECK(target.max_buffers + target.max_texel_buffers <= limits.maxPerStageResources);
    CHECK(target.local_size <= limits.maxComputeWorkGroupSize[0]);
    CHECK(target.local_size <= limits.maxComputeWorkGroupInvocations);
    CHECK(target.reduce_lanes <= target.local_size);
    CHECK(target.max_invocations <= limits.maxComputeWorkGroupSize[0]);
  }

  TEST_CASE("limits: sums, products, rows, packed elements") {
    check_same([] {
      const Tensor x = filled({48, 200}), w = filled({200, 36});
      return std::vector<Tensor>{sum(x),
                                 sum(x, {0}),
                                 sum(x, {1}),
                                 matmul(x, w),
                                 relu(matmul(x, w) + filled({36})) * 2,
                                 softmax(slice(x, {{}, {.stop = 10}})),
                                 cast(cast(arange(203) % 199, u8), f32) + 1,
                                 cast(cast(cast(arange(203), f32) * 0.25, f16), f32) + 1};
    });
  }

  TEST_CASE("limits: more operands and results than are bound") {
    check_same([] {
      std::vector<Tensor> all;
      for (int k = 0; k < 40; ++k) all.push_back(variable(tensor({static_cast<float>(k), 1.0f, 2.0f}), "v"));
      Tensor total = all[0];
      for (int k = 1; k < 40; ++k) total = total + all[static_cast<std::size_t>(k)];
      std::vector<Tensor> results = grad(sum(square(total * 0.01)), std::span(std::as_const(all)));
      results.insert(results.end(), {total, concat(all, 0), total * 2});
      return results;
    });
  }

  TEST_CASE("limits: Adam's steps are those of the reference device") {
    if (!opened()) return;
    const auto train = [](const std::shared_ptr<Evaluator>& device) {
      std::vector<Tensor> weights;
      for (int k = 0; k < 5; ++k) weights.push_back(variable(filled({20, 8 + k}), "w"));
      Tensor loss = zeros({});
      for (const Tensor& weight : weights) loss = loss + sum(square(tanh(weight)));
      Optimizer adam(Adam({}, {.global_clipnorm = 1}));
      Program program = compile(
          {.outputs = {loss}, .updates = adam.step(weights, grad(loss, std::span(std::as_const(weights))))},
          device);
      for (int step = 0; step < 3; ++step) program.run();
      std::vector<float> all;
      for (const Tensor& weight : weights) {
        const std::vector<float> values = weight.to_vector();
        all.insert(all.end(), values.begin(), values.end());
      }
      return all;
    };
    check_close(train(opened()), train(testing::reference()));
    CHECK(opened()->context()->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
