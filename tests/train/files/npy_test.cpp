// NumPy's .npy files: round trips, bytes equal to NumPy's, variants of the format, and damaged files.
#include "train/files/npy.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <random>
#include <string_view>

#include "ops/ops.h"
#include "tests/support/address_space_limit.h"
#include "tests/support/devices.h"
#include "tests/train/file_content.h"
#include "tests/train/idx_bytes.h"
#include "tests/train/temporary_folder.h"

using namespace hekla;
using hekla::test::Bytes;
using hekla::test::contains;
using hekla::test::content;
using hekla::test::error_of;
using hekla::test::TemporaryFolder;

namespace {

Tensor read(const Bytes& bytes) {
  files::Source source("load_npy", "file", std::as_bytes(std::span(bytes)));
  return files::read_npy(source);
}

// A file of version 1 with this dictionary.
Bytes npy_bytes(std::string_view dictionary, const Bytes& data) {
  Bytes bytes = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  bytes.push_back(static_cast<std::uint8_t>(dictionary.size()));
  bytes.push_back(static_cast<std::uint8_t>(dictionary.size() >> 8));
  bytes.insert(bytes.end(), dictionary.begin(), dictionary.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

Bytes npy_bytes(std::string_view descr, std::string_view shape, const Bytes& data, bool fortran = false) {
  return npy_bytes(fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr,
                               fortran ? "True" : "False", shape),
                   data);
}

std::string error_reading(const Bytes& bytes) {
  const std::string text = error_of([&] { read(bytes); });
  const std::string start = "[load_npy] file: ";
  REQUIRE_MESSAGE(text.starts_with(start), text);
  return text.substr(start.size());
}

}  // namespace

TEST_CASE("npy: every dtype, scalars and empty arrays come back as they were") {
  for (const auto& device : testing::reference_and_device()) {
    set_default_device(device);
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.npy";
    const Tensor x = tensor({0, -0.0, 1.5, -2.25, 65504, 0x1p-20}, {2, 3});
    for (const Tensor& saved : {x + 0, cast(x, f16), tensor(std::vector<std::int32_t>{-1, 7}, {2, 1}), x > 0,
                                tensor({3.0}, {}), tensor(std::vector<std::uint32_t>{4294967295u}),
                                tensor(std::vector<std::uint8_t>{255}), zeros({2, 0})}) {
      save_npy(path, saved);
      const Tensor found = load_npy(path);
      CHECK(found.dtype() == saved.dtype());
      CHECK(found.shape() == saved.shape());
      CHECK(found.to_vector<double>() == saved.to_vector<double>());
    }
  }
  set_default_device(testing::reference());
}

TEST_CASE("npy: the bytes that NumPy writes") {
  testing::reference();
  const TemporaryFolder folder;
  const auto written = [&](const Tensor& x) {
    save_npy(folder.path() / "x.npy", x);
    return content<Bytes>(folder.path() / "x.npy");
  };
  const auto numpy = [](std::string dictionary, const Bytes& data) {
    dictionary.resize(118 - 1, ' ');
    return npy_bytes(dictionary + "\n", data);
  };
  CHECK(written(tensor({1.5, -2}, {2, 1})) ==
        numpy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }",
              {0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0}));
  CHECK(written(tensor(std::vector<std::uint8_t>{7})) ==
        numpy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", {7}));
  CHECK(written(tensor({0.0}, {}) > 1) ==
        numpy("{'descr': '|b1', 'fortran_order': False, 'shape': (), }", {0}));
}

