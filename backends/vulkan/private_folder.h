// PrivateFolder: a folder and files that are the user's own, so that nobody else can have written what is
// read there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hekla::vulkan {

/// An open folder that belongs to the user and that nobody else can write to. Everything is done relative to
/// what was opened and looked at, so that nobody can put another folder in its place in between. Where the
/// system has no such owners and modes, any folder will do.
class PrivateFolder {
 public:
  using Pieces = std::initializer_list<std::span<const std::byte>>;

  /// With `make`, what is missing is made for the user alone.
  explicit PrivateFolder(const std::filesystem::path& path, bool make = false);
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();

  /// Whether it is there and the user's own; if not, HEKLA_DEBUG=1 has been told why.
  bool is_open() const;

  /// The whole of a regular file of the user's own that nobody else can write to and that is no longer than
  /// `most_bytes`; no link is followed and nothing else is opened. What has not been touched for an hour is
  /// touched, for drop_oldest.
  std::optional<std::vector<std::byte>> read(const std::string& name, std::uint64_t most_bytes) const;

  /// Writes a file that only the user can read, in place of what was there, whole or not at all; false where
  /// that is refused.
  bool write(const std::string& name, const Pieces& pieces) const;

  /// Where the files whose names `is_ours` says to be such have more than `most_bytes` in all, removes the
  /// longest untouched until three quarters of that are left; besides what writers that were killed left.
  /// Others may be reading and writing at the same time.
  void drop_oldest(std::uint64_t most_bytes, bool (*is_ours)(const std::string& name)) const;

 private:
  std::filesystem::path path_;
  int folder_ = -1;
};

/// Writes the pieces one after the other to `file`, in place of what was there, whole or not at all; false
/// where that is refused. No link that lies in the way of its temporary file is followed.
bool write_whole(const std::filesystem::path& file, const PrivateFolder::Pieces& pieces);

}  // namespace hekla::vulkan
