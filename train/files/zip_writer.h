// Writes zip archives of files that are stored as they are, with libzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "train/files/atomic_file.h"

namespace hekla::files {

/// A file to be put into an archive.
struct ZipPart {
  std::string name;                                 // UTF-8
  std::uint64_t size = 0;                           // of the content
  std::function<std::vector<std::byte>()> content;  // asked for when it is written
};

/// Writes an archive of `parts`, whose names differ, to `file` from its start. One content is in memory at a
/// time. The same parts give the same bytes. Throws hekla::Error when a name is longer than 65,535 bytes or
/// has a zero byte, when a content has another size, and as AtomicFile does.
void write_zip(AtomicFile& file, std::span<const ZipPart> parts);

}  // namespace hekla::files
