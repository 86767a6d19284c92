// safetensors files that break a rule of the format, each refused with its reason. They include those of the
// format's own test suite and its three attacks.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "tests/train/files/safetensors_bytes.h"
#include "tests/train/temporary_folder.h"
#include "train/files/safetensors.h"

using namespace hekla::test;
using hekla::load_safetensors;

namespace {

// The error of reading these bytes, without the name of the file.
std::string error_reading(const Bytes& bytes) {
  const std::string text =
      error_of([&] { hekla::read_safetensors(std::as_bytes(std::span(bytes)), "file"); });
  const std::string start = "[load_safetensors] file: ";
  REQUIRE_MESSAGE(text.substr(0, start.size()) == start, text);
  return text.substr(start.size());
}

std::string error_of_header(std::string_view header, std::size_t data = 0) {
  return error_reading(safetensors_bytes(header, Bytes(data)));
}

std::string tensor_json(std::string_view shape, std::string_view offsets, std::string_view dtype = "F32") {
  return fmt::format(R"({{"dtype":"{}","shape":{},"data_offsets":{}}})", dtype, shape, offsets);
}

// The error of a file with one tensor.
std::string error_of_tensor(std::string_view shape, std::string_view offsets, std::size_t data,
                            std::string_view dtype = "F32") {
  const std::string text =
      error_of_header(fmt::format(R"({{"x":{}}})", tensor_json(shape, offsets, dtype)), data);
  const std::string start = "tensor 'x': ";
  return text.starts_with(start) ? text.substr(start.size()) : text;
}

}  // namespace

TEST_CASE("safetensors: a path that is no file") {
  const TemporaryFolder folder;
  const auto absent = folder.path() / "absent";
  CHECK(error_of([&] { load_safetensors(absent); }) ==
        "[load_safetensors] " + absent.string() + ": no such file.");
  CHECK(contains(error_of([&] { load_safetensors(folder.path()); }),
                 "is a folder; the path of a file is wanted."));
  CHECK(contains(error_of([] { load_safetensors("/dev/zero"); }), "is a device or a pipe"));
}

TEST_CASE("safetensors: lengths of the header that cannot be") {
  CHECK(error_reading({}) ==
        "has 0 bytes; a safetensors file starts with eight that give the length of its header.");
  CHECK(contains(error_reading(Bytes(7)), "has 7 bytes"));
  CHECK(error_reading(safetensors_bytes(60, "", {})) ==
        "announces a header of 60 bytes and has 0; it is truncated or no safetensors file.");
  CHECK(contains(error_reading(safetensors_bytes(3, "{}", {})), "announces a header of 3 bytes and has 2"));
  CHECK(error_reading(safetensors_bytes(100'000'001, "{}", {})) ==
        "announces a header of 100000001 bytes; at most 100000000 are allowed. It is no safetensors file or "
        "damaged.");
  CHECK(contains(error_reading(safetensors_bytes(100'000'000, "{}", {})),
                 "announces a header of 100000000 bytes and"));
  CHECK(contains(error_reading(safetensors_bytes(~0ull, "{}", {})),
                 "announces a header of 18446744073709551615"));
}

TEST_CASE("safetensors: headers that are no JSON object") {
  const std::string no_start = "its header does not start with '{'; it is no safetensors file.";
  CHECK(error_of_header("") == no_start);
  CHECK(error_of_header(" {}") == no_start);
  CHECK(error_of_header("\xff") == no_start);
  CHECK(error_of_header("\xef\xbb\xbf{}") == no_start);
  CHECK(error_of_header("[]") == no_start);
  const auto no_json = [](std::string_view header, int position) {
    CHECK(error_of_header(header) ==
          fmt::format("its header is no JSON in UTF-8, as byte {} of it shows.", position));
  };
  no_json("{", 2);
  no_json("{} {}", 4);
  no_json("{}x", 3);
  no_json("{\"a\xff\":1}", 4);
  no_json("{\"a\xed\xa0\x80\":1}", 5);
  no_json(R"({"__metadata__":{},})", 20);
  no_json("{'a':{}}", 2);
  no_json("{/**/}", 2);
  no_json(std::string_view("{}\0", 3), 3);
  no_json(std::string_view("{\"a\0\":1}", 8), 4);
}

