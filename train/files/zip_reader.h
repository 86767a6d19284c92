// Reads zip archives with libzip: those stored or deflated, small or beyond 4 GiB (zip64), of one volume, not
// encrypted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "train/files/source.h"

namespace hekla::files {

/// An open archive.
class ZipReader {
 public:
  /// Reads the directory of `source`, which must outlive this. Fails as `source` does when it is no zip
  /// archive, damaged, holds files that cannot be read, two of one name, or more than its size has room for.
  explicit ZipReader(Source& source);
  ~ZipReader();

  /// The names of the files, in the order of the directory.
  const std::vector<std::string>& names() const { return names_; }

  /// How many bytes the content of the file `names()[index]` has, as the directory says.
  std::uint64_t size(std::size_t index) const;

  /// The content of the file `names()[index]`. Fails as `source` does when it is damaged.
  std::vector<std::byte> read(std::size_t index);

 private:
  class Input;
  struct Archive;

  std::uint64_t check(std::size_t index);
  [[noreturn]] void damaged(const std::string& what) const;

  Source& source_;
  std::unique_ptr<Input> input_;
  std::unique_ptr<Archive> archive_;
  std::vector<std::string> names_;
};

}  // namespace hekla::files
