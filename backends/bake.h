// Baked code: computations as C++ source that does not need hekla.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "graph/computation.h"
#include "graph/tensor.h"

namespace hekla {

/// A member function of the class that is baked. Of several variants, each for its number of examples (the first axis of
/// all inputs and outputs), a call takes any number of examples.
struct BakedFunction {
  struct Input {
    std::string name;
    Tensor tensor;  ///< made by hk::input()
  };
  struct Variant {
    Computation computation;
    std::vector<Input> inputs;
  };
  std::string name;
  std::vector<Variant> variants;
  std::vector<std::string> output_names =
      {};  ///< of computation.outputs; "output", "output_1", .. where empty
};

/// What runs baked code: the processor that it is compiled for, or a device through the Vulkan loader.
enum class BakeForm { cplusplus, vulkan };

/// How wide the vectors of the form `cplusplus` are: those that every processor has, or those of this machine. With the
/// latter, compiled with -march=native, the numbers are those of the device `native`, bit for bit.
enum class BakedWidth { portable, this_machine };

/// Which devices the form `vulkan` is for: those like the present device, with its numbers bit for bit, or any device of
/// Vulkan 1.1, with kernels that stay within the limits that each has.
enum class BakedDevices { like_this, any };

struct BakeFormat {
  BakeForm form = BakeForm::cplusplus;
  BakedWidth width = BakedWidth::portable;
  BakedDevices devices = BakedDevices::like_this;
  std::size_t most_inline_bytes = std::size_t{8} << 20;  ///< larger weights go into a file
};

struct BakedSource {
  std::string header;
  std::string source;
  std::vector<std::byte> weights;  ///< to be put into a file; empty where the source holds them
};

/// The class `name::Network` with these functions. Variables that one of them updates are its state; what else they read
/// is constant. Throws hekla::Error `[bake] ..` on names that are no C++ names, on variants that differ in more than their
/// number of examples, on custom kernels in the form `cplusplus`, and in the form `vulkan` for devices like this where this
/// is no Vulkan device.
BakedSource bake_source(const std::string& name, const std::vector<BakedFunction>& functions,
                        const BakeFormat& format = {});

/// The parts of it that concern a form, defined by the backend for it.
BakedSource bake_for_processor(const std::string& name, const std::vector<BakedFunction>& functions,
                               const BakeFormat& format);
BakedSource bake_for_hardware_device(const std::string& name, const std::vector<BakedFunction>& functions,
                                     const BakeFormat& format);

}  // namespace hekla
