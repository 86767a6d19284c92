// A file that appears whole or not at all: it is written beside its place and takes it when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace hekla {

/// Until commit(), the file of that name stays what it was, whatever happens to the program or the machine.
/// What a killed writer leaves behind (`.name.*.hekla-tmp` in the same folder) is removed by the next one
/// that writes there; writers that are alive do not disturb each other, and the last to commit wins.
class AtomicFile {
 public:
  /// Starts to write. A link of the user's own, or the system's, is followed, so that the file it names is
  /// replaced and not the link. Throws hekla::Error when `path` names a folder, a device or a link that
  /// another user made, or its folder is missing or may not be written.
  explicit AtomicFile(const std::filesystem::path& path);
  /// Without a commit, nothing remains of what was written.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. Throws hekla::Error when the disk is full or fails; nothing can be written after that.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// As the caller named it.
  const std::filesystem::path& path() const { return path_; }
  /// Bytes written so far.
  std::uint64_t size() const { return size_; }

  /// Takes the place of the file, with the permissions of the one before if that was the user's own, once the
  /// disk has all of it. Throws hekla::Error where one of these fails, and the file before stays.
  void commit();

 private:
  void open_temporary();
  void check_open() const;
  void discard();
  [[noreturn]] void fail(int error);

  std::filesystem::path path_;       // as the caller named it
  std::filesystem::path target_;     // what that leads to
  std::filesystem::path temporary_;  // beside it
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// The same at once, for contents that are at hand.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace hekla
