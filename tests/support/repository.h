// Where tests find the files of the repository, whatever folder they are run from.
#pragma once

#include <filesystem>

namespace hekla::testing {

std::filesystem::path repository();

}  // namespace hekla::testing
