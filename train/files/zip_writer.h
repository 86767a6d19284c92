// Writes zip archives of files that are stored as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "train/files/atomic_file.h"

namespace hekla::files {

/// Writes an archive, file by file.
class ZipWriter {
 public:
  /// Writes to `file` from its start. Numbers from `zip64_from` on go into the fields of zip64, as those
  /// beyond 32 bits have to.
  explicit ZipWriter(AtomicFile& file, std::uint64_t zip64_from = 0xffffffff);

  /// Adds a file made of these pieces. `name` is UTF-8 and new. Throws hekla::Error when it is longer than
  /// 65,535 bytes, and as AtomicFile does.
  void add(std::string_view name, std::initializer_list<std::span<const std::byte>> pieces);

  /// Writes the directory; the archive is complete.
  void finish();

 private:
  AtomicFile& file_;
  std::uint64_t zip64_from_;
  std::string directory_;
  std::uint64_t count_ = 0;
};

}  // namespace hekla::files
