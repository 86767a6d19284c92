// Files that may be lost or damaged without harm: what was compiled or tuned once. A file that does not
// read back whole counts as absent, and one that cannot be written is left out in silence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
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

/// How many bytes a folder may have.
constexpr std::uint64_t most_cache_bytes = std::uint64_t{256} << 20;

/// The content written under `name`, or nothing when absent, damaged, of another name, not the user's own
/// (see PrivateFolder), or `folder` is empty.
std::optional<std::vector<std::byte>> read_cache_file(const std::filesystem::path& folder,
                                                      const std::string& name);

/// Writes `content` under `name`, in place of what was there, whole or not at all. Now and then looks whether
/// the folder has more than `most_bytes`; then whatever was used longest ago leaves. Names are a
/// Hash128::hex() with or without an extension of letters, or start with "pipelines-"; other files stay.
void write_cache_file(const std::filesystem::path& folder, const std::string& name,
                      std::span<const std::byte> content, std::uint64_t most_bytes = most_cache_bytes);

}  // namespace hekla::vulkan
