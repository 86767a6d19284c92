// A temporary folder as the current one, for code that writes there.
#pragma once

#include <filesystem>

#include "tests/train/temporary_folder.h"

namespace hekla::test {

/// The scope of a temporary working folder.
class WorkingFolder {
 public:
  WorkingFolder() { std::filesystem::current_path(folder_.path()); }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  TemporaryFolder folder_;
};

}  // namespace hekla::test
