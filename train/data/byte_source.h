// A file read as a stream of bytes, unpacked on the way when it is a gzip file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace hekla::data {

/// An open file. As gzip has it, one or more members follow each other, with any number of zeros after each.
class ByteSource {
 public:
  /// Opens the file; throws hekla::Error when it is missing, a folder, or cannot be opened.
  explicit ByteSource(const std::filesystem::path& path);
  ~ByteSource();

  /// Fills `to` from the stream and returns how many bytes there were: fewer than asked only at the end of
  /// the file. A gzip stream that is damaged throws hekla::Error; one that is cut off ends early, see
  /// cut_off().
  std::size_t read(std::span<std::uint8_t> to);

  /// True when reading reached the end of a gzip file in the middle of its stream.
  bool cut_off() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hekla::data
