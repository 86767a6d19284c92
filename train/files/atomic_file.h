// Atomic file writes: the content goes to a temporary file in the same folder, which is renamed when
// complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace hekla {

/// Until commit(), an existing file of that name stays unchanged, whatever happens to the program or the
/// machine. The temporary file of a killed writer (`.name.*.hekla-tmp` in the same folder) is removed by the
/// next one that writes there. Live writers do not disturb each other, and the last to commit wins.
class AtomicFile {
 public:
  /// Opens the temporary file. A symbolic link that belongs to the user or to root is followed, so that the
  /// file it names is replaced and not the link. Throws hekla::Error when `path` names a folder, a device or
  /// a link of another user, or when its folder is missing or not writable.
  explicit AtomicFile(const std::filesystem::path& path);
  /// Removes the temporary file unless it was committed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Writes after what was written last. Throws hekla::Error when the disk is full or fails; nothing can be
  /// written after that.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// The next write begins `offset` bytes after the start, at most size(). Throws as write() does.
  void seek(std::uint64_t offset);

  /// As the caller named it.
  const std::filesystem::path& path() const { return path_; }
  /// Bytes of the file so far.
  std::uint64_t size() const { return size_; }

  /// Syncs the temporary file to disk and renames it to the target (an atomic rename). It gets the
  /// permissions of an existing file if that was the user's own. Throws hekla::Error where one of these
  /// fails; the existing file then stays.
  void commit();

 private:
  void open_temporary();
  void check_open() const;
  void discard();
  [[noreturn]] void fail(int error);

  std::filesystem::path path_;       // as the caller named it
  std::filesystem::path target_;     // after following links
  std::filesystem::path temporary_;  // in the folder of target_
  int descriptor_ = -1;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
};

/// Writes `content` to a file atomically, in one call.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace hekla
