// See zip_reader.h. The directory at the end is what counts; of the header before each file only its length
// and name are looked at.
#include "train/files/zip_reader.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>

#include "train/files/utf8.h"

namespace hekla::files {

namespace {

using Bytes = std::vector<std::byte>;

constexpr std::uint64_t end_length = 22;
constexpr std::uint64_t longest_comment = 0xffff;
constexpr std::uint64_t locator_length = 20;
constexpr std::uint64_t end64_length = 56;
constexpr std::size_t entry_length = 46;
constexpr std::uint64_t local_length = 30;
constexpr std::uint64_t in_extra = 0xffffffff;  // a size or place that is found in the zip64 field
constexpr std::uint64_t most_growth = 1032;     // of deflate

std::uint64_t number(std::span<const std::byte> bytes, std::size_t at, std::size_t size) {
  return little_endian(bytes.subspan(at, size));
}

std::string_view text(std::span<const std::byte> bytes, std::size_t at, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes.data()) + at, size};
}

bool is(std::span<const std::byte> bytes, std::string_view signature) {
  return bytes.size() >= signature.size() && text(bytes, 0, signature.size()) == signature;
}

[[noreturn]] void damaged(const Source& source, std::string_view what) {
  source.fail(fmt::format("is damaged: {}; fetch it again.", what));
}

struct Directory {
  std::uint64_t count = 0;
  std::uint64_t begin = 0;
  std::uint64_t length = 0;
};

// The record of large archives, which a locator right before the usual record points to.
void read_end64(Source& source, std::uint64_t end, Directory& directory) {
  if (end < locator_length) return;
  const Bytes locator = source.read(end - locator_length, locator_length);
  if (!is(locator, "PK\6\7")) return;
  const std::uint64_t place = number(locator, 8, 8);
  if (place > source.size() || source.size() - place < end64_length)
    damaged(source, "its zip64 record lies beyond its end");
  const Bytes record = source.read(place, end64_length);
  if (!is(record, "PK\6\6")) damaged(source, "its zip64 record is missing");
  directory = {number(record, 32, 8), number(record, 48, 8), number(record, 40, 8)};
}

Directory find_directory(Source& source) {
  const std::uint64_t tail = std::min(source.size(), end_length + longest_comment);
  const Bytes bytes = source.read(source.size() - tail, tail);
  // The record stands at the very end, or before a comment whose length it knows.
  for (std::uint64_t back = end_length; back <= tail; ++back) {
    const std::span<const std::byte> record = std::span(bytes).last(static_cast<std::size_t>(back));
    if (!is(record, "PK\5\6") || number(record, 20, 2) != back - end_length) continue;
    if (number(record, 4, 2) != 0 && number(record, 4, 2) != 0xffff)
      source.fail("is a part of an archive of several volumes; join them first.");
    Directory directory{number(record, 10, 2), number(record, 16, 4), number(record, 12, 4)};
    read_end64(source, source.size() - back, directory);
    return directory;
  }
  source.fail("has no directory at its end; it is no zip archive or truncated.");
}

// Takes what the fixed fields had no room for from the zip64 field, in this order.
void read_extra(const Source& source, std::span<const std::byte> extra, ZipEntry& entry) {
  while (extra.size() >= 4) {
    const std::uint64_t id = number(extra, 0, 2);
    const std::uint64_t length = number(extra, 2, 2);
    if (length > extra.size() - 4) damaged(source, "an extra field is longer than its place");
    std::span<const std::byte> field = extra.subspan(4, static_cast<std::size_t>(length));
    extra = extra.subspan(4 + field.size());
    if (id != 1) continue;
    for (std::uint64_t* value : {&entry.size, &entry.packed_size, &entry.header}) {
      if (*value != in_extra) continue;
      if (field.size() < 8) damaged(source, "a zip64 field is too short");
      *value = number(field, 0, 8);
      field = field.subspan(8);
    }
  }
}

// Where the bytes of an entry begin: after the header before them.
std::uint64_t begin_of(Source& source, const ZipEntry& entry) {
  if (entry.header > source.size() || source.size() - entry.header < local_length)
    damaged(source, fmt::format("{} lies beyond its end", in_quotes(entry.name)));
  const Bytes header = source.read(entry.header, local_length);
  const std::uint64_t name = number(header, 26, 2);
  if (!is(header, "PK\3\4") || name != entry.name.size() ||
      text(source.read(entry.header + local_length, name), 0, entry.name.size()) != entry.name)
    damaged(source, fmt::format("{} is not where the directory says", in_quotes(entry.name)));
  return entry.header + local_length + name + number(header, 28, 2);
}

