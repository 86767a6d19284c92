// The device under test compiled for in every way the compiler knows.
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

/// As the device likes it; without fusion, and stored by octets or not; and in the form of the other class of
/// devices (storage buffers or texel buffers, tiles or shuffles, folds by many lanes or by one). Empty, after
/// saying so, where there is no device.
const std::vector<Variant>& variants();

/// The device under test with all small kernels of a plan in one dispatch at once, and many of them, as
/// nothing is fused. It is long to compile, so that a few tests take it besides.
const std::vector<Variant>& in_few_dispatches();

/// The device under test as one that binds no more buffers than Vulkan promises, as it likes it and in the
/// other form; for a few tests.
const std::vector<Variant>& binding_few();

}  // namespace hekla::testing
