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
#include "tests/train/files/file_size_limit.h"
#include "tests/train/files/zip_bytes.h"
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
using hekla::test::zip_bytes;

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

void add(Bytes& bytes, std::size_t count, std::uint64_t number) {
  for (std::size_t i = 0; i < count; ++i)
    bytes.push_back(i < 8 ? static_cast<std::uint8_t>(number >> 8 * i) : std::uint8_t{});
}

// The archive with the record that large ones have, which announces `count` files.
Bytes with_zip64_record(const Bytes& archive, std::uint64_t count) {
  const auto number = [&](std::size_t from_end) {
    return files::little_endian(std::as_bytes(std::span(archive)).last(from_end).first(4));
  };
  Bytes bytes(archive.begin(), archive.end() - 22);
  const std::size_t place = bytes.size();
  add(bytes, 4, 0x06064b50), add(bytes, 8, 44), add(bytes, 4, 45 << 16 | 45), add(bytes, 8, 0);
  add(bytes, 8, count), add(bytes, 8, count), add(bytes, 8, number(10)), add(bytes, 8, number(6));
  add(bytes, 4, 0x07064b50), add(bytes, 4, 0), add(bytes, 8, place), add(bytes, 4, 1);
  add(bytes, 8, 0x06054b50), add(bytes, 4, 0xffffffff), add(bytes, 8, ~std::uint64_t{}), add(bytes, 2, 0);
  return bytes;
}

