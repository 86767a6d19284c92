// The machine's own C++ compiler, run as a process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/common/code.h"

namespace hekla::native {

/// A loaded shared object.
class Module {
 public:
  /// Throws hekla::Error when the system cannot load it.
  explicit Module(const std::vector<std::byte>& content);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();
  void* symbol(const std::string& name) const;

 private:
  void* handle_ = nullptr;
};

/// One source for the compiler.
struct Source {
  backend::Code code;
  std::vector<std::string> labels;  // of its kernels, for messages
};

/// Compiles and loads sources, several at the same time, unless the disk cache has them. Throws hekla::Error: where no
/// compiler is found, what to install; where a source does not compile, the operation whose text it is, and the line.
std::vector<std::shared_ptr<Module>> compile(const std::vector<Source>& sources);

}  // namespace hekla::native
