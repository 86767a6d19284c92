// safetensors files: exact round trips, bytes as the format demands, and files of other writers.
#include "train/files/safetensors.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/train/file_content.h"
#include "tests/train/files/file_size_limit.h"
#include "tests/train/files/safetensors_bytes.h"
#include "tests/train/temporary_folder.h"

using namespace hekla;
using hekla::test::Bytes;
using hekla::test::contains;
using hekla::test::content;
using hekla::test::error_of;
using hekla::test::safetensors_bytes;
using hekla::test::TemporaryFolder;

namespace {

SafetensorsFile loaded(std::string_view header, const Bytes& data = {}) {
  const Bytes bytes = safetensors_bytes(header, data);
  return read_safetensors(std::as_bytes(std::span(bytes)));
}

}  // namespace

TEST_CASE("safetensors: every bit of an f32 survives") {
  testing::reference();
  const TemporaryFolder folder;
  const auto path = folder.path() / "weights.safetensors";
  const std::vector<std::uint32_t> bits = {0x00000000, 0x80000000, 0x7f800000, 0xff800000,
                                           0x7fc00000, 0x7fc12345, 0xffabcdef, 0x7f800001,
                                           0x00000001, 0x807fffff, 0x3f800001, 0x7f7fffff};
  std::vector<float> numbers;
  for (const std::uint32_t each : bits) numbers.push_back(std::bit_cast<float>(each));
  save_safetensors(path, std::array{NamedTensor{"x", tensor(numbers, {3, 4})}});
  const Tensor x = load_safetensors(path).at("x");
  CHECK(x.shape() == Shape{3, 4});
  CHECK(x.dtype() == f32);
  const HostArray host = x.to_host();
  REQUIRE(host.format() == HostArray::Format::f32);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    std::uint32_t found = 0;
    std::memcpy(&found, host.bytes().data() + 4 * i, 4);
    CHECK(found == bits[i]);
  }
}

TEST_CASE("safetensors: every dtype, scalars and empty tensors come back as they were") {
  const std::vector<std::int32_t> whole = {0, -1, std::numeric_limits<std::int32_t>::min(), 7};
  for (const auto& device : testing::reference_and_device()) {
    set_default_device(device);
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    const Tensor x = tensor({0, -0.0, 1.5, -2.25, 65504, 0x1p-20}, {2, 3});
    const std::vector<NamedTensor> saved = {
        {"f32", x + 0},
        {"f16", cast(x, f16)},
        {"bf16", cast(x, bf16)},
        {"i32", variable(tensor(whole))},
        {"u32", tensor(std::vector<std::uint32_t>{0, 4294967295u})},
        {"u8", tensor(std::vector<std::uint8_t>{0, 1, 255})},
        {"bool", x > 0},
        {"scalar", tensor({3.0}, {})},
        {"empty", zeros({2, 0, 3})},
    };
    save_safetensors(path, saved, {{"epoch", "7"}, {"ключ \"\\", "значение\n"}});
    const SafetensorsFile file = load_safetensors(path);
    CHECK(file.metadata == std::map<std::string, std::string>{{"epoch", "7"}, {"ключ \"\\", "значение\n"}});
    REQUIRE(file.tensors.size() == saved.size());
    for (const NamedTensor& each : saved) {
      CAPTURE(each.name);
      const Tensor& found = file.at(each.name);
      CHECK(found.dtype() == each.tensor.dtype());
      CHECK(found.shape() == each.tensor.shape());
      CHECK(found.to_vector<double>() == each.tensor.to_vector<double>());
      // A computation uses the elements, so that their upload to the device is tested, too.
      const auto sum_of = [](const Tensor& y) { return sum(cast(y, f32)).item<double>(); };
      CHECK(sum_of(found) == sum_of(each.tensor));
    }
    CHECK(std::signbit(file.at("f16").to_vector()[1]));
  }
  set_default_device(testing::reference());
}

TEST_CASE("safetensors: the bytes of a file, and the same ones each time") {
  testing::reference();
  const TemporaryFolder folder;
  const auto path = folder.path() / "file";
  const std::vector<NamedTensor> saved = {{"b", tensor(std::vector<std::uint8_t>{1, 2, 3})},
                                          {"z", tensor({1.0, 2})},
                                          {"a", tensor({-2.0}, {1, 1})}};
  save_safetensors(path, saved, {{"k", "v"}});
  const std::string header =
      R"({"__metadata__":{"k":"v"},"z":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
      R"("a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},)"
      R"("b":{"dtype":"U8","shape":[3],"data_offsets":[12,15]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  CHECK(content<Bytes>(path) == safetensors_bytes(header + std::string(padded - header.size(), ' '),
                                                  {0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0, 0xc0, 1, 2, 3}));
  const Bytes first = content<Bytes>(path);
  save_safetensors(path, saved, {{"k", "v"}});
  CHECK(content<Bytes>(path) == first);
  save_safetensors(path, {});
  CHECK(content<Bytes>(path) == safetensors_bytes("{}      "));
  CHECK(load_safetensors(path).tensors.empty());
}