// What is in an archive, all read and checked.
std::vector<std::pair<std::string, std::string>> parts_of(const Bytes& bytes) {
  files::Source source = source_of(bytes);
  files::ZipReader archive(source);
  std::vector<std::pair<std::string, std::string>> parts;
  for (std::size_t i = 0; i < archive.names().size(); ++i) {
    const std::vector<std::byte> text = archive.read(i);
    parts.emplace_back(archive.names()[i],
                       std::string(reinterpret_cast<const char*>(text.data()), text.size()));
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
  const auto add_entry = [&] {
    add(bytes, 2, 20), add(bytes, 2, 0), add(bytes, 2, 8), add(bytes, 4, 0), add(bytes, 4, checksum);
    add(bytes, 4, packed.size()), add(bytes, 4, size), add(bytes, 4, 1);
  };
  add(bytes, 4, 0x04034b50);
  add_entry();
  add(bytes, 1, 'x');
  bytes.insert(bytes.end(), packed.begin(), packed.end());
  const std::size_t directory = bytes.size();
  add(bytes, 4, 0x02014b50), add(bytes, 2, 20);
  add_entry();
  add(bytes, 14, 0), add(bytes, 1, 'x');
  const std::size_t length = bytes.size() - directory;
  add(bytes, 8, 0x06054b50), add(bytes, 2, 1), add(bytes, 2, 1);
  add(bytes, 4, length), add(bytes, 4, directory), add(bytes, 2, 0);
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
  CHECK(parts_of(zip_bytes(parts)) == parts);
  Bytes bytes = with_zip64_record(zip_bytes(parts), 3);
  CHECK(parts_of(bytes) == parts);
  // Read without the zip64 record, the numbers are beyond the end.
  bytes[bytes.size() - 22 - 20] = 'X';
  CHECK(!error_reading(bytes).empty());
  // No memory is taken for files that are announced and not there.
  for (const int bits : {2, 30, 40, 60, 63})
    CHECK(!error_reading(with_zip64_record(zip_bytes(parts), std::uint64_t{1} << bits)).empty());
}

TEST_CASE("npz: the same content gives the same bytes, stored and without times") {
  const Bytes bytes = zip_bytes({{"a", "one"}, {"ö", "two"}});
  CHECK(bytes == zip_bytes({{"a", "one"}, {"ö", "two"}}));
  CHECK(bytes.size() == 2 * (30 + 46 + 3) + 2 * 3 + 22);  // headers, names and contents: nothing else
  CHECK(Bytes(bytes.begin() + 8, bytes.begin() + 14) == Bytes{0, 0, 0, 0, 0x21, 0});
  CHECK(zip_bytes({}).size() == 22);
}

TEST_CASE("npz: a comment at the end") {
  Bytes bytes = zip_bytes({{"a", "one"}});
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
  const auto damaged = [&](const Bytes& data, std::uint64_t size, std::uint32_t sum) {
    const std::string text = refused(data, size, sum);
    return text.starts_with("is damaged: 'x'") && text.ends_with("; fetch it again.");
  };
  CHECK(refused(packed, 1000, checksum ^ 1) == "is damaged: 'x': CRC error; fetch it again.");
  CHECK(damaged(packed, 999, checksum));
  CHECK(damaged(packed, 1001, checksum));
  CHECK(damaged({packed.begin(), packed.end() - 100}, 1000, checksum));
  CHECK(damaged({}, 1, 0));
  CHECK(damaged(Bytes(4, 0xff), 4, 0));
  CHECK(damaged(packed, 4'000'000'000, checksum));
  // A bomb that says it is small: no more is unpacked than it says.
  const Bytes bomb = deflated(Bytes(10'000'000));
  CHECK(damaged(bomb, 1000, checksum));
}

TEST_CASE("npz: archives that cannot be read") {
  CHECK(error_reading({}) == "has no directory at its end; it is no zip archive or truncated.");
  CHECK(contains(error_reading(Bytes(100'000)), "has no directory at its end"));
  const Bytes whole = zip_bytes({{"a", "one"}, {"b", "two"}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(!error_reading({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty());

  // Offsets of fields: the directory is 2 * 47 bytes before the 22 bytes at the end.
  const std::size_t directory = whole.size() - 22 - 2 * 47;
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    Bytes bytes = whole;
    bytes[at] = value;
    return error_reading(bytes);
  };
  // The same of the header before a file and of its entry in the directory.
  const auto changed_in_both = [&](std::size_t in_header, std::size_t in_entry, std::uint8_t value) {
    Bytes bytes = whole;
    bytes[in_header] = bytes[directory + in_entry] = value;
    return error_reading(bytes);
  };
  CHECK(changed(31, '0') == "is damaged: 'a': CRC error; fetch it again.");
  // libzip 1.11 finds damage before the entries are read, and tells of it in its own words.
  const auto tells = [](const std::string& error, std::string_view expected, std::string_view of_libzip) {
    CAPTURE(error);
    CHECK((error == expected || error == fmt::format("is damaged: {}; fetch it again.", of_libzip)));
  };
  tells(changed_in_both(6, 8, 1), "'a' is encrypted; unpack it first.",
        "Zip archive inconsistent: entry 0: compressed and uncompressed sizes don't match for stored file");
  CHECK(changed_in_both(8, 10, 12) == "'a' is packed by method 12; stored and deflated files are read.");
  tells(changed_in_both(30, 46, 0xff), "holds a name that is not UTF-8.",
        "Zip archive inconsistent: entry 0: invalid UTF-8 in filename");
  CHECK(!changed_in_both(30 + 34, 46 + 47, 'a').empty());  // is there twice
  tells(changed(whole.size() - 22 + 4, 1), "is a part of an archive of several volumes; join them first.",
        "Possibly truncated or corrupted zip archive");
  CHECK(!changed(directory, 'X').empty());
  // What the header and the directory say differs, or leads beyond the end.
  for (const std::size_t at : {directory + 46, directory + 42, directory + 45, directory + 24, directory + 28,
                               whole.size() - 22 + 16})
    CHECK(!changed(at, 'b').empty());
}

TEST_CASE("npz: entries over the same bytes") {
  // Each file is all that comes after its header: the headers and contents of the files after it.
  constexpr std::size_t count = 20;
  Bytes content, directory;
  for (std::size_t i = count; i-- > 0;) {
    const auto name = static_cast<std::uint8_t>('a' + i);
    const auto add_entry = [&](Bytes& bytes) {
      add(bytes, 2, 20), add(bytes, 4, 0), add(bytes, 4, 0), add(bytes, 4, checksum_of(content));
      add(bytes, 4, content.size()), add(bytes, 4, content.size()), add(bytes, 4, 1);
    };
    Bytes header;
    add(header, 4, 0x04034b50), add_entry(header), add(header, 1, name);
    add(directory, 4, 0x02014b50), add(directory, 2, 20), add_entry(directory);
    add(directory, 10, 0), add(directory, 4, 31 * i), add(directory, 1, name);
    content.insert(content.begin(), header.begin(), header.end());
  }
  Bytes bytes = content;
  bytes.insert(bytes.end(), directory.begin(), directory.end());
  add(bytes, 8, 0x06054b50), add(bytes, 2, count), add(bytes, 2, count);
  add(bytes, 4, directory.size()), add(bytes, 4, content.size()), add(bytes, 2, 0);
  CHECK(error_reading(bytes) == "is damaged: its files overlap; fetch it again.");
}

TEST_CASE("npz: archives of other things") {
  const auto refused = [](const Bytes& bytes) {
    return error_of([&] {
      files::Source source = source_of(bytes);
      files::read_npz(source);
    });
  };
  CHECK(refused(zip_bytes({{"a.txt", "one"}})) ==
        "[load_npz] file: holds 'a.txt'; an .npz file holds arrays, named .npy.");
  CHECK(refused(zip_bytes({{"a.npy", "one"}})) ==
        "[load_npz] file: 'a.npy': does not start with \\x93NUMPY; it is no .npy file.");
}

TEST_CASE("npz: what cannot be saved") {
  testing::reference();
  const auto refused = [](const std::vector<NamedTensor>& tensors) {
    return error_of([&] { save_npz("x.npz", tensors); });
  };
  const Tensor x = tensor({1.0});
  CHECK(refused({{"x", x}, {"x", x}}) ==
        "[save_npz] x.npz: tensor 'x': is there twice; give each a name of its own.");
  CHECK(refused({{"x", cast(x, bf16)}}) ==
        "[save_npz] x.npz: tensor 'x': NumPy has no bf16; cast it to f32, or use save_safetensors.");
  const TemporaryFolder folder;
  CHECK(contains(error_of([&] {
                   save_npz(folder.path() / "x.npz", std::array{NamedTensor{std::string(70'000, 'n'), x}});
                 }),
                 "has 70004 bytes; a zip archive takes 65535."));
  CHECK(contains(error_of([&] {
                   save_npz(folder.path() / "x.npz", std::array{NamedTensor{std::string("a\0b", 3), x}});
                 }),
                 "the name 'a?b.npy' has a zero byte; choose another name."));
  CHECK(error_of([&] {
          AtomicFile file(folder.path() / "x.npz");
          const std::vector<files::ZipPart> parts{
              {.name = "x", .size = 2, .content = [] { return std::vector<std::byte>(1); }}};
          files::write_zip(file, parts);
        }) == "[zip] the content of 'x' has 1 bytes; 2 were announced.");
  {
    const hekla::test::FileSizeLimit limit(65'536);
    CHECK(contains(error_of([&] {
                     save_npz(folder.path() / "x.npz", std::array{NamedTensor{"x", zeros({100'000})}});
                   }),
                   "what was there before is unchanged. Check the place"));
  }
  CHECK(!std::filesystem::exists(folder.path() / "x.npz"));
}

TEST_CASE("npz: a file that is changed anywhere is read or refused") {
  std::mt19937 random(1);
  int refused = 0;
  for (const Bytes& whole :
       {numpy_archive(), with_zip64_record(zip_bytes({{"a", "one"}, {"b", "two"}}), 2)}) {
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
