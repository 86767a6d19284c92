// .npz archives: round trips, archives of other writers, archives beyond 4 GiB (real or simulated), and
// damaged ones.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <random>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/train/file_content.h"
#include "tests/train/idx_bytes.h"
#include "tests/train/temporary_folder.h"
#include "train/files/npy.h"
#include "train/files/zip_reader.h"
#include "train/files/zip_writer.h"

using namespace hekla;
using hekla::test::Bytes;
using hekla::test::contains;
using hekla::test::content;
using hekla::test::error_of;
using hekla::test::TemporaryFolder;

namespace {

files::Source source_of(const Bytes& bytes) { return {"load_npz", "file", std::as_bytes(std::span(bytes))}; }

// The archive that np.savez_compressed makes of x = np.arange(6, dtype='<i8').reshape(2, 3): deflated, with a
// zip64 field before the data and none in the directory.
Bytes numpy_archive() {
  return {0x50, 0x4b, 3,    4,    0x2d, 0,    0,    0,    8,    0,    0,    0,    0x21, 0,    0x59, 0x9b,
          0xda, 0x7d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 5,    0,    0x14, 0,    0x78, 0x2e,
          0x6e, 0x70, 0x79, 1,    0,    0x10, 0,    0xb0, 0,    0,    0,    0,    0,    0,    0,    0x56,
          0,    0,    0,    0,    0,    0,    0,    0x9b, 0xec, 0x17, 0xea, 0x1b, 0x10, 0xc9, 0xc8, 0x50,
          0xc6, 0x50, 0xad, 0x9e, 0x92, 0x5a, 0x9c, 0x5c, 0xa4, 0x6e, 0xa5, 0xa0, 0x6e, 0x93, 0x69, 0xa1,
          0xae, 0xa3, 0xa0, 0x9e, 0x96, 0x5f, 0x54, 0x52, 0x94, 0x98, 0x17, 0x9f, 0x5f, 0x94, 0x92, 0x0a,
          0x12, 0x77, 0x4b, 0xcc, 0x29, 0x4e, 5,    0x8a, 0x17, 0x67, 0x24, 0x16, 0xa4, 2,    0xf9, 0x1a,
          0x46, 0x3a, 0x0a, 0xc6, 0x9a, 0x3a, 0x0a, 0xb5, 0x0a, 0x64, 3,    0x2e, 6,    0x28, 0x60, 0x84,
          0xd2, 0x4c, 0x50, 0x9a, 0x19, 0x4a, 0xb3, 0x40, 0x69, 0x56, 0x28, 0x0d, 0,    0x50, 0x4b, 1,
          2,    0x2d, 3,    0x2d, 0,    0,    0,    8,    0,    0,    0,    0x21, 0,    0x59, 0x9b, 0xda,
          0x7d, 0x56, 0,    0,    0,    0xb0, 0,    0,    0,    5,    0,    0,    0,    0,    0,    0,
          0,    0,    0,    0,    0,    0x80, 1,    0,    0,    0,    0,    0x78, 0x2e, 0x6e, 0x70, 0x79,
          0x50, 0x4b, 5,    6,    0,    0,    0,    0,    1,    0,    1,    0,    0x33, 0,    0,    0,
          0x8d, 0,    0,    0,    0,    0};
}

// An archive of small files.
Bytes archive(const std::vector<std::pair<std::string, std::string>>& parts,
              std::uint64_t zip64_from = 0xffffffff) {
  const TemporaryFolder folder;
  AtomicFile file(folder.path() / "zip");
  files::ZipWriter zip(file, zip64_from);
  for (const auto& [name, text] : parts) zip.add(name, {std::as_bytes(std::span(text))});
  zip.finish();
  file.commit();
  return content<Bytes>(folder.path() / "zip");
}

// The content of an archive, with all checks.
std::vector<std::pair<std::string, std::string>> parts_of(const Bytes& bytes) {
  files::Source source = source_of(bytes);
  std::vector<std::pair<std::string, std::string>> parts;
  for (const files::ZipEntry& entry : files::read_zip_directory(source)) {
    const std::vector<std::byte> text = files::read_zip_entry(source, entry);
    parts.emplace_back(entry.name, std::string(reinterpret_cast<const char*>(text.data()), text.size()));
  }
  return parts;
}

std::string error_reading(const Bytes& bytes) {
  const std::string text = error_of([&] { parts_of(bytes); });
  const std::string start = "[load_npz] file: ";
  REQUIRE_MESSAGE(text.starts_with(start), text);
  return text.substr(start.size());
}

Bytes deflated(const Bytes& bytes) {
  Bytes packed = hekla::test::gzip(bytes);
  return {packed.begin() + 10, packed.end() - 8};
}

// An archive with one compressed file and the given size and checksum in its header.
Bytes packed_archive(const Bytes& packed, std::uint64_t size, std::uint32_t checksum) {
  Bytes bytes;
  const auto add = [&](std::size_t count, std::uint64_t number) {
    for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
  };
  add(4, 0x04034b50);
  add(2, 20), add(2, 0), add(2, 8), add(4, 0), add(4, checksum), add(4, packed.size()), add(4, size),
      add(4, 1);
  add(1, 'x');
  bytes.insert(bytes.end(), packed.begin(), packed.end());
  const std::size_t directory = bytes.size();
  add(4, 0x02014b50);
  add(4, 20), add(2, 0), add(2, 8), add(4, 0), add(4, checksum), add(4, packed.size()), add(4, size),
      add(2, 1);
  add(8, 0), add(8, 0);
  add(1, 'x');
  const std::size_t length = bytes.size() - directory;
  add(4, 0x06054b50);
  add(4, 0), add(2, 1), add(2, 1), add(4, length), add(4, directory), add(2, 0);
  return bytes;
}

std::uint32_t checksum_of(const Bytes& bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace

TEST_CASE("npz: arrays come back as they were, in their order") {
  testing::reference();
  const TemporaryFolder folder;
  const auto path = folder.path() / "x.npz";
  save_npz(path,
           std::array{NamedTensor{"w", tensor({1.5, -2, 3, 4}, {2, 2})},
                      NamedTensor{"a/ö", tensor(std::vector<std::int32_t>{7})}, NamedTensor{"", zeros({0})}});
  const std::vector<NamedTensor> found = load_npz(path);
  REQUIRE(found.size() == 3);
  CHECK(found[0].name == "w");
  CHECK(found[0].tensor.shape() == Shape{2, 2});
  CHECK(found[0].tensor.to_vector() == std::vector<float>{1.5, -2, 3, 4});
  CHECK(found[1].name == "a/ö");
  CHECK(found[1].tensor.dtype() == i32);
  CHECK(found[2].tensor.count() == 0);
  const Bytes first = content<Bytes>(path);
  save_npz(path, found);
  CHECK(content<Bytes>(path) == first);
  save_npz(path, {});
  CHECK(load_npz(path).empty());
}

TEST_CASE("npz: an archive of NumPy's") {
  testing::reference();
  const Bytes bytes = numpy_archive();
  files::Source source = source_of(bytes);
  const std::vector<NamedTensor> found = files::read_npz(source);
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == "x");
  CHECK(found[0].tensor.dtype() == i32);
  CHECK(found[0].tensor.shape() == Shape{2, 3});
  CHECK(found[0].tensor.to_vector<int>() == std::vector{0, 1, 2, 3, 4, 5});
}

TEST_CASE("npz: archives beyond the limits of the first format") {
  const std::vector<std::pair<std::string, std::string>> parts = {
      {"a", "one"}, {"b", ""}, {"c", std::string(300, 'c')}};
  for (const std::uint64_t from : {0ull, 1ull, 100ull, 0xffffffffull})
    CHECK(parts_of(archive(parts, from)) == parts);
  CHECK(archive(parts, 0).size() > archive(parts).size() + 100);
  // Without the zip64 record, the offsets lie beyond the end.
  Bytes bytes = archive(parts, 0);
  bytes[bytes.size() - 22 - 20] = 'X';
  CHECK(contains(error_reading(bytes), "its directory lies beyond its end"));
}

TEST_CASE("npz: a comment at the end") {
  Bytes bytes = archive({{"a", "one"}});
  bytes[bytes.size() - 2] = 4;
  bytes.insert(bytes.end(), {'P', 'K', 5, 6});
  CHECK(parts_of(bytes).size() == 1);
}

TEST_CASE("npz: deflated files of any length") {
  std::mt19937 random(1);
  for (const std::size_t size : {0, 1, 1000, 1 << 18, 300'000}) {
    CAPTURE(size);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; i += 1 + random() % 64) bytes[i] = static_cast<std::uint8_t>(random());
    const auto parts = parts_of(packed_archive(deflated(bytes), size, checksum_of(bytes)));
    CHECK(std::equal(parts[0].second.begin(), parts[0].second.end(), bytes.begin(), bytes.end(),
                     [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }));
    const Bytes even(size);
    CHECK(parts_of(packed_archive(deflated(even), size, checksum_of(even)))[0].second.size() == size);
  }
}

TEST_CASE("npz: deflated files that are damaged") {
  Bytes bytes(1000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i);
  const Bytes packed = deflated(bytes);
  const std::uint32_t checksum = checksum_of(bytes);
  const auto refused = [&](const Bytes& data, std::uint64_t size, std::uint32_t sum) {
    return error_reading(packed_archive(data, size, sum));
  };
  CHECK(refused(packed, 1000, checksum ^ 1) ==
        fmt::format("is damaged: 'x' has the CRC-32 {:08x} and {:08x} is expected; fetch it again.", checksum,
                    checksum ^ 1));
  CHECK(refused(packed, 999, checksum) ==
        "is damaged: 'x' does not hold the 999 bytes that it should; fetch it again.");
  CHECK(contains(refused(packed, 1001, checksum), "does not hold the 1001 bytes"));
  CHECK(contains(refused({packed.begin(), packed.end() - 1}, 1000, checksum), "'x' ends too early"));
  CHECK(contains(refused({}, 0, 0), "'x' ends too early"));
  Bytes more = packed;
  more.push_back(0);
  CHECK(contains(refused(more, 1000, checksum), "'x' is followed by other bytes"));
  CHECK(contains(refused(Bytes(4, 0xff), 4, 0), "'x' invalid block type"));
  CHECK(contains(refused(packed, 4'000'000'000, checksum), "'x' announces 4000000000 bytes, more than"));
  // A zip bomb with a small announced size: no more than that is decompressed.
  const Bytes bomb = deflated(Bytes(10'000'000));
  CHECK(contains(refused(bomb, 1000, checksum), "does not hold the 1000 bytes"));
}

TEST_CASE("npz: archives that cannot be read") {
  CHECK(error_reading({}) == "has no directory at its end; it is no zip archive or truncated.");
  CHECK(contains(error_reading(Bytes(100'000)), "has no directory at its end"));
  const Bytes whole = archive({{"a", "one"}, {"b", "two"}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(!error_reading({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty());

  // Offsets of fields: the directory is 2 * 47 bytes before the 22 bytes at the end.
  const std::size_t directory = whole.size() - 22 - 2 * 47;
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    Bytes bytes = whole;
    bytes[at] = value;
    return error_reading(bytes);
  };
  CHECK(changed(31, '0') ==
        "is damaged: 'a' has the CRC-32 1d8cef7c and 7a6c86f1 is expected; fetch it again.");
  CHECK(changed(directory + 8, 1) == "'a' is encrypted; unpack it first.");
  CHECK(changed(directory + 10, 12) == "'a' is packed by method 12; stored and deflated files are read.");
  CHECK(changed(directory + 46, 0xff) == "holds a name that is not UTF-8.");
  CHECK(changed(directory + 46, 'b') == "is damaged: 'b' is not where the directory says; fetch it again.");
  CHECK(changed(directory + 46 + 47, 'a') == "'a' is there twice.");
  CHECK(changed(directory + 42, 1) == "is damaged: 'a' is not where the directory says; fetch it again.");
  CHECK(changed(directory + 45, 1) == "is damaged: 'a' lies beyond its end; fetch it again.");
  CHECK(changed(directory + 24, 4) ==
        "is damaged: 'a' is stored in another size than its own; fetch it again.");
  CHECK(changed(directory, 'X') == "is damaged: its directory is cut short; fetch it again.");
  CHECK(changed(directory + 28, 200) == "is damaged: its directory is cut short; fetch it again.");
  CHECK(changed(whole.size() - 22 + 4, 1) == "is a part of an archive of several volumes; join them first.");
  CHECK(changed(whole.size() - 22 + 16, 0xff) ==
        "is damaged: its directory lies beyond its end; fetch it again.");
  Bytes overlapping = whole;
  for (const std::size_t field : {20, 24}) overlapping[directory + field] = 10;
  CHECK(error_reading(overlapping) == "is damaged: 'b' overlaps another part of it; fetch it again.");
}

TEST_CASE("npz: archives of other things") {
  const auto refused = [](const Bytes& bytes) {
    return error_of([&] {
      files::Source source = source_of(bytes);
      files::read_npz(source);
    });
  };
  CHECK(refused(archive({{"a.txt", "one"}})) ==
        "[load_npz] file: holds 'a.txt'; an .npz file holds arrays, named .npy.");
  CHECK(refused(archive({{"a.npy", "one"}})) ==
        "[load_npz] file: 'a.npy': does not start with \\x93NUMPY; it is no .npy file.");
}

TEST_CASE("npz: what cannot be saved") {
  testing::reference();
  const auto refused = [](const std::vector<NamedTensor>& tensors) {
    return error_of([&] { save_npz("x.npz", tensors); });
  };
  const Tensor x = tensor({1});
  CHECK(refused({{"x", x}, {"x", x}}) ==
        "[save_npz] x.npz: tensor 'x': is there twice; give each a name of its own.");
  CHECK(refused({{"x", cast(x, bf16)}}) ==
        "[save_npz] x.npz: tensor 'x': NumPy has no bf16; cast it to f32, or use save_safetensors.");
  const TemporaryFolder folder;
  CHECK(contains(error_of([&] {
                   save_npz(folder.path() / "x.npz", std::array{NamedTensor{std::string(70'000, 'n'), x}});
                 }),
                 "has 70004 bytes; a zip archive takes 65535."));
  CHECK(!std::filesystem::exists(folder.path() / "x.npz"));
}

TEST_CASE("npz: a file that is changed anywhere is read or refused") {
  std::mt19937 random(1);
  int refused = 0;
  for (const Bytes& whole : {numpy_archive(), archive({{"a", "one"}, {"b", "two"}}, 0)}) {
    for (int round = 0; round < 10'000; ++round) {
      Bytes bytes = whole;
      for (std::uint32_t changes = 1 + random() % 2; changes > 0; --changes)
        bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
      if (random() % 16 == 0) bytes.resize(random() % bytes.size());
      try {
        parts_of(bytes);
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 10'000);
  CHECK(refused < 20'000);
}