TEST_CASE("npy: other dtypes and byte orders") {
  testing::reference();
  const auto check = [](std::string_view descr, const Bytes& data, DType dtype,
                        std::vector<double> expected) {
    CAPTURE(descr);
    const Tensor x = read(npy_bytes(descr, fmt::format("({},)", expected.size()), data));
    CHECK(x.dtype() == dtype);
    CHECK(x.to_vector<double>() == expected);
  };
  check(">f4", {0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0}, f32, {1.5, -2});
  check("=f4", {0, 0, 0xc0, 0x3f}, f32, {1.5});
  check("<f8", {0, 0, 0, 0, 0, 0, 0xf8, 0xbf}, f32, {-1.5});
  check(">f8", {0xbf, 0xf8, 0, 0, 0, 0, 0, 0}, f32, {-1.5});
  check("<f2", {0, 0x3c, 0, 0xc0}, f16, {1, -2});
  check("<i8", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, i32, {-1});
  check(">i8", {0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff}, i32, {2147483647});
  check("<u8", {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, u32, {4294967295.0});
  check(">i2", {0xff, 0xfe, 1, 0}, i32, {-2, 256});
  check("<u2", {0xff, 0xff}, u32, {65535});
  check("|i1", {0x80}, i32, {-128});
  check("<u1", {0x80}, u8, {128});
  check("|b1", {0, 1, 2}, boolean, {0, 1, 1});
  CHECK(error_reading(npy_bytes("<i8", "(1,)", {0, 0, 0, 0, 1, 0, 0, 0})) ==
        "tensor 'array': element 0 is 4294967296; integers of 64 bits are read into i32 of 32, from "
        "-2147483648 "
        "to 2147483647.");
}

TEST_CASE("npy: Fortran order") {
  testing::reference();
  const Tensor x = read(npy_bytes("|u1", "(2, 3)", {1, 4, 2, 5, 3, 6}, true));
  CHECK(x.shape() == Shape{2, 3});
  CHECK(x.to_vector<int>() == std::vector{1, 2, 3, 4, 5, 6});
  // Element (i, j, k) is 100 i + 10 j + k.
  Bytes data;
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i)
        data.insert(data.end(), {0, static_cast<std::uint8_t>(100 * i + 10 * j + k)});
  const std::vector<int> found = read(npy_bytes(">i2", "(2, 3, 4)", data, true)).to_vector<int>();
  for (int n = 0; n < 24; ++n)
    CHECK(found[static_cast<std::size_t>(n)] == 100 * (n / 12) + 10 * (n / 4 % 3) + n % 4);
  CHECK(read(npy_bytes("|u1", "(3, 0, 2)", {}, true)).shape() == Shape{3, 0, 2});
  CHECK(read(npy_bytes("|u1", "(3,)", {1, 2, 3}, true)).to_vector<int>() == std::vector{1, 2, 3});
  CHECK(read(npy_bytes("|u1", "()", {9}, true)).item<int>() == 9);
}

TEST_CASE("npy: other versions and ways to write a dictionary") {
  testing::reference();
  for (const int version : {2, 3}) {
    const std::string_view dictionary = "{\"shape\":(2L,),'fortran_order':False,\"descr\":\"|u1\"}\n";
    Bytes bytes = {0x93,
                   'N',
                   'U',
                   'M',
                   'P',
                   'Y',
                   static_cast<std::uint8_t>(version),
                   0,
                   static_cast<std::uint8_t>(dictionary.size()),
                   0,
                   0,
                   0};
    bytes.insert(bytes.end(), dictionary.begin(), dictionary.end());
    bytes.insert(bytes.end(), {3, 4});
    CHECK(read(bytes).to_vector<int>() == std::vector{3, 4});
  }
  Bytes later = npy_bytes("|u1", "(1,)", {1});
  later[6] = 4;
  CHECK(error_reading(later) == "is of version 4.0; versions 1 to 3 are read.");
}

