// Event files: their checksum, and records parsed by a reader written for this test.
#include "train/files/event_file.h"

#include <doctest/doctest.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <regex>
#include <vector>

#include "tests/train/file_content.h"
#include "tests/train/files/file_size_limit.h"
#include "tests/train/idx_bytes.h"
#include "tests/train/temporary_folder.h"
#include "train/files/crc32c.h"

using namespace hekla::test;
using hekla::EventWriter;
using hekla::files::crc32c;
using hekla::files::masked_crc32c;

namespace {

template <class T>
T number(std::string_view bytes) {
  T value;
  REQUIRE(bytes.size() >= sizeof value);
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// The messages of a file's records.
std::vector<std::string> records(std::string_view bytes) {
  std::vector<std::string> found;
  while (!bytes.empty()) {
    const auto length = number<std::uint64_t>(bytes);
    CHECK(number<std::uint32_t>(bytes.substr(8)) == masked_crc32c(bytes.substr(0, 8)));
    REQUIRE(bytes.size() >= 16 + length);
    found.emplace_back(bytes.substr(12, length));
    CHECK(number<std::uint32_t>(bytes.substr(12 + length)) == masked_crc32c(found.back()));
    bytes = bytes.substr(16 + length);
  }
  return found;
}

struct Field {
  std::uint64_t number = 0;  // of a varint, or the bits of a fixed-size field
  std::string text;
};

// The fields of a protobuf message, each at most once and below 16.
std::map<int, Field> fields(std::string_view bytes) {
  std::map<int, Field> found;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      REQUIRE(!bytes.empty());
      const auto byte = static_cast<std::uint8_t>(bytes[0]);
      bytes = bytes.substr(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (!bytes.empty()) {
    const std::uint64_t key = varint();
    Field& field = found[static_cast<int>(key >> 3)];
    switch (key & 7) {
      case 0:
        field.number = varint();
        break;
      case 1:
        field.number = number<std::uint64_t>(bytes);
        bytes = bytes.substr(8);
        break;
      case 2:
        field.number = varint();
        REQUIRE(bytes.size() >= field.number);
        field.text = bytes.substr(0, field.number);
        bytes = bytes.substr(field.number);
        break;
      case 5:
        field.number = number<std::uint32_t>(bytes);
        bytes = bytes.substr(4);
        break;
      default:
        FAIL("wire type " << (key & 7));
    }
  }
  return found;
}

struct Scalar {
  double wall_time;
  std::int64_t step;
  std::string tag;
  float value;
};

Scalar scalar(const std::string& record) {
  auto event = fields(record);
  auto value = fields(fields(event[5].text)[1].text);
  return {std::bit_cast<double>(event[1].number), static_cast<std::int64_t>(event[2].number), value[1].text,
          std::bit_cast<float>(static_cast<std::uint32_t>(value[2].number))};
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

TEST_CASE("event file: CRC-32C of RFC 3720") {
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c("") == 0);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  std::string up;
  for (char c = 0; c < 32; ++c) up += c;
  CHECK(crc32c(up) == 0x46dd794e);
  CHECK(crc32c(std::string(up.rbegin(), up.rend())) == 0x113fdb5c);
  CHECK(masked_crc32c("123456789") == 0xe3069283 / 0x8000 + (0xe3069283u << 17) + 0xa282ead8u);
}

TEST_CASE("event file: what is added can be read") {
  const TemporaryFolder folder;
  const double start = now();
  EventWriter writer(folder.path() / "made" / "here");
  CHECK(std::regex_match(writer.path().filename().string(),
                         std::regex(R"(events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+)")));
  // The first record is written immediately, so that a reader recognizes the file.
  REQUIRE(records(content(writer.path())).size() == 1);
  writer.add_scalar("loss/train", 0, 0.7853, 1.5);
  writer.add_scalar("ошибка", 1'000'000'000'000, std::nan(""));
  writer.add_scalar("x", -1, -1e300);
  writer.flush();
  const std::vector<std::string> found = records(content(writer.path()));
  REQUIRE(found.size() == 4);
  auto head = fields(found[0]);
  CHECK(head[3].text == "brain.Event:2");
  CHECK(std::bit_cast<double>(head[1].number) >= start);
  const Scalar first = scalar(found[1]), second = scalar(found[2]), third = scalar(found[3]);
  CHECK(first.wall_time == 1.5);
  CHECK(first.step == 0);
  CHECK(first.tag == "loss/train");
  CHECK(first.value == 0.7853f);
  CHECK(second.wall_time >= start);
  CHECK(second.wall_time <= now());
  CHECK(second.step == 1'000'000'000'000);
  CHECK(second.tag == "ошибка");
  CHECK(std::isnan(second.value));
  CHECK(third.step == -1);
  CHECK(std::isinf(third.value));
}

TEST_CASE("event file: writers of one moment have files of their own, complete when they end") {
  const TemporaryFolder folder;
  std::filesystem::path path;
  {
    EventWriter first(folder.path());
    EventWriter second(folder.path());
    CHECK(first.path() != second.path());
    first.add_scalar("x", 1, 2);
    path = first.path();
  }
  CHECK(records(content(path)).size() == 2);
}

TEST_CASE("event file: what cannot be written") {
  const TemporaryFolder folder;
  const auto path = folder.write("file", Bytes{1});
  CHECK(error_of([&] { EventWriter writer(path / "below"); }) ==
        "[events] " + (path / "below").string() +
            ": cannot be written (Not a directory); check the place, its permissions and the room left on "
            "its disk.");
  EventWriter writer(folder.path() / "logs");
  const std::string start = "[events] " + writer.path().string() + ": ";
  CHECK(error_of([&] { writer.add_scalar("", 1, 2); }) ==
        start + "the tag '' is empty or not UTF-8; name the curve.");
  CHECK(error_of([&] { writer.add_scalar("\xff", 1, 2); }).starts_with(start + "the tag '\xff' is empty"));
  writer.add_scalar("x", 1, 2);
  const FileSizeLimit limit(64);
  CHECK(error_of([&] { writer.flush(); }).starts_with(start + "cannot be written (File too large)"));
}