TEST_CASE("safetensors: files of other writers") {
  testing::reference();
  const SafetensorsFile padded = loaded("{}\r \t\n");
  CHECK(padded.tensors.empty());
  CHECK(padded.metadata.empty());
  // In the header's order or not, spaced or not, with escapes.
  const SafetensorsFile file = loaded(
      R"({"second" : {"data_offsets":[4,8],"shape":[],"dtype":"I32"}, "__metadata__":{"a":"\u00e9"},
          "n\u00f6":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}, "nil":{"dtype":"F32","shape":[5,0],"data_offsets":[8,8]}})",
      {1, 2, 3, 4, 0xfe, 0xff, 0xff, 0xff});
  REQUIRE(file.tensors.size() == 3);
  CHECK(file.tensors[0].name == "nö");
  CHECK(file.tensors[1].name == "second");
  CHECK(file.tensors[1].tensor.item<int>() == -2);
  CHECK(file.tensors[1].tensor.rank() == 0);
  CHECK(file.tensors[2].tensor.shape() == Shape{5, 0});
  CHECK(file.metadata.at("a") == "é");
  CHECK(file.find("third") == nullptr);
  CHECK(contains(
      error_of([&] { (void)file.at("third"); }),
      "[load_safetensors] memory: there is no tensor 'third'; it holds 3 tensors: 'nö', 'second', 'nil'."));
}

TEST_CASE("safetensors: dtypes that become another") {
  testing::reference();
  const auto one = [](const char* dtype, const Bytes& data) {
    return loaded(fmt::format(R"({{"x":{{"dtype":"{}","shape":[1],"data_offsets":[0,{}]}}}})", dtype,
                              data.size()),
                  data)
        .at("x");
  };
  const auto check = [](const Tensor& x, DType dtype, double value) {
    CHECK(x.dtype() == dtype);
    CHECK(x.item<double>() == value);
  };
  check(one("F64", {0, 0, 0, 0, 0, 0, 0xf8, 0xbf}), f32, -1.5);
  check(one("I64", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), i32, -1);
  check(one("I64", {0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff}), i32, -2147483648.0);
  check(one("U64", {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}), u32, 4294967295.0);
  check(one("I16", {0x00, 0x80}), i32, -32768);
  check(one("U16", {0xff, 0xff}), u32, 65535);
  check(one("I8", {0x80}), i32, -128);
  check(one("BOOL", {7}), boolean, 1);
  check(one("BF16", {0x80, 0x3f}), bf16, 1);
  check(one("F16", {0x01, 0x3c}), f16, 1 + 0x1p-10);
  CHECK(contains(error_of([&] {
                   one("I64", {0, 0, 0, 0x80, 0, 0, 0, 0});
                 }),
                 ": tensor 'x': element 0 is 2147483648; integers of 64 bits are read into i32 of 32, from "
                 "-2147483648 to 2147483647."));
  CHECK(contains(
      error_of([&] {
        one("U64", {0, 0, 0, 0, 1, 0, 0, 0});
      }),
      "element 0 is 4294967296; integers of 64 bits are read into u32 of 32, from 0 to 4294967295."));
}

TEST_CASE("safetensors: what cannot be saved") {
  testing::reference();
  const TemporaryFolder folder;
  const auto path = folder.path() / "file";
  const auto refused = [&](const std::vector<NamedTensor>& tensors,
                           const std::map<std::string, std::string>& metadata = {}) {
    const std::string start = "[save_safetensors] " + path.string() + ": ";
    const std::string text = error_of([&] { save_safetensors(path, tensors, metadata); });
    REQUIRE_MESSAGE(text.starts_with(start), text);
    return text.substr(start.size());
  };
  const Tensor x = tensor({1.0});
  CHECK(refused({{"x", Tensor()}}) == "tensor 'x': is an empty tensor; assign it a value first.");
  CHECK(refused({{"x", x}, {"x", x}}) == "tensor 'x': is there twice; give each a name of its own.");
  CHECK(refused({{"\xff", x}}) == "tensor '\xff': its name is not UTF-8, which the format demands.");
  CHECK(refused({{"__metadata__", x}}) ==
        "a tensor is named '__metadata__', which the format keeps for itself; choose another name.");
  CHECK(refused({}, {{"k", "\xc0\x80"}}) == "metadata 'k': is not UTF-8, which the format demands.");
  CHECK(!std::filesystem::exists(path));
}

TEST_CASE("safetensors: a full disk leaves the file that was there") {
  testing::reference();
  const TemporaryFolder folder;
  const auto path = folder.path() / "file";
  save_safetensors(path, std::array{NamedTensor{"x", tensor({1.0})}});
  {
    const hekla::test::FileSizeLimit limit(65'536);
    const std::string text = error_of([&] {
      save_safetensors(path, std::array{NamedTensor{"x", tensor(std::vector<float>(20'000))}});
    });
    CHECK(contains(text, "[write_file] " + path.string() + ": cannot be written after 65536 bytes"));
  }
  CHECK(load_safetensors(path).at("x").count() == 1);
}
