// What is in the files that a test makes.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hekla::test {

/// All of a file, as a text or as other bytes; empty where there is none.
template <class Content = std::string>
Content content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace hekla::test
