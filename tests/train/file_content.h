// Reads the files that a test makes.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hekla::test {

/// The content of a file, as text or as other bytes; empty where there is none.
template <class Content = std::string>
Content content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace hekla::test
