// Shared helpers of the Vulkan tests: a validated context, and the rule that a test without a device is
// skipped with a notice and fails under HEKLA_REQUIRE_DEVICE=1.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "backends/vulkan/buffer.h"
#include "backends/vulkan/compiler.h"
#include "backends/vulkan/context.h"
#include "backends/vulkan/pipeline.h"
#include "graph/error.h"

namespace hekla::vulkan::test {

/// A context with validation on, or null after printing why there is none.
std::shared_ptr<Context> open_validated(const std::string& selector = "");

/// The message of the hekla::Error that `action` throws; fails the test when it throws none.
template <typename Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("no hekla::Error was thrown");
  return {};
}

/// Whether `text` holds `part`.
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A unique folder in the system's temporary one; its destructor removes it with its content.
struct TemporaryFolder {
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  std::filesystem::path path;
};

template <typename T>
std::shared_ptr<Buffer> make_buffer(BufferPool& pool, std::span<const T> values, const std::string& label) {
  auto buffer = pool.acquire(values.size_bytes(), label);
  upload(*buffer, std::as_bytes(values));
  return buffer;
}

template <typename T>
std::vector<T> read_buffer(Buffer& buffer, std::size_t count) {
  std::vector<T> values(count);
  download(buffer, std::as_writable_bytes(std::span(values)));
  return values;
}

}  // namespace hekla::vulkan::test