TEST_CASE("npy: headers that cannot be read") {
  const std::string none = "does not start with \\x93NUMPY; it is no .npy file.";
  CHECK(error_reading({}) == none);
  CHECK(error_reading({0x93, 'N', 'U', 'M', 'P', 'Y', 1}) == none);
  CHECK(error_reading({'P', 'K', 3, 4, 0, 0, 0, 0}) == none);
  CHECK(contains(error_reading({0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 9, 0}),
                 "truncated: 9 bytes are wanted at 10"));
  CHECK(error_reading({0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0, 0, 0, 0xff}) ==
        "announces a header of 4278190080 bytes; more than 1048576 make no sense.");
  const auto wrong = [](std::string_view dictionary, std::string_view fact) {
    CHECK(error_reading(npy_bytes(dictionary, {})) ==
          fmt::format("its header {}; it is a dictionary of descr, fortran_order and shape.", fact));
  };
  wrong("", "lacks { at byte 0");
  wrong("{'descr' '<f4'}", "lacks : at byte 9");
  wrong("{'descr': '<f4'", "lacks a comma at byte 15");
  wrong("{'descr': '<f4'}", "has 1 keys");
  wrong("{'descr': '<f4', 'descr': '<f4'}", "has the key 'descr' twice");
  wrong("{'order': 1}", "has the key 'order'");
  wrong("{descr: 1}", "lacks a string at byte 1");
  wrong("{'descr: 1}", "lacks a string at byte 1");
  wrong("{'fortran_order': 0}", "lacks True or False at byte 18");
  wrong("{'shape': (1 2)}", "lacks a comma at byte 13");
  wrong("{'shape': (-1,)}", "lacks a number at byte 11");
  wrong("{'shape': 3}", "lacks ( at byte 10");
  wrong("{'shape': (99999999999999999999,)}", "has a size that cannot be counted");
  wrong("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", "goes on after the dictionary at byte 54");
  CHECK(error_reading(npy_bytes("{'descr': [('a', '<f4')], ", {})) ==
        "holds records of several fields; arrays of plain numbers are read.");
  for (const char* descr : {"|O", "<U5", "<c8", "|f4", "f4", "<f16", ""})
    CHECK(error_reading(npy_bytes(descr, "(1,)", {})) ==
          fmt::format("holds elements of dtype '{}'; floats, integers and truth values are read.", descr));
}

TEST_CASE("npy: elements that are not as many as announced") {
  CHECK(error_reading(npy_bytes("<f4", "(2,)", Bytes(7))) ==
        "has 7 bytes of elements and its header announces 8; it is truncated.");
  CHECK(error_reading(npy_bytes("<f4", "(2,)", Bytes(9))) ==
        "has 9 bytes of elements and its header announces 8; it is damaged or holds more than one array.");
  CHECK(contains(error_reading(npy_bytes("<f4", "(1000000, 1000000)", {})),
                 "announces 4000000000000; it is truncated"));
  CHECK(contains(error_reading(npy_bytes("<f4", "(4294967296, 4294967296)", {})),
                 "more elements than can be counted"));
  CHECK(contains(error_reading(npy_bytes("<f4", "(1,1,1,1,1,1,1,1,1,1,1,1,1)", {})), "has 13 axes"));
}

TEST_CASE("npy: a file that the host has no memory for") {
  if (!hekla::test::memory_can_be_limited) return;  // not possible under sanitizers, see there
  const TemporaryFolder folder;
  const auto path = folder.write(
      "large.npy", npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (268435456,)}", {}));
  const auto header = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, header + (std::uintmax_t{1} << 30));  // sparse: no disk space
  const hekla::test::AddressSpaceLimit limit(std::size_t{64} << 20);
  CHECK(error_of([&] { load_npy(path); }) == "[load_npy] the host has no memory for what is in " +
                                                 path.string() +
                                                 "; make it smaller, or drop what is held without need.");
}

TEST_CASE("npy: what cannot be saved") {
  testing::reference();
  CHECK(error_of([] { save_npy("x.npy", cast(tensor({1.0}), bf16)); }) ==
        "[save_npy] x.npy: NumPy has no bf16; cast it to f32, or use save_safetensors.");
  CHECK(error_of([] { save_npy("x.npy", Tensor()); }) ==
        "[save_npy] x.npy: the tensor is empty; assign it a value first.");
}

TEST_CASE("npy: a file that is changed anywhere is read or refused") {
  const Bytes whole = npy_bytes("<i2", "(2, 3)", Bytes(12), true);
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = whole;
    for (std::uint32_t changes = 1 + random() % 2; changes > 0; --changes)
      bytes[random() % bytes.size()] =
          static_cast<std::uint8_t>(random() % 2 == 0 ? random() : "0123456789'(),: "[random() % 16]);
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    try {
      read(bytes);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 10'000);
  CHECK(refused < 20'000);
}
