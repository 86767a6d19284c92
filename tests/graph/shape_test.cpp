// Shapes, their arithmetic, and the dtype table.
#include "graph/shape.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "graph/dtype.h"
#include "graph/host_array.h"

namespace hekla::testing {

TEST_SUITE("graph") {
  TEST_CASE("shape: sizes, count, text") {
    const Shape shape{2, 3, 4};
    CHECK(shape.rank() == 3);
    CHECK(shape[1] == 3);
    CHECK(shape.back() == 4);
    CHECK(shape.count() == 24);
    CHECK(to_string(shape) == "[2,3,4]");
    CHECK(strides_of(shape) == std::vector<std::int64_t>{12, 4, 1});
    CHECK(Shape{}.rank() == 0);
    CHECK(Shape{}.count() == 1);
    CHECK(to_string(Shape{}) == "[]");
    CHECK(Shape{3, 0}.count() == 0);
    CHECK(Shape{0, std::numeric_limits<std::int64_t>::max(), 2}.count() == 0);
  }

  TEST_CASE("shape: equality looks at rank and sizes") {
    CHECK(Shape{2, 3} == Shape{2, 3});
    CHECK_FALSE(Shape{2, 3} == Shape{3, 2});
    CHECK_FALSE(Shape{2} == Shape{2, 1});
    CHECK_FALSE(Shape{} == Shape{1});
    CHECK(Shape(std::vector<std::int64_t>{4, 5}) == Shape{4, 5});
  }

  TEST_CASE("shape: axes from the end, sorted, once each") {
    CHECK(normalize_axis(-1, 3, "op") == 2);
    CHECK(normalize_axis(0, 3, "op") == 0);
    const std::vector<int> axes{-1, 0};
    CHECK(normalize_axes(axes, 3, "op") == std::vector<int>{0, 2});
  }

  TEST_CASE("shape: NumPy's broadcasting") {
    CHECK(broadcast_shapes({3, 1}, {4}, "op") == Shape{3, 4});
    CHECK(broadcast_shapes({}, {2, 3}, "op") == Shape{2, 3});
    CHECK(broadcast_shapes({5, 1, 3}, {2, 1}, "op") == Shape{5, 2, 3});
    CHECK(broadcast_shapes({0}, {1}, "op") == Shape{0});
    CHECK(broadcast_shapes({1}, {1}, "op") == Shape{1});
  }

  TEST_CASE("dtype: names, sizes, what an element holds") {
    CHECK(name(f32) == "f32");
    CHECK(name(boolean) == "bool");
    CHECK(size_of(u8) == 1);
    CHECK(size_of(boolean) == 4);
    CHECK(size_of(f16) == 2);
    CHECK(name(bf16) == "bf16");
    CHECK(convert(1.0000000001, f32) == 1.0000000001);
    CHECK(convert(-1.9, i32) == -1);
    CHECK(convert(2147483648.0, i32) == -2147483648.0);
    CHECK(convert(-1, u32) == 4294967295.0);
    CHECK(convert(-1, u8) == 255);
    CHECK(convert(256.5, u8) == 0);
    CHECK(convert(-0.5, boolean) == 1);
    CHECK(convert(0, boolean) == 0);
    CHECK(convert(std::nan(""), i32) == 0);
    // The identity element of a maximum.
    CHECK(convert(-std::numeric_limits<double>::infinity(), i32) == -2147483648.0);
    CHECK(convert(-std::numeric_limits<double>::infinity(), u32) == 0);
    CHECK(convert(std::numeric_limits<double>::infinity(), u8) == 255);
  }

  TEST_CASE("dtype: f16 and bf16 round to the nearest, ties to even") {
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(convert(2049, f16) == 2048);
    CHECK(convert(2051, f16) == 2052);
    CHECK(convert(65519, f16) == 65504);
    CHECK(convert(-65520, f16) == -infinity);
    CHECK(convert(0x1p-25, f16) == 0);
    CHECK(convert(0x1.8p-25, f16) == 0x1p-24);
    CHECK(std::signbit(convert(-1e-9, f16)));
    CHECK(convert(257, bf16) == 256);
    CHECK(convert(259, bf16) == 260);
    CHECK(convert(3.4e38, bf16) == infinity);
    CHECK(convert(0x1.8p-133, bf16) == 0x1p-132);
    CHECK(std::isnan(convert(std::nan(""), bf16)));
    // Every element round-trips through its bits.
    for (const DType dtype : {f16, bf16}) {
      int different = 0;
      for (int bits = 0; bits < 65536; ++bits) {
        const double number = from_half_bits(static_cast<std::uint16_t>(bits), dtype);
        if (std::isnan(number)) continue;
        different += convert(number, dtype) != number || half_bits(number, dtype) != bits;
      }
      CHECK(different == 0);
      CHECK(std::isnan(from_half_bits(half_bits(std::nan(""), dtype), dtype)));
    }
    CHECK(from_half_bits(0x3c01, f16) == 1 + 0x1p-10);
    CHECK(from_half_bits(0x3f81, bf16) == 1 + 0x1p-7);
  }

  TEST_CASE("host array: every format keeps its numbers") {
    using Format = HostArray::Format;
    for (const Format format : {Format::f64, Format::f32, Format::i32, Format::u32, Format::u8}) {
      HostArray array(format, 3);
      array.set(2, 200);
      CHECK(array.at(2) == 200);
      CHECK(array.at(0) == 0);
      CHECK(array.bytes().size() == 3 * (format == Format::f64 ? 8 : format == Format::u8 ? 1 : 4));
    }
    const std::vector<double> numbers{0.1, -2};
    const HostArray array{std::span<const double>(numbers)};
    CHECK(array.to<double>() == numbers);
    CHECK(array.to<std::int32_t>() == std::vector<std::int32_t>{0, -2});
    CHECK(array.to<bool>() == std::vector<bool>{true, true});
  }
}

}  // namespace hekla::testing
