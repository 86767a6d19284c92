// See idx.h. No number of the header is trusted until the bytes that it announces have been read.
#include "train/data/idx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "graph/error.h"
#include "graph/host_memory.h"
#include "ops/create.h"
#include "train/data/byte_source.h"

namespace hekla::data {

namespace {

constexpr std::int64_t largest_file = std::int64_t{8} << 30;
constexpr std::uint8_t unsigned_bytes = 0x08;

std::string_view type_name(std::uint8_t code) {
  switch (code) {
    case 0x09:
      return "signed bytes";
    case 0x0b:
      return "16-bit integers";
    case 0x0c:
      return "32-bit integers";
    case 0x0d:
      return "32-bit floats";
    case 0x0e:
      return "64-bit floats";
    default:
      return "no known type";
  }
}

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view text) {
  throw Error(fmt::format("[idx] {}: {}", path.string(), text));
}

void read_header(ByteSource& source, const std::filesystem::path& path, std::span<std::uint8_t> to,
                 std::size_t before) {
  const std::size_t got = source.read(to);
  if (got < to.size())
    fail(path,
         fmt::format(
             "truncated: its header wants {} bytes and the file ends after {}; fetch or install it again.",
             before + to.size(), before + got));
}

std::vector<std::int64_t> read_shape(ByteSource& source, const std::filesystem::path& path) {
  std::array<std::uint8_t, 4> magic{};
  read_header(source, path, magic, 0);
  if (magic[0] != 0 || magic[1] != 0)
    fail(path,
         fmt::format(
             "not an IDX file: it starts with {:02x} {:02x} {:02x} {:02x}; an IDX file starts with 00 00.",
             magic[0], magic[1], magic[2], magic[3]));
  if (magic[2] != unsigned_bytes)
    fail(path, fmt::format("holds {} (type 0x{:02x}); only unsigned bytes (type 0x08) are read.",
                           type_name(magic[2]), magic[2]));
  if (magic[3] == 0) fail(path, "its header announces no axes; an IDX file has at least one.");
  if (magic[3] > Shape::max_rank)
    fail(path,
         fmt::format("its header announces {} axes; a tensor has at most {}.", magic[3], Shape::max_rank));

  std::vector<std::uint8_t> sizes(std::size_t{4} * magic[3]);
  read_header(source, path, sizes, magic.size());
  std::vector<std::int64_t> shape;
  for (std::size_t at = 0; at < sizes.size(); at += 4)
    shape.push_back(std::int64_t{sizes[at]} << 24 | std::int64_t{sizes[at + 1]} << 16 |
                    std::int64_t{sizes[at + 2]} << 8 | std::int64_t{sizes[at + 3]});
  return shape;
}

// The product of the shape; throws before it can overflow.
std::int64_t byte_count(const std::vector<std::int64_t>& shape, const std::filesystem::path& path) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size > 0 && count > largest_file / size)
      fail(path,
           fmt::format(
               "its header announces the shape [{}], more than the {} GiB that are read; it is damaged.",
               fmt::join(shape, ","), largest_file >> 30));
    count *= size;
  }
  return count;
}

}  // namespace

IdxFile read_idx(const std::filesystem::path& path) try {
  ByteSource source(path);
  IdxFile result;
  result.shape = read_shape(source, path);
  const std::int64_t expected = byte_count(result.shape, path);

  // Grows as the bytes arrive, so that a damaged header cannot make a short file take gigabytes.
  constexpr std::int64_t first_piece = 64 << 10;
  std::int64_t found = 0;
  while (found < expected) {
    const std::int64_t wanted = std::min(expected, std::max(first_piece, 2 * found));
    try {
      result.bytes.resize(static_cast<std::size_t>(wanted));
    } catch (const std::bad_alloc&) {
      fail(path,
           fmt::format("out of memory for {} of the {} bytes that its header announces.", wanted, expected));
    }
    found += static_cast<std::int64_t>(
        source.read(std::span(result.bytes).subspan(static_cast<std::size_t>(found))));
    if (found < wanted)
      fail(path,
           fmt::format(
               "truncated: its header announces {} bytes of data and {} were found; fetch or install it "
               "again.",
               expected, found));
  }

  std::array<std::uint8_t, 1> extra{};
  if (source.read(extra) != 0)
    fail(path,
         fmt::format(
             "oversized: more bytes follow the {} that its header announces; it is damaged or of another "
             "format.",
             expected));
  if (source.cut_off())
    fail(
        path,
        "truncated: the end of the gzip stream, which proves the data whole, is missing; fetch or install it "
        "again.");
  return result;
} catch (const std::bad_alloc&) {
  throw no_host_memory("idx", "what is in " + path.string());
}

std::uint32_t idx_checksum(const std::vector<std::int64_t>& shape, std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> header = {0, 0, unsigned_bytes, static_cast<std::uint8_t>(shape.size())};
  for (const std::int64_t size : shape)
    for (const int shift : {24, 16, 8, 0}) header.push_back(static_cast<std::uint8_t>(size >> shift));
  const uLong start = crc32_z(0, header.data(), header.size());
  // crc32_z of a null pointer restarts the checksum, so it is not called without data.
  return static_cast<std::uint32_t>(bytes.empty() ? start : crc32_z(start, bytes.data(), bytes.size()));
}

Tensor load_idx(const std::filesystem::path& path) {
  const IdxFile file = read_idx(path);
  return tensor(file.bytes, Shape(file.shape));
}

}  // namespace hekla::data
