// A file as a stream of bytes, decompressed on the fly when it is a gzip file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace hekla::data {

/// An open file. A gzip file is one or more members, each followed by any number of zeros.
class ByteSource {
 public:
  /// Opens the file; throws hekla::Error when it is missing, a folder, or cannot be opened.
  explicit ByteSource(const std::filesystem::path& path);
  ~ByteSource();

  /// Fills `to` from the stream and returns the number of bytes: fewer than requested only at the end of the
  /// file. Throws hekla::Error when a gzip stream is damaged. A truncated one ends early, see cut_off().
  std::size_t read(std::span<std::uint8_t> to);

  /// True when the file ended in the middle of its gzip stream.
  bool cut_off() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hekla::data
