// Programs around baked source.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hekla::testing {

/// How such a program is built and started.
struct BakedProgram {
  std::string options = "-O1";
  std::string libraries = {};
  std::string compiler = "c++";
  std::string runner = {};       // an emulator
  std::string environment = {};  // "NAME=VALUE "
};

/// Builds a program of `folder`'s net.cpp and a main() of this body, with all warnings as errors, and runs it. Returns the
/// floats that it writes as bytes to `std::FILE* out`. What it prints is in the file `log` of the folder.
std::vector<float> run_baked(const std::filesystem::path& folder, const std::string& body,
                             const BakedProgram& program = {});

std::string content_of(const std::filesystem::path& path);

}  // namespace hekla::testing
