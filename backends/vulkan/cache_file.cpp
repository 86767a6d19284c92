// A cache file is a header (magic, version, length, hash) and the content. It is written under a name of its
// own and renamed, so that a reader, or a crash half way, never sees part of one.
#include "backends/vulkan/cache_file.h"

#include <fmt/format.h>

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

namespace hekla::vulkan {
namespace {

struct Header {
  char magic[8] = {'h', 'e', 'k', 'l', 'a', 'c', 'f', '1'};
  uint64_t length = 0;
  uint64_t high = 0;
  uint64_t low = 0;
};

constexpr uint64_t longest_content = uint64_t{1} << 30;

uint64_t mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Different for every writer, in this process and in others.
std::string unique_suffix() {
  static const uint64_t process = [] {
    std::random_device device;
    auto now = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    return mix((uint64_t{device()} << 32) ^ device() ^ mix(now));
  }();
  static std::atomic<uint64_t> counter = 0;
  return fmt::format(".{:016x}-{}.tmp", process, counter++);
}

}  // namespace

std::string Hash128::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

Hash128 hash_bytes(std::span<const std::byte> bytes) {
  uint64_t a = 0x9e3779b97f4a7c15ULL ^ bytes.size();
  uint64_t b = 0xc2b2ae3d27d4eb4fULL + bytes.size();
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    a = mix(a ^ word) + 0x165667b19e3779f9ULL;
    b = std::rotl(b, 27) * 0x9fb21c651e98df25ULL ^ mix(word + b);
  }
  return {mix(a + b), mix(b ^ std::rotl(a, 32))};
}

Hash128 hash_text(std::string_view text) {
  return hash_bytes(std::as_bytes(std::span(text.data(), text.size())));
}

std::filesystem::path default_cache_folder() {
  if (const char* chosen = std::getenv("HEKLA_CACHE")) return chosen;
  if (std::string local = environment("LOCALAPPDATA"); !local.empty())
    return std::filesystem::path(local) / "hekla" / "cache";
  if (std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty())
    return std::filesystem::path(xdg) / "hekla";
  if (std::string home = environment("HOME"); !home.empty())
    return std::filesystem::path(home) / ".cache" / "hekla";
  return {};
}

std::optional<std::vector<std::byte>> read_cache_file(const std::filesystem::path& folder,
                                                      const std::string& name) {
  if (folder.empty()) return std::nullopt;
  std::ifstream file(folder / name, std::ios::binary);
  Header header;
  const Header expected;
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return std::nullopt;
  if (std::memcmp(header.magic, expected.magic, sizeof header.magic) != 0) return std::nullopt;
  // The length is not to be believed before the file is known to be that long.
  std::error_code error;
  uint64_t size = std::filesystem::file_size(folder / name, error);
  if (error || header.length > longest_content || size != sizeof header + header.length) return std::nullopt;
  std::vector<std::byte> content(static_cast<std::size_t>(header.length));
  if (!file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size())))
    return std::nullopt;
  if (hash_bytes(content) != Hash128{header.high, header.low}) return std::nullopt;
  return content;
}

void write_cache_file(const std::filesystem::path& folder, const std::string& name,
                      std::span<const std::byte> content) {
  if (folder.empty() || content.size() > longest_content) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  Header header;
  header.length = content.size();
  Hash128 hash = hash_bytes(content);
  header.high = hash.high;
  header.low = hash.low;
  write_whole(folder / name, {std::as_bytes(std::span(&header, 1)), content});
}

bool write_whole(const std::filesystem::path& file,
                 std::initializer_list<std::span<const std::byte>> pieces) {
  std::filesystem::path temporary = file;
  temporary += unique_suffix();
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  for (const std::span<const std::byte>& piece : pieces) {
    stream.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
  }
  stream.close();
  std::error_code error;
  if (stream) std::filesystem::rename(temporary, file, error);
  const bool whole = stream && !error;
  if (!whole) std::filesystem::remove(temporary, error);
  return whole;
}

}  // namespace hekla::vulkan
