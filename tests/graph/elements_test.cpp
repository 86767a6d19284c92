// Host elements as bytes and back: every dtype, what is rounded, and what is copied bit for bit.
#include "graph/elements.h"

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>

using namespace hekla;

namespace {

std::vector<double> numbers_of(const HostArray& elements) { return elements.to<double>(); }

}  // namespace

TEST_CASE("elements: as bytes of their dtype and back") {
  const std::vector<double> numbers{0, 1, 2.5, -3, 300};
  const HostArray host{std::span<const double>(numbers)};
  const auto back = [&](DType dtype) {
    const std::vector<std::byte> bytes = to_bytes(host, dtype);
    CHECK(bytes.size() == numbers.size() * size_of(dtype));
    return numbers_of(from_bytes(bytes, dtype));
  };
  for (const DType dtype : {f32, f16, bf16}) CHECK(back(dtype) == numbers);
  CHECK(back(i32) == std::vector<double>{0, 1, 2, -3, 300});
  CHECK(back(u32) == std::vector<double>{0, 1, 2, 0, 300});
  CHECK(back(u8) == std::vector<double>{0, 1, 2, 0, 255});
  for (const DType dtype : {f32, i32, u32, u8, f16, bf16, DType::boolean}) {
    CHECK(to_bytes({}, dtype).empty());
    CHECK(from_bytes({}, dtype).count() == 0);
  }
}

TEST_CASE("elements: halves are rounded, what has its format already is copied") {
  const std::vector<double> thirds{1.0 / 3};
  CHECK(numbers_of(from_bytes(to_bytes(HostArray(std::span<const double>(thirds)), f16), f16))[0] ==
        convert(1.0 / 3, f16));
  const std::vector<float> nan{std::bit_cast<float>(0x7fa12345u)};
  const std::vector<std::byte> bytes = to_bytes(HostArray(std::span<const float>(nan)), f32);
  CHECK(bytes == std::vector{std::byte{0x45}, std::byte{0x23}, std::byte{0xa1}, std::byte{0x7f}});
  CHECK(host_format(DType::boolean) == HostArray::Format::u32);
}
