// Buffers: round trips, reuse and the errors of full memory.
#include <utility>

#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {
namespace {

std::vector<std::byte> pattern(std::size_t count, unsigned seed) {
  std::vector<std::byte> bytes(count);
  unsigned state = seed;
  for (std::byte& b : bytes) {
    state = state * 1664525u + 1013904223u;
    b = static_cast<std::byte>(state >> 24);
  }
  return bytes;
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("size classes waste at most a quarter and hold the tail of a vec4") {
    CHECK(size_class(0) == 256);
    CHECK(size_class(1) == 256);
    CHECK(size_class(257) == 512);
    for (VkDeviceSize bytes : {1000ull, 5000ull, 65537ull, 1000003ull, 30000001ull, 3000000001ull}) {
      CHECK(size_class(bytes) >= bytes);
      CHECK(size_class(bytes) <= bytes + bytes / 4 + 256);
      CHECK(size_class(bytes) % 256 == 0);
      CHECK(size_class(size_class(bytes)) == size_class(bytes));
    }
  }

  TEST_CASE("bytes come back as they went, whatever their number and place") {
    auto context = open_validated();
    if (!context) return;
    auto pool = BufferPool::make(context);
    for (std::size_t count : {1u, 3u, 255u, 256u, 257u, 4099u, 1000003u}) {
      auto buffer = pool->acquire(count, "odd");
      CHECK(buffer->capacity >= count);
      auto sent = pattern(count, static_cast<unsigned>(count));
      upload(*buffer, sent);
      CHECK(read_buffer<std::byte>(*buffer, count) == sent);
    }
    auto buffer = pool->acquire(1000, "part");
    auto whole = pattern(1000, 1);
    upload(*buffer, whole);
    auto part = pattern(77, 2);
    upload(*buffer, part, 501);
    std::copy(part.begin(), part.end(), whole.begin() + 501);
    CHECK(read_buffer<std::byte>(*buffer, 1000) == whole);
    std::vector<std::byte> few(9);
    download(*buffer, few, 503);
    CHECK(std::equal(few.begin(), few.end(), whole.begin() + 503));
    CHECK(contains(error_of([&] { upload(*buffer, pattern(64, 0), buffer->capacity - 63); }),
                   "must lie inside"));
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("copies through staging carry the same bytes") {
    auto context = open_validated();
    if (!context) return;
    auto pool = BufferPool::make(context);
    // The path for GPUs whose memory the host cannot map, simulated by hiding the mapping.
    for (std::size_t count : {5u, 70000u, (32u << 20) + 12u}) {
      auto buffer = pool->acquire(count, "hidden");
      std::byte* host = std::exchange(buffer->host, nullptr);
      auto sent = pattern(count, 9);
      upload(*buffer, sent);
      CHECK(read_buffer<std::byte>(*buffer, count) == sent);
      buffer->host = host;
    }
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("a freed buffer serves the next of its size") {
    auto context = open_validated();
    if (!context) return;
    auto pool = BufferPool::make(context);
    auto first = pool->acquire(10000, "first");
    VkBuffer handle = first->handle;
    VkDeviceSize capacity = first->capacity;
    CHECK(pool->counters().bytes_in_use == capacity);
    first.reset();
    CHECK(pool->counters().bytes_in_use == 0);
    CHECK(pool->counters().bytes_held == capacity);
    auto second = pool->acquire(9999, "second");
    CHECK(second->handle == handle);
    CHECK(second->bytes == 9999);
    CHECK(pool->counters().buffers_made == 1);
    auto third = pool->acquire(100, "third");
    CHECK(third->handle != handle);
    CHECK(pool->counters().buffers_in_use == 2);
    CHECK(pool->counters().peak_bytes == capacity + 256);
    second.reset();
    auto small = pool->acquire(300, "a small one does not take a large buffer");
    CHECK(small->handle != handle);
    pool->trim();
    CHECK(pool->counters().bytes_held == 0);
    CHECK(pool->counters().buffers_in_use == 2);
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("a buffer outlives the names of its pool and context") {
    auto context = open_validated();
    if (!context) return;
    auto log = context->instance.log;
    auto pool = BufferPool::make(context);
    auto buffer = pool->acquire(64, "last");
    context.reset();
    pool.reset();
    std::vector<std::byte> sent = pattern(64, 3);
    upload(*buffer, sent);
    CHECK(read_buffer<std::byte>(*buffer, 64) == sent);
    buffer.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("pool: small buffers share allocations, of which the driver gives a few thousand") {
    auto context = open_validated();
    if (!context) return;
    auto pool = BufferPool::make(context);
    constexpr std::size_t count = 5000, bytes = 600;
    std::vector<std::shared_ptr<Buffer>> buffers;
    for (std::size_t k = 0; k < count; ++k) {
      buffers.push_back(pool->acquire(bytes, "small"));
      upload(*buffers.back(), pattern(bytes, static_cast<unsigned>(k)));
    }
    CHECK(pool->counters().allocations == (count + 63) / 64);
    bool all_right = true;
    for (std::size_t k = 0; k < count; ++k)
      all_right =
          all_right && read_buffer<std::byte>(*buffers[k], bytes) == pattern(bytes, static_cast<unsigned>(k));
    CHECK(all_right);
    // A block with one place in use is kept and reused.
    buffers.resize(1);
    pool->trim();
    CHECK(pool->counters().allocations == 1);
    for (std::size_t k = 1; k < 64; ++k) buffers.push_back(pool->acquire(bytes, "again"));
    CHECK(pool->counters().allocations == 1);
    CHECK(read_buffer<std::byte>(*buffers[0], bytes) == pattern(bytes, 0));
    const auto large = pool->acquire(1 << 20, "large");
    CHECK(pool->counters().allocations == 2);
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("asking for more than there is names the asker and the numbers") {
    auto context = open_validated();
    if (!context) return;
    auto pool = BufferPool::make(context);
    std::string text = error_of([&] { pool->acquire(VkDeviceSize{1} << 60, "weights of layer 3"); });
    CHECK(contains(text, "'weights of layer 3' wants 1152921504606846976 bytes"));
    CHECK(contains(text, "make the batch or the model smaller"));
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
