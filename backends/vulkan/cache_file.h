// Files that may be lost or damaged without harm: what was compiled or tuned once. A file that does not
// read back whole counts as absent, and one that cannot be written is left out in silence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hekla::vulkan {

/// A 128-bit hash: not against malice, but wide enough that two kernels never meet by chance.
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
  std::string hex() const;
};

Hash128 hash_bytes(std::span<const std::byte> bytes);
Hash128 hash_text(std::string_view text);

/// HEKLA_CACHE, or the platform's folder for caches; empty when HEKLA_CACHE is set to nothing or no folder
/// is known.
std::filesystem::path default_cache_folder();

/// The content written under `name`, or nothing when absent, damaged or `folder` is empty.
std::optional<std::vector<std::byte>> read_cache_file(const std::filesystem::path& folder,
                                                      const std::string& name);

/// Writes `content` under `name`, in place of what was there, whole or not at all.
void write_cache_file(const std::filesystem::path& folder, const std::string& name,
                      std::span<const std::byte> content);

/// Writes the pieces one after the other to `file`, in place of what was there, whole or not at all; false
/// where that is refused.
bool write_whole(const std::filesystem::path& file, std::initializer_list<std::span<const std::byte>> pieces);

}  // namespace hekla::vulkan
