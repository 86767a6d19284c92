// The device under test in all variants of code generation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/vulkan/evaluator.h"

namespace hekla::testing {

struct Variant {
  std::string name;
  std::shared_ptr<vulkan::VulkanDevice> device;
};

/// The device with its own profile; without fusion and with the opposite choice of octet stores; and in the
/// form of the other class of devices (storage buffers or texel buffers, tiles or shuffles, folds by many
/// lanes or by one). Empty, after printing a notice, where there is no device.
const std::vector<Variant>& variants();

/// The device under test with all small kernels of a plan in one dispatch at once; without fusion, so that
/// there are many. It compiles slowly, so only a few tests run it in addition.
const std::vector<Variant>& in_few_dispatches();

/// The device under test limited to the number of buffers that Vulkan guarantees, with its own profile and in
/// the other form; for a few tests.
const std::vector<Variant>& binding_few();

}  // namespace hekla::testing
