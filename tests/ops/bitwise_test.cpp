// Operations on bits. Expected values are those of NumPy and PyTorch.
#include "ops/bitwise.h"

#include <doctest/doctest.h>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "tests/support/everywhere.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double lowest = -2147483648.0, largest = 2147483647.0, all_bits = 4294967295.0;

Tensor truths(std::initializer_list<double> elements) { return tensor(elements) != 0; }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("bitwise operations of i32") {
    const std::vector<double> a{12, -1, 0x5a5a5a5a, lowest, largest, 0},
        b{10, 255, 0x0ff00ff0, -1, lowest, -7};
    everywhere(of(bitwise_and), {a, b}, i32, {8, 255, 0x0a500a50, lowest, 0, 0});
    everywhere(of(bitwise_or), {a, b}, i32, {14, -1, 0x5ffa5ffa, -1, -1, -7});
    everywhere(of(bitwise_xor), {a, b}, i32, {6, -256, 0x55aa55aa, largest, -1, -7});
    everywhere(of(bitwise_not), {a}, i32, {-13, 0, -0x5a5a5a5b, largest, lowest, -1});
  }

  TEST_CASE("bitwise operations of u32") {
    const std::vector<double> a{12, all_bits, 0xdeadbeef, 0}, b{10, 255, 0x0ff00ff0, 2147483648.0};
    everywhere(of(bitwise_and), {a, b}, u32, {8, 255, 0x0ea00ee0, 0});
    everywhere(of(bitwise_or), {a, b}, u32, {14, all_bits, 0xdffdbfff, 2147483648.0});
    everywhere(of(bitwise_xor), {a, b}, u32, {6, 0xffffff00, 0xd15db11f, 2147483648.0});
    everywhere(of(bitwise_not), {a}, u32, {0xfffffff3, 0, 0x21524110, all_bits});
  }

  TEST_CASE("shifts, also by counts outside of 0 to 31") {
    const std::vector<double> x{5, -5, -5, 1, -1, 7, -7, 7, -7, 1, -8, 3},
        count{0, 1, 31, 31, 31, 32, 32, -1, -1, lowest, largest, 30};
    everywhere(of(left_shift), {x, count}, i32,
               {5, -10, lowest, lowest, lowest, 0, 0, 0, 0, 0, 0, -1073741824});
    everywhere(of(right_shift), {x, count}, i32, {5, -3, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0});
    const std::vector<double> u{5, all_bits, all_bits, all_bits, 7, all_bits}, v{0, 1, 31, 32, 33, all_bits};
    everywhere(of(left_shift), {u, v}, u32, {5, 4294967294.0, 2147483648.0, 0, 0, 0});
    everywhere(of(right_shift), {u, v}, u32, {5, 2147483647.0, 1, 0, 0, 0});
    // A count that the compiler knows.
    for (const int n : {0, 3, 31, 32, -1}) {
      const std::vector<double> left{n == 0 ? -5.0 : n == 3 ? -40.0 : n == 31 ? lowest : 0.0};
      everywhere([n](const Operands& at) { return at[0] << n; }, {{-5}}, i32, left);
      everywhere([n](const Operands& at) { return at[0] >> n; }, {{-5}}, i32, {n == 0 ? -5.0 : -1.0});
    }
  }

  TEST_CASE("bitwise operations of bool are the logical ones, as in NumPy") {
    const auto a = [] { return truths({0, 0, 1, 1}); };
    const auto b = [] { return truths({0, 1, 0, 1}); };
    expect([&] { return a() & b(); }, {4}, boolean, {0, 0, 0, 1});
    expect([&] { return a() | b(); }, {4}, boolean, {0, 1, 1, 1});
    expect([&] { return a() ^ b(); }, {4}, boolean, {0, 1, 1, 0});
    expect([&] { return ~a(); }, {4}, boolean, {1, 1, 0, 0});
  }

  TEST_CASE("operators on bits: their numbers take the tensor's dtype") {
    const auto x = [] { return tensor(std::vector<std::uint32_t>{0xf0f0f0f0u, 255}); };
    expect([&] { return (x() & 0xffu) | 0x100u; }, {2}, u32, {0x1f0, 0x1ff});
    expect([&] { return ~x() ^ 1u; }, {2}, u32, {0x0f0f0f0e, 0xffffff01});
    expect([&] { return 1u << (x() >> 5u & 7u); }, {2}, u32, {128, 128});
  }

  TEST_CASE("errors of operations on bits") {
    CHECK(error_of([] { bitwise_and(zeros({2}), zeros({2})); }) ==
          "[bitwise_and] does not take f32[2]; it takes i32, u32 or bool (see hk::cast).");
    CHECK(error_of([] { bitwise_or(zeros({2}, u8), 1); }) ==
          "[bitwise_or] does not take u8[2]; it takes i32, u32 or bool (see hk::cast).");
    CHECK(error_of([] { bitwise_not(zeros({2}, f16)); }) ==
          "[bitwise_not] does not take f16[2]; it takes i32, u32 or bool (see hk::cast).");
    CHECK(error_of([] { left_shift(zeros({2}, boolean), zeros({2}, boolean)); }) ==
          "[left_shift] does not take bool[2]; it takes i32 or u32 (see hk::cast).");
    CHECK(error_of([] { bitwise_xor(zeros({2}, i32), zeros({2}, u32)); }) ==
          "[bitwise_xor] dtypes differ: i32[2] and u32[2]; cast one operand (see hk::cast).");
    CHECK(error_of([] { right_shift(zeros({2}, i32), 0.5); }) ==
          "[right_shift] the number 0.5 is no i32; cast the tensor or use a whole number in range.");
  }
}

}  // namespace hekla::testing
