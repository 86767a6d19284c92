// Leaves made from numbers of the host.
#include "ops/create.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/address_space_limit.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

template <class T>
void expect_integers(DType dtype) {
  expect([] { return tensor(std::vector<T>{1, 2, 100}); }, {3}, dtype, {1, 2, 100});
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("tensors of every integer type of the host") {
    expect_integers<std::int8_t>(i32);
    expect_integers<std::int16_t>(i32);
    expect_integers<std::int32_t>(i32);
    expect_integers<std::int64_t>(i32);
    expect_integers<long long>(i32);
    expect_integers<std::uint8_t>(u8);
    expect_integers<std::uint16_t>(i32);
    expect_integers<std::uint32_t>(u32);
    expect_integers<std::size_t>(i32);
    expect(
        [] {
          return tensor(std::vector<std::int64_t>{-2147483648, 2147483647}, {2, 1});
        },
        {2, 1}, i32, {-2147483648.0, 2147483647.0});
    CHECK(tensor(std::vector<std::int64_t>{1, -2}).to_vector<std::int64_t>() ==
          std::vector<std::int64_t>{1, -2});
  }

  TEST_CASE("elements that the host has no memory for are counted") {
    if (!hekla::test::memory_can_be_limited) return;  // not possible under sanitizers, see there
    const std::vector<float> elements(std::size_t{32} << 20);
    const hekla::test::AddressSpaceLimit limit(std::size_t{64} << 20);
    CHECK(
        error_of([&] { tensor(elements); }) ==
        "[tensor] the host has no memory for 33554432 elements of 4 bytes; make it smaller, or drop what is "
        "held without need.");
  }

  TEST_CASE("elements that the host has no memory to read are counted") {
    if (!hekla::test::memory_can_be_limited) return;
    const HostArray elements = tensor(std::vector<float>(std::size_t{32} << 20)).to_host();
    const hekla::test::AddressSpaceLimit limit(std::size_t{64} << 20);
    CHECK(error_of([&] { elements.to<double>(); }) ==
          "[to_vector] the host has no memory for 33554432 elements of 8 bytes; make it smaller, or drop "
          "what is "
          "held without need.");
  }

  TEST_CASE("integers that i32 does not hold are named") {
    CHECK(error_of([] {
            tensor(std::vector<std::int64_t>{0, 2147483648});
          }) ==
          "[tensor] element 1 is 2147483648, which i32 does not hold (-2147483648 to 2147483647); give it as "
          "float, or divide it.");
    CHECK(error_of([] { tensor(std::vector<std::uint64_t>{std::numeric_limits<std::uint64_t>::max()}); }) ==
          "[tensor] element 0 is 18446744073709551615, which i32 does not hold (-2147483648 to 2147483647); "
          "give it as float, or divide it.");
  }
}

}  // namespace hekla::testing
