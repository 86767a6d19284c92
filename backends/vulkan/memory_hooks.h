// Memory hooks: the functions through which a kernel reads and writes its slots, in the form that suits the
// device, and the interface of a shader: what is bound to it.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

/// What is bound to a shader, and the declarations of it. Several kernels of a shader share bindings that are
/// alike, but for those of slots that one of them writes: what another reads there must come from memory.
class ShaderInterface {
 public:
  /// `written`: the slots that one of several kernels writes.
  explicit ShaderInterface(std::set<int> written = {}) : written_(std::move(written)) {}

  /// From here on another kernel binds.
  void next_kernel() { own_ = bindings_.size(); }

  struct Bound {
    std::size_t number;
    bool is_new;  // and wants to be declared
  };
  /// `type` is what the binding is declared as; declared as several types it is one still.
  Bound bind(const EmittedBinding& binding, const std::string& type);
  /// Whether other kernels of the shader than the present one may write a slot.
  bool written_by_several(int slot) const { return written_.contains(slot); }
  void declare(const std::string& text) { declarations_ += text; }

  const std::string& declarations() const { return declarations_; }
  const std::vector<EmittedBinding>& bindings() const { return bindings_; }
  std::size_t count(BindingKind kind) const;

 private:
  std::set<int> written_;
  std::size_t own_ = 0;  // the first binding of the present kernel
  std::vector<EmittedBinding> bindings_;
  std::vector<std::set<std::string>> types_;
  std::string declarations_;
};

/// Collects what a kernel touches while it is being printed. A slot is one storage buffer, however it is read
/// and written, and a texel buffer for every format in which it is read. Where the device binds less than
/// that, all of a kernel's working memory is one storage buffer.
class MemoryHooks {
 public:
  MemoryHooks(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
              ShaderInterface& interface);

  /// The function that reads element (or quad) i of an operand.
  std::string read(int operand, bool quads);
  /// The function that writes element (or quad) i of a slot.
  std::string write(int slot, DType dtype, bool quads);
  /// The function that writes quads i and i + 1 of a slot of a dtype that is not packed. It is one for even
  /// i, or one for odd i.
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
  Stretch arena_;  // working memory that is bound as one; empty: none is
  std::string functions_;
};

}  // namespace hekla::vulkan
