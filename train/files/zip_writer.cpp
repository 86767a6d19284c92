// See zip_writer.h. Files get no times, so that the same content gives the same bytes.
#include "train/files/zip_writer.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "graph/error.h"
#include "train/files/source.h"

namespace hekla::files {

namespace {

constexpr std::uint64_t version = 20;    // of the format, in tenths
constexpr std::uint64_t version64 = 45;  // the first with zip64
constexpr std::uint64_t utf8_name = 1 << 11;
constexpr std::uint64_t no_date = 1 << 5 | 1;  // 1 January 1980, the earliest there is

// A record is a signature and little-endian numbers.
class Record {
 public:
  explicit Record(std::string_view signature) : bytes_(signature) {}

  Record& add(std::size_t size, std::uint64_t number) {
    for (std::size_t i = 0; i < size; ++i) bytes_ += static_cast<char>(number >> 8 * i);
    return *this;
  }
  Record& add(std::string_view text) {
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace

ZipWriter::ZipWriter(AtomicFile& file, std::uint64_t zip64_from) : file_(file), zip64_from_(zip64_from) {}

void ZipWriter::add(std::string_view name, std::initializer_list<std::span<const std::byte>> pieces) {
  if (name.size() > 0xffff)
    throw Error(fmt::format("[zip] {}: the name {} has {} bytes; a zip archive takes 65535.",
                            file_.path().string(), in_quotes(name), name.size()));
  std::uint64_t size = 0;
  uLong checksum = 0;
  for (const auto& piece : pieces) {
    if (piece.empty()) continue;  // without data, zlib starts the sum anew
    size += piece.size();
    checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
  }
  const std::uint64_t place = file_.size();
  const bool large = size >= zip64_from_;
  const bool far = place >= zip64_from_;
  const std::uint64_t shown_size = large ? 0xffffffff : size;
  const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return (c & 0x80) == 0; });
  const auto common = [&](Record& record, bool zip64) -> Record& {
    return record.add(2, zip64 ? version64 : version)
        .add(2, ascii ? 0 : utf8_name)
        .add(2, 0)  // stored
        .add(2, 0)
        .add(2, no_date)
        .add(4, checksum)
        .add(4, shown_size)
        .add(4, shown_size)
        .add(2, name.size());
  };

  Record extra("");
  if (large) extra.add(8, size).add(8, size);
  Record local("PK\3\4");
  common(local, large).add(2, large ? 20 : 0).add(name);
  if (large) local.add(2, 1).add(2, 16).add(extra.bytes());
  file_.write(local.bytes());
  for (const auto& piece : pieces) file_.write(piece);

  if (far) extra.add(8, place);
  const std::uint64_t length = extra.bytes().size();
  Record entry("PK\1\2");
  entry.add(2, version64);  // of the writer
  common(entry, large || far)
      .add(2, length > 0 ? 4 + length : 0)
      .add(2, 0)
      .add(2, 0)
      .add(2, 0)
      .add(4, 0)
      .add(4, far ? 0xffffffff : place)
      .add(name);
  if (length > 0) entry.add(2, 1).add(2, length).add(extra.bytes());
  directory_ += entry.bytes();
  ++count_;
}

void ZipWriter::finish() {
  const std::uint64_t begin = file_.size();
  const std::uint64_t length = directory_.size();
  file_.write(directory_);
  const std::uint64_t most_files = std::min<std::uint64_t>(zip64_from_, 0xffff);
  const bool large = begin >= zip64_from_ || length >= zip64_from_ || count_ >= most_files;
  if (large) {
    const std::uint64_t place = file_.size();
    Record end64("PK\6\6");
    end64.add(8, 44).add(2, version64).add(2, version64).add(4, 0).add(4, 0);
    end64.add(8, count_).add(8, count_).add(8, length).add(8, begin);
    file_.write(end64.bytes());
    file_.write(Record("PK\6\7").add(4, 0).add(8, place).add(4, 1).bytes());
  }
  Record end("PK\5\6");
  end.add(2, 0).add(2, 0);
  end.add(2, large ? 0xffff : count_).add(2, large ? 0xffff : count_);
  end.add(4, large ? 0xffffffff : length).add(4, large ? 0xffffffff : begin).add(2, 0);
  file_.write(end.bytes());
}

}  // namespace hekla::files
