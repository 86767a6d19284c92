// The IDX reader on files made here: valid ones, and one for every kind of damage.
#include "train/data/idx.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <numeric>
#include <optional>

#include "tests/support/address_space_limit.h"
#include "tests/train/idx_bytes.h"
#include "tests/train/temporary_folder.h"

using namespace hekla::test;
using hekla::data::IdxFile;
using hekla::data::read_idx;

namespace {

// The error of reading a file with these bytes, without the path.
std::string error_reading(const Bytes& bytes) {
  const TemporaryFolder folder;
  const auto path = folder.write("file", bytes);
  const std::string text = error_of([&] { read_idx(path); });
  const std::string start = "[idx] " + path.string() + ": ";
  REQUIRE_MESSAGE(text.substr(0, start.size()) == start, text);
  return text.substr(start.size());
}

Bytes counted(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

}  // namespace

TEST_CASE("idx: a plain and a gzipped file give the same") {
  const TemporaryFolder folder;
  const Bytes data = counted(2 * 3 * 4);
  const Bytes file = idx_bytes({2, 3, 4}, data);
  for (const auto& bytes : {file, gzip(file)}) {
    const IdxFile read = read_idx(folder.write("any.name", bytes));
    CHECK(read.shape == std::vector<std::int64_t>{2, 3, 4});
    CHECK(read.bytes == data);
    const hekla::Tensor tensor = hekla::data::load_idx(folder.write("any.name", bytes));
    CHECK(hekla::describe(tensor) == "u8[2,3,4]");
    CHECK(tensor.to_host().to<std::uint8_t>() == data);
  }
}

TEST_CASE("idx: data longer than the pieces it is read in") {
  const TemporaryFolder folder;
  const Bytes data = counted(300'007);
  CHECK(read_idx(folder.write("plain", idx_bytes({300'007}, data))).bytes == data);
  CHECK(read_idx(folder.write("packed", gzip(idx_bytes({300'007}, data)))).bytes == data);
}

TEST_CASE("idx: a gzip file of several members is read through") {
  const TemporaryFolder folder;
  const Bytes file = idx_bytes({6}, counted(6));
  Bytes packed = gzip({file.begin(), file.begin() + 5});
  const Bytes second = gzip({file.begin() + 5, file.end()});
  packed.insert(packed.end(), second.begin(), second.end());
  CHECK(read_idx(folder.write("file", packed)).bytes == counted(6));
}

TEST_CASE("idx: zeros that follow a member of a gzip file are padding, as gzip and Python have it") {
  const TemporaryFolder folder;
  const Bytes file = idx_bytes({6}, counted(6));
  const Bytes zeros(200'000, 0);
  Bytes padded = gzip({file.begin(), file.begin() + 5});
  const Bytes second = gzip({file.begin() + 5, file.end()});
  padded.insert(padded.end(), zeros.begin(), zeros.begin() + 3);
  padded.insert(padded.end(), second.begin(), second.end());
  for (const std::size_t count : {std::size_t{1}, std::size_t{100}, zeros.size()}) {
    Bytes all = padded;
    all.insert(all.end(), zeros.begin(), zeros.begin() + static_cast<std::ptrdiff_t>(count));
    CHECK(read_idx(folder.write("file", all)).bytes == counted(6));
  }
  padded.insert(padded.end(), {0, 0, 7, 7});
  CHECK(contains(error_reading(padded), "damaged gzip file (incorrect header check)"));
}

TEST_CASE("idx: an axis of size zero is a file without data") {
  const TemporaryFolder folder;
  const IdxFile read = read_idx(folder.write("file", idx_bytes({0, 28}, {})));
  CHECK(read.shape == std::vector<std::int64_t>{0, 28});
  CHECK(read.bytes.empty());
}

TEST_CASE("idx: a path that is no file") {
  const TemporaryFolder folder;
  const auto absent = folder.path() / "absent";
  CHECK(error_of([&] { read_idx(absent); }) == "[idx] " + absent.string() + ": no such file.");
  CHECK(contains(error_of([&] { read_idx(folder.path()); }),
                 "is a folder; the path of an IDX file is wanted."));
}

TEST_CASE("idx: truncated files say what was expected and found") {
  CHECK(contains(error_reading({}), "truncated: its header wants 4 bytes and the file ends after 0"));
  CHECK(contains(error_reading({0, 0, 8}), "truncated: its header wants 4 bytes and the file ends after 3"));
  CHECK(contains(error_reading({0, 0, 8, 2, 0, 0, 0, 1, 0}),
                 "its header wants 12 bytes and the file ends after 9"));
  CHECK(contains(error_reading(idx_bytes({10}, counted(7))),
                 "header announces 10 bytes of data and 7 were found"));
  CHECK(contains(error_reading(gzip(idx_bytes({10}, counted(7)))),
                 "header announces 10 bytes of data and 7 were found"));
}

TEST_CASE("idx: every cut of a gzip file is an error") {
  const Bytes whole = gzip(idx_bytes({40}, counted(40)));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const std::string text =
        error_reading({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    // The first byte of gzip's magic number is not enough to recognize gzip.
    CHECK(contains(text, size == 1 ? "its header wants 4 bytes" : "truncated"));
  }
}

TEST_CASE("idx: bytes after the announced end") {
  CHECK(contains(error_reading(idx_bytes({3}, counted(4))), "oversized: more bytes follow the 3"));
  CHECK(contains(error_reading(gzip(idx_bytes({3}, counted(4)))), "oversized: more bytes follow the 3"));
}

TEST_CASE("idx: another format or type") {
  CHECK(contains(error_reading({0x89, 'P', 'N', 'G', 0, 0}), "not an IDX file: it starts with 89 50 4e 47"));
  CHECK(contains(error_reading({0, 0, 0x0d, 1, 0, 0, 0, 0}), "holds 32-bit floats (type 0x0d)"));
  CHECK(contains(error_reading({0, 0, 0x77, 1, 0, 0, 0, 0}), "holds no known type (type 0x77)"));
  CHECK(contains(error_reading({0, 0, 8, 0}), "announces no axes"));
  CHECK(error_reading(idx_bytes(std::vector<std::uint32_t>(13, 1), {1})) ==
        "its header announces 13 axes; a tensor has at most 12.");
}

TEST_CASE("idx: damaged gzip files") {
  Bytes packed = gzip(idx_bytes({40}, counted(40)));
  Bytes wrong_sum = packed;
  wrong_sum[packed.size() - 6] ^= 1;
  CHECK(contains(error_reading(wrong_sum), "damaged gzip file (incorrect data check)"));
  Bytes wrong_length = packed;
  wrong_length[packed.size() - 1] ^= 1;
  CHECK(contains(error_reading(wrong_length), "damaged gzip file (incorrect length check)"));
  Bytes wrong_block = packed;
  wrong_block[10] = 0xff;
  CHECK(contains(error_reading(wrong_block), "damaged gzip file"));
  Bytes trailing = packed;
  trailing.insert(trailing.end(), {1, 2, 3});
  CHECK(contains(error_reading(trailing), "damaged gzip file (incorrect header check)"));
}

TEST_CASE("idx: absurd sizes are refused before memory is taken") {
  constexpr std::uint32_t most = 0xffffffff;
  CHECK(
      contains(error_reading(idx_bytes({most, most, most, most}, {})), "more than the 8 GiB that are read"));
  CHECK(contains(error_reading(idx_bytes({9, 1 << 30}, {})), "shape [9,1073741824], more than the 8 GiB"));
  // The announced size is within the limit, but the file is short. The error comes after the first piece, and
  // neither 8 GiB nor 64 MiB are allocated.
  std::optional<AddressSpaceLimit> limit;
  if (memory_can_be_limited) limit.emplace(16 << 20);
  CHECK(contains(error_reading(idx_bytes({8, 1 << 30}, counted(5))),
                 "announces 8589934592 bytes of data and 5 were"));
}