// Entries over the same bytes make a small file large without end.
void check_overlaps(const Source& source, const std::vector<ZipEntry>& entries, std::uint64_t directory) {
  std::vector<const ZipEntry*> order;
  for (const ZipEntry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const ZipEntry* a, const ZipEntry* b) { return a->header < b->header; });
  std::uint64_t covered = 0;
  for (const ZipEntry* entry : order) {
    if (entry->header < covered || entry->begin > directory || entry->packed_size > directory - entry->begin)
      damaged(source, fmt::format("{} overlaps another part of it", in_quotes(entry->name)));
    covered = entry->begin + entry->packed_size;
  }
}

Bytes inflated(Source& source, const ZipEntry& entry) {
  const auto fail = [&](std::string_view what) {
    damaged(source, fmt::format("{} {}", in_quotes(entry.name), what));
  };
  if (entry.size / most_growth > entry.packed_size)
    fail(fmt::format("announces {} bytes, more than {} packed ones can hold", entry.size, entry.packed_size));
  struct Inflate {
    z_stream stream{};
    Inflate() { usable = inflateInit2(&stream, -15) == Z_OK; }  // deflate without a frame of its own
    ~Inflate() { inflateEnd(&stream); }
    bool usable;
  } inflate_;
  if (!inflate_.usable) source.fail("cannot be unpacked: out of memory.");
  z_stream& stream = inflate_.stream;

  Bytes packed;
  Bytes unpacked(1 << 18);
  Bytes content;  // grows with what is there, not by what is announced
  std::uint64_t taken = 0;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    if (stream.avail_in == 0 && taken < entry.packed_size) {
      const std::uint64_t next = std::min<std::uint64_t>(1 << 16, entry.packed_size - taken);
      packed = source.read(entry.begin + taken, next);
      taken += next;
      stream.next_in = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_in = static_cast<uInt>(next);
    }
    stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
    stream.avail_out = static_cast<uInt>(unpacked.size());
    state = inflate(&stream, Z_NO_FLUSH);
    if (state == Z_BUF_ERROR) fail("ends too early");
    if (state != Z_OK && state != Z_STREAM_END)
      fail(stream.msg != nullptr ? stream.msg : "cannot be unpacked");
    content.insert(content.end(), unpacked.begin(),
                   unpacked.end() - static_cast<std::ptrdiff_t>(stream.avail_out));
    if (content.size() > entry.size) break;
  }
  if (content.size() != entry.size)
    fail(fmt::format("does not hold the {} bytes that it should", entry.size));
  if (stream.avail_in > 0 || taken < entry.packed_size) fail("is followed by other bytes");
  return content;
}

}  // namespace

std::vector<ZipEntry> read_zip_directory(Source& source) {
  const Directory directory = find_directory(source);
  if (directory.begin > source.size() || directory.length > source.size() - directory.begin)
    damaged(source, "its directory lies beyond its end");
  const Bytes bytes = source.read(directory.begin, directory.length);
  std::span<const std::byte> rest = bytes;
  std::vector<ZipEntry> entries;
  std::unordered_set<std::string> names;
  while (entries.size() < directory.count) {
    if (rest.size() < entry_length || !is(rest, "PK\1\2")) damaged(source, "its directory is cut short");
    const std::size_t name = number(rest, 28, 2), extra = number(rest, 30, 2), comment = number(rest, 32, 2);
    if (rest.size() - entry_length < name + extra + comment) damaged(source, "its directory is cut short");
    ZipEntry entry{.name = std::string(text(rest, entry_length, name)),
                   .checksum = static_cast<std::uint32_t>(number(rest, 16, 4)),
                   .size = number(rest, 24, 4),
                   .header = number(rest, 42, 4),
                   .packed_size = number(rest, 20, 4)};
    const auto fail = [&](std::string_view what) {
      source.fail(fmt::format("{} {}", in_quotes(entry.name), what));
    };
    const std::uint64_t method = number(rest, 10, 2);
    if (number(rest, 8, 2) & 1) fail("is encrypted; unpack it first.");
    if (method != 0 && method != 8)
      fail(fmt::format("is packed by method {}; stored and deflated files are read.", method));
    if (!is_utf8(entry.name)) source.fail("holds a name that is not UTF-8.");
    if (!names.insert(entry.name).second) fail("is there twice.");
    entry.deflated = method == 8;
    read_extra(source, rest.subspan(entry_length + name, extra), entry);
    entry.begin = begin_of(source, entry);
    if (!entry.deflated && entry.size != entry.packed_size)
      damaged(source, fmt::format("{} is stored in another size than its own", in_quotes(entry.name)));
    entries.push_back(std::move(entry));
    rest = rest.subspan(entry_length + name + extra + comment);
  }
  check_overlaps(source, entries, directory.begin);
  return entries;
}

std::vector<std::byte> read_zip_entry(Source& source, const ZipEntry& entry) {
  Bytes content = entry.deflated ? inflated(source, entry) : source.read(entry.begin, entry.size);
  const uLong found = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (found != entry.checksum)
    damaged(source, fmt::format("{} has the CRC-32 {:08x} and {:08x} is expected", in_quotes(entry.name),
                                found, entry.checksum));
  return content;
}

}  // namespace hekla::files
