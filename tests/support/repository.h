// The path of the repository, for tests that read its files from any working directory.
#pragma once

#include <filesystem>

namespace hekla::testing {

std::filesystem::path repository();

}  // namespace hekla::testing
