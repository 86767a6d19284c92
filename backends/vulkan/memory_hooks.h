// Memory hooks: the functions through which a kernel reads and writes its slots, in the form that suits the
// device.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

/// Collects what a kernel touches while it is being printed. Each slot is bound once for being written and
/// once for every way in which it is read: element by element or in quads.
class MemoryHooks {
 public:
  MemoryHooks(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target)
      : kernel_(kernel), slots_(slots), target_(target) {}

  /// The function that reads element (or quad) i of an operand.
  std::string read(int operand, bool quads);
  /// The function that writes element (or quad) i of a slot.
  std::string write(int slot, DType dtype, bool quads);
  /// The function that writes quads i and i + 1 of a slot of a dtype that is not packed. It is one for even
  /// i, or one for odd i.
  std::string write_octet(int slot, DType dtype, bool odd);

  /// Declarations of the bindings and their functions.
  const std::string& declarations() const { return declarations_; }
  const std::vector<EmittedBinding>& bindings() const { return bindings_; }

 private:
  struct Use {
    int slot;
    int width;  // elements: 1, a quad or an octet
    bool written;
    std::string function;
    std::size_t binding;
    bool odd = false;  // octets that start at odd quads
  };
  std::string known(int slot, int width, bool written, bool odd = false) const;
  std::size_t bind_written(int slot);
  void declare_reader(const Use& use, DType dtype, const std::function<std::string(const char*)>& words);
  void declare_texel_read(const Use& use, DType dtype);
  void declare_buffer_read(const Use& use, DType dtype);

  const Kernel& kernel_;
  const std::vector<Slot>& slots_;
  const Target& target_;
  std::vector<Use> uses_;
  std::vector<EmittedBinding> bindings_;
  std::string declarations_;
};

}  // namespace hekla::vulkan
