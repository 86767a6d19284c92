// Choosing and opening a device.
#include "backends/device.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {
namespace {

DeviceReport made_up(int index, const char* name, DeviceType type, const char* unsuitable = "") {
  DeviceReport report;
  report.index = index;
  report.name = name;
  report.type = type;
  report.api = "1.3.0";
  report.driver = "driver";
  report.unsuitable = unsuitable;
  return report;
}

std::vector<DeviceReport> some_devices() {
  return {made_up(0, "llvmpipe (LLVM 15)", DeviceType::cpu), made_up(1, "Iris Xe", DeviceType::integrated),
          made_up(2, "GeForce One", DeviceType::discrete), made_up(3, "GeForce Two", DeviceType::discrete),
          made_up(4, "Old One", DeviceType::discrete, "its Vulkan is 1.0.3 and hekla needs 1.1")};
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("the device is chosen by type unless a selector asks") {
    auto pick = [](const char* selector) {
      auto reports = some_devices();
      return choose_device(reports, selector);
    };
    CHECK(pick("") == 2);
    CHECK(pick("gpu") == 2);
    CHECK(pick("CPU") == 0);
    CHECK(pick("1") == 1);
    CHECK(pick("geforce two") == 3);
    CHECK(pick("iris") == 1);
  }

  TEST_CASE("the reference device is chosen in any case of letters") {
    CHECK(open_device("Reference")->name() == open_device("reference")->name());
    CHECK(open_device("REFERENCE")->name() == open_device("reference")->name());
  }

  TEST_CASE("the reports say why") {
    auto reports = some_devices();
    choose_device(reports, "");
    CHECK(reports[2].chosen);
    CHECK(reports[2].reason == "first discrete device");
    CHECK(reports[0].reason == "a discrete device is preferred to a cpu one");
    CHECK(reports[3].reason == "device 2 of the same type comes first");
    CHECK(reports[4].reason == "its Vulkan is 1.0.3 and hekla needs 1.1");
    std::string text = describe(reports);
    CHECK(contains(text, "* 2: GeForce One (discrete, Vulkan 1.3.0, driver): first discrete device\n"));
    CHECK(contains(text, "  0: llvmpipe (LLVM 15) (cpu, "));
    choose_device(reports, "cpu");
    CHECK(reports[0].reason == "matches 'cpu'");
    CHECK(reports[2].reason == "does not match 'cpu'");
    CHECK_FALSE(reports[2].chosen);
  }

  TEST_CASE("a selector that fits nothing lists the devices") {
    auto reports = some_devices();
    for (const char* selector : {"radeon", "7", "-1"}) {
      std::string text = error_of([&] { choose_device(reports, selector); });
      CHECK(contains(text, "[device] no Vulkan device matches '" + std::string(selector) + "'"));
      CHECK(contains(text, "1: Iris Xe (integrated)"));
    }
    std::string unusable = error_of([&] { choose_device(reports, "4"); });
    CHECK(contains(unusable, "cannot be used: its Vulkan is 1.0.3"));
  }

  TEST_CASE("a real device opens, tells about itself and closes without a word") {
    auto context = open_validated();
    if (!context) return;
    CHECK(context->subgroup_size >= 1);
    CHECK(context->api_version >= VK_API_VERSION_1_1);
    CHECK(context->offset_alignment % 16 == 0);
    CHECK(contains(describe(context->devices), context->name));
    CHECK_FALSE(list_devices().empty());
    CHECK(contains(error_of([] { open_context("no such device"); }), "no such device"));
    auto log = context->instance.log;
    context.reset();
    CHECK(log->count() == 0);
  }

  TEST_CASE("validation counts what is wrong") {
    auto context = open_validated();
    if (!context) return;
    MESSAGE("one message about vkCreateBuffer is meant to follow");
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    VkBuffer buffer = VK_NULL_HANDLE;
    if (vkCreateBuffer(context->device, &info, nullptr, &buffer) == VK_SUCCESS)
      vkDestroyBuffer(context->device, buffer, nullptr);
    CHECK(context->validation_message_count() > 0);
    context->instance.log->forgive();
  }

  TEST_CASE("a failed call is named with its result and its object") {
    std::string text =
        error_of([] { check(VK_ERROR_DEVICE_LOST, "vkQueueSubmit", "the kernel 'matmul_3'"); });
    CHECK(contains(text, "[vkQueueSubmit] VK_ERROR_DEVICE_LOST (-4) for the kernel 'matmul_3'"));
    CHECK_NOTHROW(check(VK_INCOMPLETE, "vkEnumerateSomething", "nothing"));
  }
}

}  // namespace hekla::vulkan::test
