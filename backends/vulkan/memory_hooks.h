// Memory hooks: the load and store functions of a kernel's slots, in the form that suits the device, and the
// shader interface: its bindings.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

/// The bindings of a shader and their declarations. Several kernels of a shader share equal bindings, except
/// for slots that one of them writes: another kernel's reads of those must come from memory.
class ShaderInterface {
 public:
  /// `written`: the slots written by any of several kernels.
  explicit ShaderInterface(std::set<int> written = {}) : written_(std::move(written)) {}

  /// Starts the bindings of the next kernel.
  void next_kernel() { own_ = bindings_.size(); }

  struct Bound {
    std::size_t number;
    bool is_new;  // and must be declared
  };
  /// `type` is the declared type; a binding declared with several types is still one binding.
  Bound bind(const EmittedBinding& binding, const std::string& type);
  /// Whether kernels of the shader other than the current one may write a slot.
  bool written_by_several(int slot) const { return written_.contains(slot); }
  void declare(const std::string& text) { declarations_ += text; }

  const std::string& declarations() const { return declarations_; }
  const std::vector<EmittedBinding>& bindings() const { return bindings_; }
  std::size_t count(BindingKind kind) const;

 private:
  std::set<int> written_;
  std::size_t own_ = 0;  // the first binding of the current kernel
  std::vector<EmittedBinding> bindings_;
  std::vector<std::set<std::string>> types_;
  std::string declarations_;
};

/// Collects the memory accesses of a kernel while it is printed. A slot is one storage buffer for all its
/// accesses, and one texel buffer per format in which it is read. Where the device limits bindings to fewer,
/// all working memory of a kernel is one storage buffer.
class MemoryHooks {
 public:
  MemoryHooks(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
              ShaderInterface& interface);

  /// The name of the function that loads element (or quad) i of an operand.
  std::string read(int operand, bool quads);
  /// The name of the function that stores element (or quad) i of a slot.
  std::string write(int slot, DType dtype, bool quads);
  /// The name of the function that stores quads i and i + 1 of a slot whose dtype is not packed; a separate
  /// function for even i and for odd i.
  std::string write_octet(int slot, DType dtype, bool odd);

  /// The text of the functions.
  const std::string& functions() const { return functions_; }

 private:
  struct Use {
    int slot;
    int width;  // elements: 1, a quad or an octet
    bool written;
    std::string function;
    std::size_t binding = 0;
    bool odd = false;  // octets that start at odd quads
  };
  std::string known(int slot, int width, bool written, bool odd = false) const;
  bool in_shared_arena(int slot) const;
  EmittedBinding buffer_of(int slot) const;
  std::string element(const std::string& index, int slot, const std::string& type) const;
  std::size_t bind_written(int slot);
  bool is_in_place(int slot) const;
  bool is_read_as_written(int slot) const;
  std::string qualifiers(int slot) const;
  struct Block {
    std::size_t binding;
    std::string array;
  };
  Block block_of_both(int slot, const std::string& type);
  void declare_reader(const Use& use, DType dtype, const std::function<std::string(const char*)>& words);
  void declare_texel_read(Use& use, DType dtype);
  void declare_buffer_read(Use& use, DType dtype);

  const Kernel& kernel_;
  const std::vector<Slot>& slots_;
  const Target& target_;
  ShaderInterface& interface_;
  std::vector<Use> uses_;
  struct BlockOfBoth {
    std::string type;
    Block block;
  };
  std::vector<BlockOfBoth> blocks_of_both_;
  Stretch arena_;  // working memory bound as one buffer; empty: none
  std::string functions_;
};

}  // namespace hekla::vulkan
