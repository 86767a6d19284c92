// See event_file.h. A record is a length, its checksum, a message and its checksum (TensorFlow's
// core/lib/io/record_writer.h). The message is an Event of core/util/event.proto; it needs so little of
// protobuf that it is encoded here.
#include "train/files/event_file.h"

#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <system_error>

#include "graph/error.h"
#include "train/files/crc32c.h"
#include "train/files/source.h"
#include "train/utf8.h"

#if defined(_WIN32)
#include <process.h>
#else
#include <unistd.h>
#endif

namespace hekla {

namespace {

namespace fs = std::filesystem;

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int process() {
#if defined(_WIN32)
  return _getpid();
#else
  return getpid();
#endif
}

std::string host() {
#if defined(_WIN32)
  const char* name = std::getenv("COMPUTERNAME");
  return name != nullptr ? name : "localhost";
#else
  std::string name(256, '\0');
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.c_str();
#endif
}

// The fields of a message in protobuf's encoding: a key made of number and wire type, then the value.
class Message {
 public:
  Message& fixed64(int field, std::uint64_t bits) { return key(field, 1).little_endian(bits, 8); }
  Message& fixed32(int field, std::uint32_t bits) { return key(field, 5).little_endian(bits, 4); }
  Message& varint(int field, std::uint64_t number) { return key(field, 0).varint(number); }
  Message& text(int field, std::string_view text) {
    key(field, 2).varint(text.size());
    bytes_ += text;
    return *this;
  }

  Message& little_endian(std::uint64_t bits, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(bits >> 8 * i);
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  Message& key(int field, int type) { return varint(static_cast<std::uint64_t>(field << 3 | type)); }
  Message& varint(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes_ += static_cast<char>(number | 0x80);
    bytes_ += static_cast<char>(number);
    return *this;
  }

  std::string bytes_;
};

// The fields of Event, Summary and Summary.Value.
constexpr int event_wall_time = 1, event_step = 2, event_file_version = 3, event_summary = 5;
constexpr int summary_value = 1;
constexpr int value_tag = 1, value_simple = 2;

}  // namespace

EventWriter::EventWriter(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  path_ = folder;
  if (failure) fail(failure.value());
  std::random_device random;
  const double start = now();
  const std::string name =
      fmt::format("events.out.tfevents.{:010}.{}.{}.", static_cast<std::int64_t>(start), host(), process());
  while (file_ == nullptr) {
    path_ = folder / fmt::format("{}{}", name, random());
    // "x" opens exclusively: no file of another writer or of an earlier run is ever overwritten.
    file_.reset(std::fopen(path_.string().c_str(), "wbx"));
    if (file_ == nullptr && errno != EEXIST) fail(errno);
  }
  write_record(Message()
                   .fixed64(event_wall_time, std::bit_cast<std::uint64_t>(start))
                   .text(event_file_version, "brain.Event:2")
                   .bytes());
  flush();
}

EventWriter::~EventWriter() = default;

void EventWriter::add_scalar(std::string_view tag, std::int64_t step, double value,
                             std::optional<double> wall_time) {
  // A single wrong name would make the whole file unreadable.
  if (tag.empty() || !is_utf8(tag))
    throw Error(fmt::format("[events] {}: the tag {} is empty or not UTF-8; name the curve.", path_.string(),
                            files::in_quotes(tag)));
  const Message scalar = Message()
                             .text(value_tag, tag)
                             .fixed32(value_simple, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  const Message summary = Message().text(summary_value, scalar.bytes());
  write_record(Message()
                   .fixed64(event_wall_time, std::bit_cast<std::uint64_t>(wall_time.value_or(now())))
                   .varint(event_step, static_cast<std::uint64_t>(step))
                   .text(event_summary, summary.bytes())
                   .bytes());
}

void EventWriter::write_record(std::string_view payload) {
  const Message length = Message().little_endian(payload.size(), 8);
  const std::string record = Message()
                                 .little_endian(payload.size(), 8)
                                 .little_endian(files::masked_crc32c(length.bytes()), 4)
                                 .bytes() +
                             std::string(payload) +
                             Message().little_endian(files::masked_crc32c(payload), 4).bytes();
  if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size()) fail(errno);
}

void EventWriter::flush() {
  if (std::fflush(file_.get()) != 0) fail(errno);
}

void EventWriter::fail(int error) const {
  throw Error(
      fmt::format("[events] {}: cannot be written ({}); check the place, its permissions and the room "
                  "left on its disk.",
                  path_.string(), std::generic_category().message(error)));
}

}  // namespace hekla
