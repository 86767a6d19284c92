// Emitter: writes the text of one kernel, a method for each form (emit.cpp, emit_matmul.cpp).
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/glsl.h"
#include "backends/vulkan/memory_hooks.h"

namespace hekla::vulkan {

/// The GLSL name of an axis of a kernel.
std::string axis_name(int axis);

/// A kernel as text that defines `void run(uint group)` (with the prefix before it), after the declarations
/// of its interface and the functions that its operations call.
struct KernelText {
  std::string extensions;  // besides those of every shader
  Code code;
  std::uint64_t groups = 0;
  std::uint32_t local_size = 1;
};

/// The lines at the head of a shader. Its label does not stand there, so that equal kernels are equal texts. `loops` is the number of loops around its kernels.
std::string head_of(const std::string& extensions, const Target& target, int loops);

/// The GLSL functions that the operations of the kernels call.
Code library_of(std::span<const Kernel> kernels);

class Emitter {
 public:
  Emitter(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
          const std::optional<MatmulTiles>& tiles, ShaderInterface& interface, std::string prefix = {})
      : kernel_(kernel),
        target_(target),
        tiles_(tiles),
        memory_(kernel, slots, target, interface),
        prefix_(std::move(prefix)) {}

  KernelText run();

 private:
  // Octet alignment per store of a product: does an octet of an even (odd) row start at an odd quad?
  using Parities = std::vector<std::array<bool, 2>>;

  // One method per kernel form: writes its hooks and definitions, and sets the workgroup count.
  void emit(const MapKernel& map);
  void emit(const ReduceKernel& reduce);
  void emit(const MatmulKernel& product);
  void emit(const CustomCall& call);
  void group(std::uint64_t invocations, std::uint32_t local_size);

  Surroundings surroundings(std::string prefix, std::function<std::string(int)> axes = axis_name);
  static std::string quad_of(const BodyPrinter& printer, const Store& store);
  std::string stores(const BodyPrinter& printer, bool wide, const std::function<std::string(int)>& guard = {},
                     int part = 0, std::string_view indent = "  ");

  std::uint32_t fold_lanes(const ReduceKernel& reduce, std::uint64_t length) const;
  int quads_of_invocation(const MapPart& part, int number) const;
  std::uint64_t compute(const std::string& name, const MapPart& part, int number);

  void factor(char side, const Body& body, int outer_axis, bool along_inner, std::int64_t inner);
  BodyPrinter result_printer(const MatmulKernel& product, std::string prefix, std::string anchor,
                             std::string row, std::string column);
  void store(const MatmulKernel& product);
  std::optional<Parities> octets_of_rows(const MatmulKernel& product) const;
  void store_pair(const MatmulKernel& product, const Parities& parities);

  const Kernel& kernel_;
  const Target& target_;
  const std::optional<MatmulTiles>& tiles_;
  MemoryHooks memory_;
  std::string prefix_;                 // of the names that the text defines
  std::uint64_t invocation_axes_ = 1;  // map and reduce: the item
  Definitions definitions_;
  Code hooks_;
  std::string skeleton_;
  std::uint64_t groups_ = 0;
  std::uint32_t local_size_ = 1;
};

}  // namespace hekla::vulkan
