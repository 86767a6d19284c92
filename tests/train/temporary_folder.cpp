// See temporary_folder.h.
#include "tests/train/temporary_folder.h"

#include <fmt/format.h>

#include <fstream>
#include <random>
#include <system_error>

namespace hekla::test {

TemporaryFolder::TemporaryFolder() {
  // Tests run in parallel processes: create_directory tells whether a name was still free.
  std::random_device random;
  do {
    path_ = std::filesystem::temp_directory_path() / fmt::format("hekla-test-{:08x}", random());
  } while (!std::filesystem::create_directory(path_));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(std::string_view name,
                                             std::span<const std::uint8_t> bytes) const {
  const auto path = path_ / name;
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.flush();
  if (!file) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
  return path;
}

}  // namespace hekla::test
