// See source.h.
#include "train/files/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "graph/error.h"
#include "train/utf8.h"

namespace hekla::files {

namespace fs = std::filesystem;

Source::Source(std::string reader, const fs::path& path) : reader_(std::move(reader)), name_(path.string()) {
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) fail("no such file.");
  if (fs::is_directory(status)) fail("is a folder; the path of a file is wanted.");
  if (fs::exists(status) && !fs::is_regular_file(status))
    fail("is a device or a pipe; the path of a file is wanted.");
  file_.open(path, std::ios::binary | std::ios::ate);
  if (!file_) fail("cannot be opened; check its permissions.");
  size_ = static_cast<std::uint64_t>(file_.tellg());
}

Source::Source(std::string reader, std::string name, std::span<const std::byte> bytes)
    : reader_(std::move(reader)), name_(std::move(name)), memory_(bytes), size_(bytes.size()) {}

void Source::check_range(std::uint64_t offset, std::uint64_t count) const {
  if (offset > size_ || count > size_ - offset)
    fail(fmt::format("truncated: {} bytes are wanted at {} and the file ends after {}; fetch it again.",
                     count, offset, size_));
}

void Source::read(std::uint64_t offset, std::span<std::byte> to) {
  check_range(offset, to.size());
  if (to.empty()) return;
  if (!file_.is_open()) {
    std::copy_n(memory_.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    return;
  }
  file_.seekg(static_cast<std::streamoff>(offset));
  file_.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
  if (!file_)
    fail(fmt::format("reading {} bytes at {} failed; it was shortened meanwhile, or its disk is damaged.",
                     to.size(), offset));
}

std::vector<std::byte> Source::read(std::uint64_t offset, std::uint64_t count) {
  check_range(offset, count);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  read(offset, std::span(bytes));
  return bytes;
}

Source Source::inside(std::string_view part, std::span<const std::byte> bytes) const {
  return {reader_, fmt::format("{}: {}", name_, in_quotes(part)), bytes};
}

void Source::fail(std::string_view text) const {
  throw Error(fmt::format("[{}] {}: {}", reader_, name_, text));
}

std::uint64_t little_endian(std::span<const std::byte> bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    number = number << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return number;
}

std::string in_quotes(std::string_view name) {
  constexpr std::size_t longest = 80;
  std::size_t end = 0;
  while (end < name.size()) {
    const std::size_t next = end + first_code_point(name.substr(end)).bytes;
    if (next > longest) break;
    end = next;
  }
  std::string text(name.substr(0, end));
  if (end < name.size()) text += "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return "'" + text + "'";
}

}  // namespace hekla::files