TEST_CASE("safetensors: headers of another form") {
  CHECK(error_of_header(R"({"a":1})") == "its header has a number as 'a'; an object is wanted.");
  CHECK(error_of_header(R"({"a":[]})") == "its header has an array as 'a'; an object is wanted.");
  CHECK(error_of_header(R"({"__metadata__":null})") ==
        "its header has null as '__metadata__'; an object is wanted.");
  CHECK(error_of_header(R"({"__metadata__":{"a":1}})") ==
        "its metadata has a number as 'a'; a string is wanted.");
  CHECK(error_of_header(R"({"__metadata__":{"a":{}}})") ==
        "its metadata has an object as 'a'; a string is wanted.");
  CHECK(error_of_header(R"({"x":{"dtype":"F32"}})") ==
        "tensor 'x': lacks shape; a tensor has dtype, shape and data_offsets.");
  CHECK(error_of_header(R"({"x":{"type":"F32"}})") ==
        "tensor 'x': has a field 'type'; a tensor has dtype, shape and data_offsets.");
  const std::string rule = "; dtype is a string, shape and data_offsets are arrays of whole numbers.";
  CHECK(error_of_tensor("7", "[0,4]", 4) == "has a number in shape" + rule);
  CHECK(error_of_tensor("[[1]]", "[0,4]", 4) == "has an array in shape" + rule);
  CHECK(error_of_tensor("[-1]", "[0,4]", 4) == "has a negative number in shape" + rule);
  CHECK(error_of_tensor("[1.0]", "[0,4]", 4) ==
        "has a number that is no whole one of 64 bits in shape" + rule);
  CHECK(error_of_tensor("[18446744073709551616]", "[0,4]", 4) ==
        "has a number that is no whole one of 64 bits in shape" + rule);
  CHECK(error_of_tensor("[true]", "[0,4]", 4) == "has a truth value in shape" + rule);
  CHECK(error_of_tensor("[\"1\"]", "[0,4]", 4) == "has a string in shape" + rule);
  CHECK(error_of_tensor("[1]", "{}", 4) == "has an object in data_offsets" + rule);
  CHECK(error_of_tensor("[1]", "[0]", 4) == "has 1 data_offsets; it must be two, begin and end.");
  CHECK(error_of_tensor("[1]", "[0,4,4]", 4) == "has 3 data_offsets; it must be two, begin and end.");
  // Nested more deeply than the stack of any recursive parser.
  CHECK(contains(error_of_header("{\"a\":" + std::string(1'000'000, '[')), "has an array as 'a'"));
}

TEST_CASE("safetensors: keys that are there twice") {
  const std::string x = tensor_json("[1]", "[0,4]");
  CHECK(error_of_header(fmt::format(R"({{"x":{},"x":{}}})", x, x), 4) ==
        "its header has the key 'x' twice; each may stand once.");
  CHECK(contains(error_of_header(fmt::format(R"({{"x":{},"\u0078":{}}})", x, x), 4), "the key 'x' twice"));
  CHECK(error_of_header(R"({"x":{"dtype":"F32","dtype":"F32"}})") ==
        "its header has the key 'dtype' of tensor 'x' twice; each may stand once.");
  CHECK(error_of_header(R"({"__metadata__":{"a":"1","a":"2"}})") ==
        "its header has the key 'a' of __metadata__ twice; each may stand once.");
  CHECK(error_of_header(R"({"__metadata__":{},"__metadata__":{}})") ==
        "its header has the key '__metadata__' twice; each may stand once.");
}

TEST_CASE("safetensors: bytes that are not where they should be") {
  CHECK(contains(error_of_tensor("[1]", "[0,8]", 4), "its bytes 0 to 8 lie beyond the 4 that the file has"));
  CHECK(
      contains(error_of_tensor("[1]", "[18446744073709551612,18446744073709551615]", 4), "lie beyond the 4"));
  CHECK(error_of_tensor("[1]", "[4,0]", 4) == "its bytes 4 to 0 end before they begin.");
  CHECK(error_of_tensor("[1]", "[4,8]", 8) ==
        "its bytes 4 to 8 leave a hole after byte 0; tensors follow each other without one.");
  CHECK(error_of_tensor("[1]", "[0,4]", 5) == "1 bytes follow the last tensor; there must be none.");
  CHECK(error_of_header("{}", 3) == "3 bytes follow the last tensor; there must be none.");
  CHECK(error_of_tensor("[2]", "[0,4]", 4) == "its bytes 0 to 4 are not the 8 that F32[2] takes.");
  CHECK(error_of_tensor("[]", "[0,0]", 0) == "its bytes 0 to 0 are not the 4 that F32[] takes.");
  CHECK(error_of_tensor("[3,0]", "[0,4]", 4) == "its bytes 0 to 4 are not the 0 that F32[3,0] takes.");
  const auto pair = [](std::string_view first, std::string_view second) {
    return error_of_header(
        fmt::format(R"({{"a":{},"b":{}}})", tensor_json("[2]", first), tensor_json("[1]", second)), 12);
  };
  CHECK(pair("[0,8]", "[4,8]") == "tensor 'b': its bytes 4 to 8 overlap those of another tensor.");
  CHECK(pair("[0,8]", "[9,13]") ==
        "tensor 'b': its bytes 9 to 13 lie beyond the 12 that the file has after its "
        "header; it is truncated or damaged.");
}

