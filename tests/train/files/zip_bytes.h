// The bytes of zip archives, for the tests of readers of formats that are such archives.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/train/idx_bytes.h"

namespace hekla::test {

/// Names and contents.
using Files = std::vector<std::pair<std::string, std::string>>;

/// An archive of small files, stored.
Bytes zip_bytes(const Files& files);

}  // namespace hekla::test
