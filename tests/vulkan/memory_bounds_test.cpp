// Bounded memory: plans of other shapes reuse the arena, and freed buffers return to the driver. When memory
// is full, whatever can be made again is freed before that is an error.
#include <algorithm>
#include "backends/vulkan/evaluator.h"

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "graph/run/value.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

constexpr VkDeviceSize mebibyte = VkDeviceSize{1} << 20;

VkDeviceSize taken(const PoolCounters& counters) { return counters.bytes_in_use + counters.bytes_held; }

std::shared_ptr<VulkanDevice> device_with(const std::shared_ptr<Context>& context, VkDeviceSize most_memory) {
  DeviceOptions options;
  options.max_memory = most_memory;
  options.adjust = [](Profile& profile) { profile.target.persistent = false; };
  return std::make_shared<VulkanDevice>(context, options);
}

struct Network {
  Tensor w1 = variable(full({64, 128}, 0.01), "w1"), w2 = variable(full({128, 128}, 0.001), "w2");

  float step(std::int64_t length, const std::shared_ptr<Evaluator>& device) const {
    Tensor h = tensor(std::vector<float>(static_cast<std::size_t>(length * 64), 0.01f), {length, 64});
    h = tanh(matmul(h, w1));
    for (int layer = 0; layer < 3; ++layer) h = tanh(matmul(h, w2));
    const Tensor loss = mean(square(h));
    const std::vector<Tensor> g = grad(loss, std::vector<Tensor>{w1, w2});
    return evaluate({.outputs = {loss}, .updates = {{w1, w1 - 0.01 * g[0]}, {w2, w2 - 0.01 * g[1]}}},
                    device)[0]
        .item();
  }
};

Tensor two_products(std::int64_t side) {
  const Tensor x = variable(full({side, side}, 0.5));
  const Tensor y = matmul(x, x);
  return sum(matmul(y, y));
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("memory: steps of ever other lengths work in one arena") {
    auto context = open_validated();
    if (!context) return;
    const auto device = device_with(context, 0);
    const Network network;
    network.step(1600, device);
    const VkDeviceSize one = taken(device->memory());
    for (int k = 1; k < 6; ++k) network.step(1600 - 8 * k, device);
    CHECK(device->compiled_count() >= 6);
    // The data of a step may still be in use when that of the next one is allocated.
    CHECK(taken(device->memory()) <= one + one / 2);
    // A longer step replaces the arena, which is too small.
    network.step(2000, device);
    CHECK(taken(device->memory()) <= 2 * one);
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("memory: plans that share the arena take turns and compute what they do alone") {
    auto context = open_validated();
    if (!context) return;
    const auto shared = device_with(context, 0);
    std::vector<float> alone, in_turns;
    {
      const Network network;
      for (const std::int64_t length : {300, 500, 300})
        alone.push_back(network.step(length, device_with(context, 0)));
    }
    const Network network;
    for (const std::int64_t length : {300, 500, 300}) in_turns.push_back(network.step(length, shared));
    CHECK(alone == in_turns);
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("memory: programs that are dropped leave nothing behind") {
    auto context = open_validated();
    if (!context) return;
    const auto device = device_with(context, 0);
    const auto run_one = [&](std::int64_t length) {
      const Tensor x = variable(full({length, 64}, 1));
      Program program = compile({.outputs = {sum(matmul(x, full({64, 64}, 1)))}}, device);
      CHECK(program.run()[0].item() == static_cast<float>(length * 64 * 64));
    };
    run_one(64);
    const std::size_t buffers = device->memory().buffers_in_use;
    for (std::int64_t k = 1; k < 20; ++k) run_one(64 + k);
    CHECK(device->memory().buffers_in_use == buffers);
  }

  TEST_CASE("pool: growing sizes keep at most twice what was in use at once") {
    auto context = open_validated();
    if (!context) return;
    const auto pool = BufferPool::make(context);
    for (VkDeviceSize k = 1; k <= 30; ++k) {
      pool->acquire(8 * k * mebibyte, "growing");
      CHECK(pool->counters().bytes_held <= std::max<VkDeviceSize>(16 * k, 32) * mebibyte);
    }
    // After a time of low use, the pool frees the large buffers.
    for (int i = 0; i < 10'000; ++i) pool->acquire(1000, "small");
    CHECK(pool->counters().bytes_held <= 32 * mebibyte);
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("pool: a loop finds its buffers again") {
    auto context = open_validated();
    if (!context) return;
    const auto pool = BufferPool::make(context);
    const auto loop = [&] {
      const auto a = pool->acquire(40 * mebibyte, "a");
      auto b = pool->acquire(20 * mebibyte, "b");
      b.reset();
      const auto c = pool->acquire(10 * mebibyte, "c");
      pool->acquire(3000, "d");
    };
    loop();
    const std::size_t allocations = pool->counters().buffers_made;
    for (int i = 0; i < 10'000; ++i) loop();
    CHECK(pool->counters().buffers_made == allocations);
  }

  TEST_CASE("memory that is full is emptied of what can be made again") {
    testing::reference();
    auto context = open_validated();
    if (!context) return;
    const auto device = device_with(context, 41 * mebibyte + mebibyte / 2);
    const Tensor product = two_products(512);  // of 1 MiB, and at least one more in the arena
    const std::vector<float> before = compile({.outputs = {product}}, device).run()[0].to_vector();
    Program program = compile({.outputs = {product + 1}}, device);
    CHECK(program.run()[0].to_vector()[0] == before[0] + 1);
    CHECK(device->compiled_count() > 0);
    // It fits only where the arena is now.
    Tensor large = tensor(std::vector<float>(static_cast<std::size_t>(40 * mebibyte / 4), 1.0f));
    const auto on_device = large.node().value->on(device, large.node());
    CHECK(device->compiled_count() == 0);
    // The program still exists, but its arena has no room while the tensor does.
    const std::string text = error_of([&] { program.run(); });
    CHECK(contains(text, "'working memory of a plan' wants"));
    CHECK(contains(text, "drop tensors that are held without need"));
  }

  TEST_CASE("memory that is full serves again when tensors are dropped") {
    testing::reference();
    auto context = open_validated();
    if (!context) return;
    const auto device = device_with(context, 41 * mebibyte + mebibyte / 2);
    Program program = compile({.outputs = {two_products(512)}}, device);
    const std::vector<float> before = program.run()[0].to_vector();
    {
      const Tensor large = tensor(std::vector<float>(static_cast<std::size_t>(40 * mebibyte / 4), 1.0f));
      large.node().value->on(device, large.node());
      CHECK(!error_of([&] { program.run(); }).empty());
    }
    CHECK(program.run()[0].to_vector() == before);
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
