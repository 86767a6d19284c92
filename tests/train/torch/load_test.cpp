// Files of torch.save, read. The bytes are written by hand, as torch.save of PyTorch 1.13 and 2 writes them;
// torch_test.cpp reads files that PyTorch wrote.
#include <doctest/doctest.h>

#include <cstdint>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/train/temporary_folder.h"
#include "tests/train/torch/pt_bytes.h"
#include "train/torch/load.h"

using namespace hekla::test;
using hekla::DType;
using hekla::Shape;

namespace {

hekla::torch::File read(const Bytes& bytes) {
  return hekla::torch::read(std::as_bytes(std::span(bytes)), "file");
}

hekla::torch::File read_value(const std::string& value, const Files& storages = {}) {
  hekla::testing::reference();
  return read(pt_bytes(pickled(value), storages));
}

std::string error_reading(const Bytes& bytes) {
  const std::string text = error_of([&] { read(bytes); });
  const std::string start = "[torch::load] file: ";
  REQUIRE_MESSAGE(text.substr(0, start.size()) == start, text);
  return text.substr(start.size());
}

// The error of a file whose data.pkl holds this value.
std::string error_of_value(const std::string& value, const Files& storages = {}) {
  const std::string text = error_reading(pt_bytes(pickled(value), storages));
  const std::string start = "'data.pkl': ";
  return text.starts_with(start) ? text.substr(start.size()) : text;
}

std::string error_of_tensor(const TensorText& tensor, const Files& storages = {}) {
  const std::string text = error_of_value(dict({{"w", tensor_call(tensor)}}), storages);
  const std::string start = "tensor 'w': ";
  return text.starts_with(start) ? text.substr(start.size()) : text;
}

template <class T>
std::vector<T> elements(const hekla::Tensor& tensor) {
  return tensor.to_vector<T>();
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("torch::load: a state dict") {
    const TensorText weight{.numel = 6, .sizes = {2, 3}, .strides = {3, 1}};
    const TensorText bias{.key = "1", .numel = 2, .sizes = {2}, .strides = {1}};
    const auto file =
        read_value(dict({{"fc.weight", tensor_call(weight)}, {"fc.bias", tensor_call(bias)}}),
                   {{"0", storage<float>({1, 2, 3, 4, 5, 6})}, {"1", storage<float>({-1, 0.5})}});
    REQUIRE(file.tensors.size() == 2);
    CHECK(file.tensors[0].name == "fc.weight");
    CHECK(file.at("fc.weight").shape() == Shape{2, 3});
    CHECK(elements<float>(file.at("fc.weight")) == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(elements<float>(file.at("fc.bias")) == std::vector<float>{-1, 0.5});
    CHECK(file.find("fc") == nullptr);
    CHECK(error_of([&] { file.at("fc"); }) ==
          "[torch::load] file: there is no tensor 'fc'; it holds 2 tensors: 'fc.weight', 'fc.bias'.");
  }

  TEST_CASE("torch::load: a checkpoint with inner dicts and other values") {
    const std::string tensor = tensor_call({.numel = 1, .sizes = {1}, .strides = {1}});
    const std::string half = std::string("G\x3f\xe0") + std::string(6, '\0');  // 0.5
    const auto file = read_value(dict({{"model", dict({{"w", tensor}})},
                                       {"epoch", integer(3)},
                                       {"states", list({tensor, tuple({integer(-7), "N", "\x88"})})},
                                       {"best", half},
                                       {"shape", call(global("torch", "Size"), {tuple({integer(4)})})},
                                       {"note", text("a")}}),
                                 {{"0", storage<float>({2})}});
    CHECK(file.tensors.size() == 2);
    CHECK(file.at("model.w").item() == 2);
    CHECK(file.at("states.0").item() == 2);
    CHECK(file.values == std::map<std::string, std::string>{{"epoch", "3"},
                                                            {"states.1.0", "-7"},
                                                            {"states.1.1", "None"},
                                                            {"states.1.2", "True"},
                                                            {"best", "0.5"},
                                                            {"shape.0", "4"},
                                                            {"note", "a"}});
    REQUIRE(file.under("model").size() == 1);
    CHECK(file.under("model")[0].name == "w");
    CHECK(error_of([&] { file.under("net"); }) ==
          "[torch::load] file: no tensor lies under 'net'; it holds 2 tensors: 'model.w', 'states.0'.");
  }

  TEST_CASE("torch::load: parameters, tensors by themselves, and state that is set") {
    const std::string tensor = tensor_call({.numel = 1, .sizes = {1}, .strides = {1}});
    const Files storages{{"0", storage<float>({2})}};
    const std::string parameter = call(global("torch._utils", "_rebuild_parameter"),
                                       {tensor, "\x88", call(global("collections", "OrderedDict"), {})});
    CHECK(read_value(parameter, storages).at("tensor").item() == 2);
    CHECK(read_value(tensor, storages).at("tensor").item() == 2);
    CHECK(read_value(list({tensor}), storages).at("0").item() == 2);
    // nn.Module.state_dict() has an attribute _metadata.
    const std::string state = call(global("collections", "OrderedDict"), {}) + "(" + text("w") + tensor +
                              "u" + dict({{"_metadata", dict({})}}) + "b";
    CHECK(read_value(state, storages).tensors.size() == 1);
  }

  TEST_CASE("torch::load: strides, offsets and shared storages") {
    const Files storages{{"0", storage<float>({0, 1, 2, 3, 4, 5})}};
    const auto of = [&](TensorText tensor) {
      tensor.numel = 6;
      return tensor_call(tensor);
    };
    const auto file = read_value(dict({{"transposed", of({.sizes = {3, 2}, .strides = {1, 3}})},
                                       {"part", of({.offset = 2, .sizes = {2}, .strides = {3}})},
                                       {"expanded", of({.offset = 5, .sizes = {2, 2}, .strides = {0, 0}})},
                                       {"scalar", of({.offset = 4})},
                                       {"empty", of({.offset = 6, .sizes = {0, 3}, .strides = {3, 1}})}}),
                                 storages);
    CHECK(elements<float>(file.at("transposed")) == std::vector<float>{0, 3, 1, 4, 2, 5});
    CHECK(elements<float>(file.at("part")) == std::vector<float>{2, 5});
    CHECK(elements<float>(file.at("expanded")) == std::vector<float>{5, 5, 5, 5});
    CHECK(file.at("scalar").shape() == Shape{});
    CHECK(file.at("scalar").item() == 4);
    CHECK(file.at("empty").shape() == Shape{0, 3});
  }

  TEST_CASE("torch::load: dtypes") {
    const auto of = [](std::string storage_class, std::string key) {
      return tensor_call({.storage_class = std::move(storage_class),
                          .key = std::move(key),
                          .numel = 2,
                          .sizes = {2},
                          .strides = {1}});
    };
    const auto file = read_value(dict({{"f64", of("DoubleStorage", "0")},
                                       {"f16", of("HalfStorage", "1")},
                                       {"bf16", of("BFloat16Storage", "2")},
                                       {"i64", of("LongStorage", "3")},
                                       {"i32", of("IntStorage", "4")},
                                       {"i16", of("ShortStorage", "5")},
                                       {"i8", of("CharStorage", "6")},
                                       {"u8", of("ByteStorage", "7")},
                                       {"bool", of("BoolStorage", "8")}}),
                                 {{"0", storage<double>({0.1, -2})},
                                  {"1", storage<std::uint16_t>({0x3c00, 0xc000})},
                                  {"2", storage<std::uint16_t>({0x3f80, 0xc000})},
                                  {"3", storage<std::int64_t>({1, -2})},
                                  {"4", storage<std::int32_t>({1, -2})},
                                  {"5", storage<std::int16_t>({1, -2})},
                                  {"6", storage<std::int8_t>({1, -2})},
                                  {"7", storage<std::uint8_t>({1, 200})},
                                  {"8", storage<std::uint8_t>({1, 0})}});
    CHECK(file.at("f64").dtype() == DType::f32);
    CHECK(elements<float>(file.at("f64")) == std::vector<float>{0.1f, -2});
    for (const char* name : {"f16", "bf16"}) {
      CHECK(file.at(name).dtype() == (name[0] == 'f' ? DType::f16 : DType::bf16));
      CHECK(elements<float>(hekla::cast(file.at(name), DType::f32)) == std::vector<float>{1, -2});
    }
    for (const char* name : {"i64", "i32", "i16", "i8"}) {
      CHECK(file.at(name).dtype() == DType::i32);
      CHECK(elements<std::int32_t>(file.at(name)) == std::vector<std::int32_t>{1, -2});
    }
    CHECK(file.at("u8").dtype() == DType::u8);
    CHECK(elements<int>(hekla::cast(file.at("u8"), DType::i32)) == std::vector<int>{1, 200});
    CHECK(file.at("bool").dtype() == DType::boolean);
    CHECK(elements<int>(hekla::cast(file.at("bool"), DType::i32)) == std::vector<int>{1, 0});
    CHECK(contains(
        error_of_value(dict({{"w", of("LongStorage", "0")}}), {{"0", storage<std::int64_t>({1, 1ll << 40})}}),
        "tensor 'w': element 1 is 1099511627776; integers of 64 bits are read into i32 of 32"));
  }

  // As PyTorch 2.3 and later write uint16, uint32 and uint64, whose storages have no class of their own.
  TEST_CASE("torch::load: unsigned integers with untyped storages") {
    const auto of = [](std::string_view dtype, int bytes) {
      const std::string id = tuple({text("storage"), global("torch.storage", "UntypedStorage"), text("0"),
                                    text("cpu"), integer(bytes)});
      return call(global("torch._utils", "_rebuild_tensor_v3"),
                  {id + "Q", integer(0), tuple({integer(bytes == 8 ? 2 : 1)}), tuple({integer(1)}), "\x89",
                   call(global("collections", "OrderedDict"), {}), global("torch", dtype)});
    };
    const auto file = read_value(dict({{"w", of("uint32", 8)}}), {{"0", storage<std::uint32_t>({1, ~0u})}});
    CHECK(elements<std::uint32_t>(file.at("w")) == std::vector<std::uint32_t>{1, ~0u});
    const auto small = read_value(dict({{"w", of("uint16", 2)}}), {{"0", storage<std::uint16_t>({0xffff})}});
    CHECK(elements<std::uint32_t>(small.at("w")) == std::vector<std::uint32_t>{0xffff});
  }

  TEST_CASE("torch::load: framing of protocol 4, and the memo") {
    const std::string value =
        std::string("}\x94(\x8c\x01") + "a\x94" + "K\x05" + "\x8c\x01" + "b\x94" + "h\x01" + "u.";
    const std::string pickle = "\x80\x04\x95" + little(value.size(), 8) + value;
    const auto file = read(pt_bytes(pickle));
    CHECK(file.values == std::map<std::string, std::string>{{"a", "5"}, {"b", "a"}});
    // _rebuild_tensor_v2 by STACK_GLOBAL.
    std::string tensor = tensor_call({.numel = 1, .sizes = {1}, .strides = {1}});
    const std::string old = global("torch._utils", "_rebuild_tensor_v2");
    tensor.replace(tensor.find(old), old.size(), text("torch._utils") + text("_rebuild_tensor_v2") + "\x93");
    CHECK(read(pt_bytes("\x80\x05" + tensor + ".", {{"0", storage<float>({2})}})).tensors.size() == 1);
  }

  TEST_CASE("torch::load: integers of every length") {
    const auto value_of = [](const std::string& number) {
      return read_value(dict({{"n", number}})).values.at("n");
    };
    CHECK(value_of(std::string("\x8a\x00", 2)) == "0");
    CHECK(value_of("\x8a\x01\xff") == "-1");
    CHECK(value_of(std::string("\x8a\x05\x00\x00\x00\x00\x01", 7)) == "4294967296");
    CHECK(value_of("\x8a\x08" + std::string(8, '\xff')) == "-1");
    CHECK(value_of("M\xff\xff") == "65535");
    CHECK(error_of_value(dict({{"n", "\x8a\x09" + std::string(9, '\1')}})) ==
          "holds an integer of more than 64 bits.");
  }

  TEST_CASE("torch::load: files of other kinds") {
    const TemporaryFolder folder;
    const auto absent = folder.path() / "absent.pt";
    CHECK(error_of([&] { hekla::torch::load(absent); }) ==
          "[torch::load] " + absent.string() + ": no such file.");
    CHECK(error_reading({0x80, 0x02, 0x8a, 0x0a}) ==
          "is in the format that torch.save wrote before PyTorch 1.6, or a pickle of something else; in "
          "Python, load it "
          "and save it again: torch.save(x, path), without _use_new_zipfile_serialization=False.");
    CHECK(error_reading({}) ==
          "does not start as a zip archive, which torch.save writes; it is no file of PyTorch's.");
    CHECK(error_reading(zip_bytes({{"a/b", "c"}})) ==
          "has no data.pkl in its folder; it is a zip archive, but none of torch.save.");
    CHECK(contains(error_reading(pt_bytes(pickled("N"), {}, {{"model/constants.pkl", "x"}})),
                   "is a TorchScript model, which holds code; in Python, load it with torch.jit.load"));
    CHECK(error_reading(pt_bytes(pickled("N"), {}, {{"model/byteorder", "big"}})) ==
          "has the byte order 'big'; little is read. In Python, load it on a little-endian machine and save "
          "it.");
    CHECK(read(pt_bytes(pickled("N"), {}, {{"model/byteorder", "little"}})).values.at("") == "None");
  }

  TEST_CASE("torch::load: nothing is run") {
    const std::string refused =
        "names 'os.system', which is no part of a state dict; nothing that a file names is run. In Python, "
        "load it and "
        "save its tensors: torch.save(model.state_dict(), path).";
    CHECK(error_of_value(call(global("os", "system"), {text("true")})) == refused);
    CHECK(error_of_value(text("os") + text("system") + "\x93") == refused);
    CHECK(contains(error_of_value(dict({{"model", global("__main__", "Net")}})), "names '__main__.Net'"));
    CHECK(contains(error_of_value(global("numpy.core.multiarray", "scalar")),
                   "names 'numpy.core.multiarray.scalar'"));
    // Known names that are no functions of tensors.
    CHECK(error_of_value(dict({{"w", call(global("torch", "FloatStorage"), {})}})) ==
          "tensor 'w': is described by 'torch.FloatStorage' with 0 arguments, which is not how a tensor is "
          "saved.");
    CHECK(error_of_value(integer(1) + dict({}) + "b") == "sets the state of an object other than a dict.");
    CHECK(contains(error_of_value("(" + text("x") + "i"), "has the pickle operation 0x69 at byte "));
    CHECK(error_reading(pt_bytes("\x80\x06N.")) == "'data.pkl': is of pickle protocol 6; 2 to 5 are read.");
  }

  TEST_CASE("torch::load: tensors that cannot be") {
    const Files six{{"0", storage<float>({0, 1, 2, 3, 4, 5})}};
    const std::string outside = "[2,3] with its strides reaches beyond its storage of 6 elements.";
    CHECK(error_of_tensor({.numel = 6, .offset = 1, .sizes = {2, 3}, .strides = {3, 1}}, six) == outside);
    CHECK(error_of_tensor({.numel = 6, .sizes = {2, 3}, .strides = {4, 1}}, six) == outside);
    CHECK(error_of_tensor({.numel = 6, .offset = 6, .sizes = {}, .strides = {}}, six) ==
          "[] with its strides reaches beyond its storage of 6 elements.");
    CHECK(error_of_tensor({.numel = 7, .sizes = {2}, .strides = {1}}, six) ==
          "its storage '0' has 24 bytes and should have 7 elements of 4.");
    CHECK(error_of_tensor({.numel = 6, .sizes = {2}, .strides = {1, 1}}, six) == "has 1 axes and 2 strides.");
    CHECK(error_of_tensor({.numel = 6, .sizes = {2}, .strides = {-1}}, six) ==
          "has something else where an offset, a size or a stride is wanted.");
    CHECK(error_of_tensor({.numel = 6, .sizes = std::vector<std::int64_t>(13, 1)}, six) ==
          "its sizes or strides are no tuple of at most 12 numbers.");
    CHECK(error_of_tensor({.key = "9", .numel = 1, .sizes = {1}, .strides = {1}}, six) ==
          "has no 'model/data/9', which its data.pkl refers to; it is damaged.");
    CHECK(error_of_tensor({.numel = 6,
                           .sizes = std::vector<std::int64_t>(9, 2147483647),
                           .strides = std::vector<std::int64_t>(9, 0)},
                          six) == "has more elements than can be counted.");
    // An expanded element that would take 8 GB.
    CHECK(contains(error_of_tensor({.numel = 6, .sizes = {2147483647}, .strides = {0}}, six),
                   "its tensors, of which several share storages, would take more than"));
  }
}
