// PrivateFolder: a folder and files owned by the user and writable by nobody else, so that the content read
// there can be trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hekla::backend {

/// An open folder that belongs to the user and that nobody else can write to. All operations are relative to
/// the open, checked descriptor, which prevents a race (TOCTOU) in which another folder is put in its place.
/// On systems without such owners and modes, any folder is accepted.
class PrivateFolder {
 public:
  using Pieces = std::initializer_list<std::span<const std::byte>>;

  /// With `make`, creates missing folders, accessible to the user only.
  explicit PrivateFolder(const std::filesystem::path& path, bool make = false);
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();

  /// Whether it exists and is the user's own; if not, the reason was printed under HEKLA_DEBUG=1.
  bool is_open() const;

  /// The content of a regular file that the user owns, that nobody else can write to and that is at most
  /// `most_bytes` long. Symbolic links are not followed and nothing else is opened. A timestamp older than an
  /// hour is updated, for the LRU order of drop_oldest.
  std::optional<std::vector<std::byte>> read(const std::string& name, std::uint64_t most_bytes) const;

  /// Writes a file atomically, readable by the user only, replacing the old file; false on failure.
  bool write(const std::string& name, const Pieces& pieces) const;

  /// LRU eviction: when the files for whose names `is_ours` is true exceed `most_bytes` in total, removes the
  /// least recently used until at most three quarters of that remain. Also removes temporary files left by
  /// killed writers. Safe while other processes read and write.
  void drop_oldest(std::uint64_t most_bytes, bool (*is_ours)(const std::string& name)) const;

 private:
  std::filesystem::path path_;
  int folder_ = -1;
};

/// Writes the pieces in order to `file` atomically, replacing the old file; false on failure. Does not follow
/// a symbolic link at the path of its temporary file.
bool write_whole(const std::filesystem::path& file, const PrivateFolder::Pieces& pieces);

}  // namespace hekla::backend
