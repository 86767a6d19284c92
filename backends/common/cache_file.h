// Cache files on disk for compiled and tuned results, which may be lost or damaged without harm. A file that
// does not read back completely counts as absent; a failed write is ignored silently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hekla::backend {

/// A 128-bit hash: not cryptographic, but wide enough that two kernels never collide by chance.
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
  std::string hex() const;
};

Hash128 hash_bytes(std::span<const std::byte> bytes);
Hash128 hash_text(std::string_view text);

/// The cache folder: HEKLA_CACHE, or the platform's default; empty when HEKLA_CACHE is set to nothing or no
/// folder is known.
std::filesystem::path default_cache_folder();

/// The maximum size of a cache folder in bytes.
constexpr std::uint64_t most_cache_bytes = std::uint64_t{256} << 20;

/// The content written under `name`, or nothing when absent, damaged, stored for another name, not owned by
/// the user (see PrivateFolder), or when `folder` is empty.
std::optional<std::vector<std::byte>> read_cache_file(const std::filesystem::path& folder,
                                                      const std::string& name);

/// Writes `content` under `name` atomically, replacing the old file. From time to time checks whether the
/// folder exceeds `most_bytes`, and then evicts the least recently used (LRU) files. Names are a
/// Hash128::hex() with or without an extension of letters, or start with "pipelines-"; other files are never
/// evicted.
void write_cache_file(const std::filesystem::path& folder, const std::string& name,
                      std::span<const std::byte> content, std::uint64_t most_bytes = most_cache_bytes);

}  // namespace hekla::backend