TEST_CASE("safetensors: sizes that overflow") {
  const std::string many = "has more elements than can be counted.";
  CHECK(error_of_tensor("[2,18446744073709551614]", "[0,16]", 16) == many);
  CHECK(error_of_tensor("[2,9223372036854775807]", "[0,16]", 16) == many);
  CHECK(error_of_tensor("[4294967296,4294967296]", "[0,0]", 0) == many);
  CHECK(error_of_tensor("[4294967296,4294967296,0]", "[0,0]", 0) == many);
  CHECK(
      contains(error_of_tensor("[1152921504606846976]", "[0,0]", 0), "are not the 4611686018427387904 that"));
  CHECK(error_of_tensor("[1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]", 4) ==
        "has 13 axes; a tensor has at most 12.");
}

TEST_CASE("safetensors: dtypes that are not read") {
  for (const char* dtype : {"F8_E4M3", "C64", "f32", ""}) {
    CHECK(
        error_of_tensor("[1]", "[0,4]", 4, dtype) ==
        fmt::format("dtype '{}' is none of those that are read: F64, F32, F16, BF16, I64, I32, I16, I8, U64, "
                    "U32, U16, U8, BOOL.",
                    dtype));
  }
}

TEST_CASE("safetensors: names in errors are cut and harmless") {
  const std::string text =
      error_of_header(fmt::format(R"({{"\u001b\n{}":1}})", std::string(79, 'n') + "\xc3\xa9"));
  CHECK(text ==
        fmt::format("its header has a number as '??{}...'; an object is wanted.", std::string(78, 'n')));
}

TEST_CASE("safetensors: the three attacks of the format's authors") {
  // A length that differs from that of the header.
  CHECK(contains(error_reading(safetensors_bytes(1000, R"({"weight":{}})", Bytes(16))),
                 "announces a header of 1000 bytes and has 29"));
  // Thousands of tensors that share their bytes: a small file that would exhaust memory.
  std::string header = "{";
  for (int i = 0; i < 10'000; ++i)
    header += fmt::format("{}\"weight_{}\":{}", i == 0 ? "" : ",", i, tensor_json("[200,200]", "[0,160000]"));
  header += "}";
  const auto start = std::chrono::steady_clock::now();
  CHECK(contains(error_of_header(header, 160'000), "its bytes 0 to 160000 overlap those of another tensor."));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  // Other data after the tensors: a polyglot file.
  const std::string two = fmt::format(R"({{"test":{}}})", tensor_json("[2,2]", "[0,16]", "I32"));
  Bytes data(16);
  for (const char c : std::string_view("PK extra")) data.push_back(static_cast<std::uint8_t>(c));
  CHECK(error_reading(safetensors_bytes(two, data)) == "8 bytes follow the last tensor; there must be none.");
}

TEST_CASE("safetensors: a file that is changed anywhere is read or refused") {
  const TemporaryFolder folder;
  const std::string header =
      fmt::format(R"({{"__metadata__":{{"k":"v"}},"a":{},"b":{},"c":{}}})", tensor_json("[2,3]", "[0,24]"),
                  tensor_json("[2]", "[24,40]", "I64"), tensor_json("[]", "[40,42]", "BF16"));
  const Bytes whole = safetensors_bytes(header, Bytes(42));
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = whole;
    for (std::uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      switch (random() % 5) {
        case 0:
          bytes[at] ^= static_cast<std::uint8_t>(1 << random() % 8);
          break;
        case 1:
          bytes[at] = static_cast<std::uint8_t>("0123456789{}[]\",:-e \xff"[random() % 21]);
          break;
        case 2:
          bytes.erase(end);
          break;
        case 3:
          bytes.insert(end, bytes[random() % bytes.size()]);
          break;
        default:
          bytes.resize(std::max<std::size_t>(8, at));
      }
    }
    try {
      hekla::read_safetensors(std::as_bytes(std::span(bytes)));
    } catch (const hekla::Error&) {
      ++refused;
    }
  }
  CHECK(refused > 15'000);
  CHECK(refused < 20'000);
}
