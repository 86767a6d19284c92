// Asynchronous submissions: values, memory and errors while the host goes on.
#include "backends/vulkan/submissions.h"

#include "backends/vulkan/evaluator.h"
#include "hekla.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

// Work long enough to be unfinished when the host checks: 40 products of 200 x 200.
Tensor much_work(const Tensor& x) {
  Tensor y = x;
  for (int i = 0; i < 40; ++i) y = tanh(matmul(y, x) * 1e-3);
  return y;
}

// Replaces the driver's vkWaitForFences, as if the device were lost.
VkResult VKAPI_PTR lost(VkDevice, uint32_t, const VkFence*, VkBool32, uint64_t) {
  return VK_ERROR_DEVICE_LOST;
}

struct DeviceLost {
  DeviceLost() { vkWaitForFences = lost; }
  ~DeviceLost() { vkWaitForFences = real; }
  PFN_vkWaitForFences real = vkWaitForFences;
};

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("submissions are numbered, and waiting for one is waiting for those before") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    {
      Submissions& submissions = context->submissions;
      CHECK_NOTHROW(submissions.wait(0));
      CHECK(submissions.submit({}, "nothing") == 1);
      CHECK(submissions.submit({}, "nothing") == 2);
      CHECK(submissions.submit({}, "nothing") == 3);
      submissions.wait(3);
      submissions.wait(1);
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("a plan that cannot be recorded leaves nothing behind") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    const std::int64_t too_many = context->limits.maxStorageBufferRange / 4 + std::int64_t{1};
    if (too_many > 100'000'000) {
      MESSAGE("SKIPPED: " << context->name << " binds more memory than a test should take");
      return;
    }
    {
      const Tensor counted = iota({too_many}, 0);
      const auto device = std::make_shared<VulkanDevice>(context);
      Program program = compile({.outputs = {counted}}, device);
      CHECK(contains(error_of([&] { program.run(); }), "[bind]"));
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("runs that nobody waits for come one after the other") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    {
      auto device = std::make_shared<VulkanDevice>(context);
      const Tensor x = variable(ones({200, 200}), "x");
      const Tensor count = variable(constant(0, {}, i32), "count");
      const Tensor seen = variable(constant(0, {}, i32), "seen");
      Program slow = compile({.outputs = {much_work(x)}, .updates = {{count, count + 1}}}, device);
      Program reader = compile({.outputs = {count * 10}, .updates = {{seen, seen + count}}}, device);
      std::vector<Tensor> held;
      for (int i = 1; i <= 6; ++i) {
        slow.run();
        held.push_back(reader.run()[0]);
      }
      for (int i = 1; i <= 6; ++i) CHECK(held[static_cast<std::size_t>(i - 1)].item<int>() == 10 * i);
      CHECK(seen.item<int>() == 21);
      slow.run(9);
      CHECK(count.item<int>() == 15);
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("memory that is let go while it is in use is not overwritten too soon") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    {
      auto device = std::make_shared<VulkanDevice>(context);
      const Tensor x = variable(ones({200, 200}) * 0.01, "x");
      const Tensor fed = input("fed", {200, 200});
      Program program = compile({.outputs = {sum(much_work(x)) * 0 + sum(fed)}}, device);
      // Each fed tensor is destroyed immediately, so that the next upload reuses its buffer from the pool.
      std::vector<Tensor> sums;
      for (int i = 1; i <= 6; ++i) {
        sums.push_back(
            program.run({{fed, tensor(std::vector<float>(40'000, static_cast<float>(i)), {200, 200})}})[0]);
      }
      for (int i = 1; i <= 6; ++i) {
        CHECK(sums[static_cast<std::size_t>(i - 1)].item() == 40'000.0f * static_cast<float>(i));
      }
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("programs, values and devices may go while their work is under way") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    {
      auto device = std::make_shared<VulkanDevice>(context);
      const Tensor x = variable(ones({200, 200}) * 0.01, "x");
      Tensor result;
      {
        Program program = compile({.outputs = {much_work(x)}}, device);
        program.run();
        result = program.run()[0];
      }
      CHECK(result.to_vector().size() == 40'000);
      compile({.outputs = {much_work(x)}}, device).run(3);
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("a buffer waits for the device before it goes") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    {
      auto pool = BufferPool::make(context);
      auto buffer = pool->acquire(1 << 20, "in use");
      VkCommandPool commands_of = VK_NULL_HANDLE;
      const VkCommandPoolCreateInfo pool_info{.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                              .queueFamilyIndex = context->queue_family};
      check(vkCreateCommandPool(context->device, &pool_info, nullptr, &commands_of), "vkCreateCommandPool",
            "a test");
      const VkCommandBufferAllocateInfo info{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                             .commandPool = commands_of,
                                             .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                             .commandBufferCount = 1};
      VkCommandBuffer commands = VK_NULL_HANDLE;
      check(vkAllocateCommandBuffers(context->device, &info, &commands), "vkAllocateCommandBuffers",
            "a test");
      const VkCommandBufferBeginInfo begin{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
      vkBeginCommandBuffer(commands, &begin);
      vkCmdFillBuffer(commands, buffer->handle, 0, VK_WHOLE_SIZE, 7);
      host_read_barrier(commands);
      vkEndCommandBuffer(commands);
      buffer->used_by(context->submissions.submit({&commands, 1}, "a fill"));
      CHECK(read_buffer<std::uint32_t>(*buffer, 3) == std::vector<std::uint32_t>{7, 7, 7});
      buffer->used_by(context->submissions.submit({&commands, 1}, "a fill"));
      buffer.reset();
      pool->trim();
      vkDestroyCommandPool(context->device, commands_of, nullptr);
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("a lost device is told at the next wait, with the plan's name") {
    auto context = open_validated();
    if (!context) return;
    auto device = std::make_shared<VulkanDevice>(context);
    const Tensor x = variable(ones({4}), "x");
    Program program = compile({.outputs = {x + 1}}, device);
    const Tensor y = program.run()[0];
    std::string text;
    {
      DeviceLost now;
      text = error_of([&] { y.to_vector(); });
    }
    CAPTURE(text);
    CHECK(contains(text, "[vkWaitForFences] VK_ERROR_DEVICE_LOST (-4) for plan "));
    CHECK(contains(text, "('add'); the driver gave the device up"));
    CHECK(y.to_vector() == std::vector<float>{2, 2, 2, 2});
  }
}

}  // namespace hekla::vulkan::test
