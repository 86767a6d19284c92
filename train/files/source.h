// Random access to bytes, of a file or in memory, for the readers of file formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hekla::files {

/// The input of a reader, and its name in the reader's errors: `[reader] name: ...`.
class Source {
 public:
  /// Opens a file. Throws hekla::Error when it is missing, not a regular file, or cannot be opened.
  Source(std::string reader, const std::filesystem::path& path);
  /// Bytes in memory, which must outlive this.
  Source(std::string reader, std::string name, std::span<const std::byte> bytes);

  std::uint64_t size() const { return size_; }

  /// Fills `to` with the bytes from `offset` on. Throws hekla::Error when fewer bytes are left.
  void read(std::uint64_t offset, std::span<std::byte> to);
  /// Reads into a new array, which is allocated only after `count` was checked against the size.
  std::vector<std::byte> read(std::uint64_t offset, std::uint64_t count);

  /// The Source of a part that was unpacked into memory; errors call it `this: 'part'`.
  Source inside(std::string_view part, std::span<const std::byte> bytes) const;

  [[noreturn]] void fail(std::string_view text) const;

 private:
  void check_range(std::uint64_t offset, std::uint64_t count) const;

  std::string reader_;
  std::string name_;
  std::ifstream file_;
  std::span<const std::byte> memory_;
  std::uint64_t size_ = 0;
};

/// Decodes an unsigned little-endian number of at most eight bytes.
std::uint64_t little_endian(std::span<const std::byte> bytes);

/// A name found in a file, made safe for one line of an error: quoted, shortened, without control characters.
std::string in_quotes(std::string_view name);

}  // namespace hekla::files
