// Reads zip archives: those stored or deflated, small or beyond 4 GiB (zip64), of one volume, not encrypted.
// The format: PKWARE's APPNOTE.TXT.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/files/source.h"

namespace hekla::files {

/// A file in an archive.
struct ZipEntry {
  std::string name;
  bool deflated = false;
  std::uint32_t checksum = 0;  // CRC-32 of its content
  std::uint64_t size = 0;      // of its content
  std::uint64_t header = 0;    // where its part of the archive begins
  std::uint64_t begin = 0;     // where its bytes do
  std::uint64_t packed_size = 0;
};

/// The files in the archive, in the order of its directory. Fails as `source` does when it is no zip archive,
/// damaged, holds entries that cannot be read, two of one name, or two over the same bytes.
std::vector<ZipEntry> read_zip_directory(Source& source);

/// The content of one. Fails as `source` does when it is damaged.
std::vector<std::byte> read_zip_entry(Source& source, const ZipEntry& entry);

}  // namespace hekla::files
