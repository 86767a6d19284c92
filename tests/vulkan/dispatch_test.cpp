// From GLSL to results: pipelines, bindings and a dispatch, with validation on.
#include <array>

#include "backends/vulkan/commands.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {
namespace {

const char* const doubling = R"(#version 460
layout(local_size_x = 8) in;
layout(binding = 0, rgba32f) uniform readonly imageBuffer source;
layout(binding = 1) buffer Target { vec4 target[]; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < target.length()) target[i] = 2.0 * imageLoad(source, int(i));
}
)";

const char* const counting = R"(#version 460
layout(local_size_x = 1) in;
layout(binding = 0) buffer Target { uint target[]; };
void main() {
  uint group = gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x;
  if (group < target.length()) target[group] = group + 1u;
}
)";

constexpr std::array texel_and_storage = {BindingKind::texel_buffer, BindingKind::storage_buffer};

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("a kernel reads texels and writes a storage buffer") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    {
      auto pool = BufferPool::make(context);
      std::vector<float> values(1024);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) * 0.5f;
      auto source = make_buffer<float>(*pool, values, "source");
      auto target = pool->acquire(values.size() * 4, "target");
      auto pipeline =
          make_pipeline(context, compile_glsl_uncached(doubling, "double"), texel_and_storage, "double");
      Bindings bindings(context);
      const BufferRange ranges[] = {{.buffer = source.get(), .offset = 0, .bytes = 4096},
                                    {.buffer = target.get(), .offset = 0, .bytes = 4096}};
      VkDescriptorSet set = bindings.add(*pipeline, ranges);
      run_commands(*context, "doubling", [&](VkCommandBuffer commands) {
        begin_label(*context, commands, "double");
        dispatch(commands, *pipeline, set, 32);
        end_label(*context, commands);
        host_read_barrier(commands);
      });
      auto result = read_buffer<float>(*target, values.size());
      for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(result[i] == 2.0f * values[i]);

      // A part of each buffer.
      VkDeviceSize half = 2048;
      REQUIRE(half % context->offset_alignment == 0);
      const BufferRange parts[] = {{.buffer = source.get(), .offset = half, .bytes = 100},
                                   {.buffer = target.get(), .offset = 0, .bytes = 112}};
      VkDescriptorSet part = bindings.add(*pipeline, parts);
      run_commands(*context, "doubling a part", [&](VkCommandBuffer commands) {
        dispatch(commands, *pipeline, part, 1);
        host_read_barrier(commands);
      });
      CHECK(read_buffer<float>(*target, 8)[3] == 2.0f * values[515]);
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("workgroup counts above 65,535 are spread over y") {
    auto context = open_validated();
    if (!context) return;
    constexpr std::size_t count = 70001;
    auto pool = BufferPool::make(context);
    auto target = pool->acquire(count * 4, "target");
    const BindingKind kinds[] = {BindingKind::storage_buffer};
    auto pipeline = make_pipeline(context, compile_glsl_uncached(counting, "count"), kinds, "count");
    Bindings bindings(context);
    const BufferRange ranges[] = {{.buffer = target.get(), .offset = 0, .bytes = count * 4}};
    VkDescriptorSet set = bindings.add(*pipeline, ranges);
    run_commands(*context, "counting", [&](VkCommandBuffer commands) {
      dispatch(commands, *pipeline, set, count);
      host_read_barrier(commands);
    });
    auto result = read_buffer<uint32_t>(*target, count);
    for (std::size_t i = 0; i < count; ++i) REQUIRE(result[i] == i + 1);
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("descriptor sets do not run out") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    {
      auto pool = BufferPool::make(context);
      auto buffer = pool->acquire(4096, "shared");
      auto pipeline =
          make_pipeline(context, compile_glsl_uncached(doubling, "double"), texel_and_storage, "double");
      Bindings bindings(context);
      const BufferRange ranges[] = {{.buffer = buffer.get(), .offset = 0, .bytes = 4096},
                                    {.buffer = buffer.get(), .offset = 0, .bytes = 4096}};
      for (int i = 0; i < 500; ++i) REQUIRE(bindings.add(*pipeline, ranges) != VK_NULL_HANDLE);
    }
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("bindings that break a rule are told before the driver sees them") {
    auto context = open_validated();
    if (!context) return;
    auto pool = BufferPool::make(context);
    auto buffer = pool->acquire(4096, "shared");
    auto pipeline =
        make_pipeline(context, compile_glsl_uncached(doubling, "double"), texel_and_storage, "double");
    Bindings bindings(context);
    const BufferRange good{.buffer = buffer.get(), .offset = 0, .bytes = 4096};
    auto fail = [&](BufferRange texels, BufferRange storage) {
      const BufferRange ranges[] = {texels, storage};
      return error_of([&] { bindings.add(*pipeline, ranges); });
    };
    CHECK(contains(fail(good, {.buffer = buffer.get(), .offset = 0, .bytes = 9999}), "must lie inside"));
    CHECK(contains(fail({.buffer = buffer.get(), .offset = 4, .bytes = 16}, good), "start at a multiple of"));
    CHECK(contains(fail({.buffer = buffer.get(), .offset = 0, .bytes = 0}, good), "not be empty"));
    CHECK(contains(error_of([&] { bindings.add(*pipeline, std::span(&good, 1)); }),
                   "has 2 bindings and 1 buffers"));
    context->limits.maxStorageBufferRange = 1024;
    CHECK(contains(fail(good, good), "binds at most 1024 bytes at once"));
    context->limits.maxTexelBufferElements = 16;
    CHECK(contains(fail(good, good), "reads at most 16 texels at once"));
    context->limits.maxPerStageDescriptorStorageBuffers = 0;
    CHECK(contains(error_of([&] { make_pipeline(context, {}, texel_and_storage, "double"); }),
                   "binds 1 storage buffers"));
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
