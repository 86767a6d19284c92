// See byte_source.h. The file is read by the standard library, not by zlib's own file functions,
// because those take paths as narrow strings only.
#include "train/data/byte_source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "graph/error.h"

namespace hekla::data {

namespace {

constexpr int gzip_window = 15 + 16;  // zlib's notation for the largest window and gzip framing only

}  // namespace

struct ByteSource::State {
  std::filesystem::path path;
  std::ifstream file;
  std::array<std::uint8_t, 1 << 16> buffer;
  std::span<const std::uint8_t> pending;  // the unread part of `buffer`
  bool gzip = false;
  bool inside_member = false;  // a gzip file is one or more members, each with its own header and checksum
  z_stream stream{};

  ~State() {
    if (gzip) inflateEnd(&stream);
  }

  // Makes `pending` hold at least one byte if the file has any left.
  bool refill() {
    if (!pending.empty()) return true;
    file.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(buffer.size()));
    if (file.bad())
      throw Error(fmt::format("[idx] {}: reading failed; the disk or the file is damaged.", path.string()));
    pending = std::span(buffer).first(static_cast<std::size_t>(file.gcount()));
    return !pending.empty();
  }

  [[noreturn]] void damaged(std::string_view reason) const {
    throw Error(
        fmt::format("[idx] {}: damaged gzip file ({}); fetch or install it again.", path.string(), reason));
  }

  std::size_t read_plain(std::span<std::uint8_t> to) {
    std::size_t done = 0;
    while (done < to.size() && refill()) {
      const auto piece = pending.first(std::min(pending.size(), to.size() - done));
      std::copy(piece.begin(), piece.end(), to.begin() + static_cast<std::ptrdiff_t>(done));
      pending = pending.subspan(piece.size());
      done += piece.size();
    }
    return done;
  }

  std::size_t read_gzip(std::span<std::uint8_t> to) {
    std::size_t done = 0;
    while (done < to.size() && refill()) {
      if (!inside_member) {
        // Zeros may follow a member as padding, for instance to the end of the last block of a tape.
        const auto padding = std::ranges::find_if(pending, [](std::uint8_t byte) { return byte != 0; });
        pending = pending.subspan(static_cast<std::size_t>(padding - pending.begin()));
        if (pending.empty()) continue;
        inflateReset(&stream);
        inside_member = true;
      }
      constexpr std::size_t limit = 1 << 30;  // zlib's counters have 32 bits
      const std::size_t room = std::min(to.size() - done, limit);
      stream.next_in = const_cast<Bytef*>(pending.data());
      stream.avail_in = static_cast<uInt>(pending.size());
      stream.next_out = to.data() + done;
      stream.avail_out = static_cast<uInt>(room);
      const int result = inflate(&stream, Z_NO_FLUSH);
      pending = pending.last(stream.avail_in);
      done += room - stream.avail_out;
      if (result == Z_STREAM_END) {
        inside_member = false;
      } else if (result == Z_MEM_ERROR) {
        throw Error(fmt::format("[idx] {}: out of memory while unpacking.", path.string()));
      } else if (result != Z_OK) {
        damaged(stream.msg != nullptr ? stream.msg : "unknown reason");
      }
    }
    return done;
  }
};

ByteSource::ByteSource(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (status.type() == std::filesystem::file_type::not_found)
    throw Error(fmt::format("[idx] {}: no such file.", path.string()));
  if (std::filesystem::is_directory(status))
    throw Error(fmt::format("[idx] {}: is a folder; the path of an IDX file is wanted.", path.string()));
  state_->file.open(path, std::ios::binary);
  if (!state_->file)
    throw Error(fmt::format("[idx] {}: cannot be opened; check its permissions.", path.string()));

  state_->refill();
  const auto& start = state_->pending;
  if (start.size() >= 2 && start[0] == 0x1f && start[1] == 0x8b) {
    if (inflateInit2(&state_->stream, gzip_window) != Z_OK)
      throw Error(fmt::format("[idx] {}: out of memory while unpacking.", path.string()));
    state_->gzip = true;
  }
}

ByteSource::~ByteSource() = default;

std::size_t ByteSource::read(std::span<std::uint8_t> to) {
  return state_->gzip ? state_->read_gzip(to) : state_->read_plain(to);
}

bool ByteSource::cut_off() const { return state_->inside_member; }

}  // namespace hekla::data
