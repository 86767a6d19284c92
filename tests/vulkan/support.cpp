// The shared helpers of the Vulkan tests.
#include "tests/vulkan/support.h"

#include <cstdlib>
#include <random>

namespace hekla::vulkan::test {

std::shared_ptr<Context> open_validated(const std::string& selector) {
  try {
    return open_context(selector, {.validate = true, .cache_folder = {}});
  } catch (const Error& error) {
    const char* required = std::getenv("HEKLA_REQUIRE_DEVICE");
    if (required != nullptr && std::string(required) == "1") FAIL(std::string(error.what()));
    MESSAGE("SKIPPED, no device: " << std::string(error.what()));
    return nullptr;
  }
}

TemporaryFolder::TemporaryFolder() {
  std::random_device device;
  path = std::filesystem::temp_directory_path() / ("hekla-test-" + std::to_string(device()));
  std::filesystem::create_directories(path);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace hekla::vulkan::test
