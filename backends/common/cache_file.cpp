// The cache file format: a header (magic, version, lengths, hash), the file's name and the content. The
// stored name detects a file that was renamed: its content is not used for another key.
#include "backends/common/cache_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "backends/common/private_folder.h"

namespace hekla::backend {
namespace {

struct Header {
  char magic[8] = {'h', 'e', 'k', 'l', 'a', 'c', 'f', '2'};
  uint64_t name_length = 0;
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

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Header header_of(const std::string& name, std::span<const std::byte> content) {
  const Hash128 of_name = hash_text(name), hash = hash_bytes(content);
  Header header;
  header.name_length = name.size();
  header.length = content.size();
  header.high = hash.high ^ of_name.high;
  header.low = hash.low ^ of_name.low;
  return header;
}

bool is_ours(const std::string& name) {
  if (name.starts_with("pipelines-")) return true;
  constexpr std::size_t digits = 32;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return name.size() >= digits && std::all_of(name.begin(), name.begin() + digits, is_digit) &&
         (name.size() == digits ||
          (name[digits] == '.' && std::all_of(name.begin() + digits + 1, name.end(), is_letter)));
}

// Whether to check the folder size: enough was written since this process last checked, or it never did.
bool should_look(const std::filesystem::path& folder, uint64_t written, uint64_t most_bytes) {
  static std::mutex mutex;
  static auto& since_last = *new std::map<std::filesystem::path, uint64_t>;
  std::lock_guard lock(mutex);
  const auto [found, is_first] = since_last.emplace(folder, 0);
  found->second += written;
  if (!is_first && found->second < most_bytes / 16) return false;
  found->second = 0;
  return true;
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
  std::optional<std::vector<std::byte>> file = PrivateFolder(folder).read(name, longest_content);
  const std::size_t before = sizeof(Header) + name.size();
  if (!file || file->size() < before) return std::nullopt;
  const std::span<const std::byte> bytes = *file;
  const Header expected = header_of(name, bytes.subspan(before));
  if (std::memcmp(bytes.data(), &expected, sizeof expected) != 0 ||
      !std::ranges::equal(bytes.subspan(sizeof expected, name.size()), bytes_of(name)))
    return std::nullopt;
  file->erase(file->begin(), file->begin() + static_cast<std::ptrdiff_t>(before));
  return file;
}

void write_cache_file(const std::filesystem::path& folder, const std::string& name,
                      std::span<const std::byte> content, std::uint64_t most_bytes) {
  if (folder.empty() || content.size() > longest_content / 2) return;
  const PrivateFolder opened(folder, true);
  const Header header = header_of(name, content);
  if (!opened.write(name, {std::as_bytes(std::span(&header, 1)), bytes_of(name), content})) return;
  if (should_look(folder, content.size(), most_bytes)) opened.drop_oldest(most_bytes, is_ours);
}

}  // namespace hekla::backend
