// CompileNotice: how a program learns that a device has many kernels to compile, which takes long.
#pragma once

#include <cstddef>
#include <functional>

namespace hekla {

/// While it lives, `told` is called with the number of kernels whenever a device begins to compile a computation of this
/// thread. Kernels that a disk cache holds do not count. The latest notice of a thread is the one that is told.
class CompileNotice {
 public:
  explicit CompileNotice(std::function<void(std::size_t kernels)> told);
  ~CompileNotice();
  CompileNotice(const CompileNotice&) = delete;
  CompileNotice& operator=(const CompileNotice&) = delete;

 private:
  friend void note_compiling(std::size_t kernels);
  std::function<void(std::size_t)> told_;
  CompileNotice* outer_;
};

/// For devices: tells the latest notice of this thread, if there is one. Does nothing for 0 kernels.
void note_compiling(std::size_t kernels);

}  // namespace hekla
