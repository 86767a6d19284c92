// Tensors from C++ numbers and lists, and what handles do as in NumPy.
#include <doctest/doctest.h>

#include <array>
#include <span>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("literals: integers stay integers, a float among them makes all f32") {
    CHECK(describe(tensor({1, 2, 3})) == "i32[3]");
    CHECK(describe(tensor({1, 2.5, 3})) == "f32[3]");
    CHECK(describe(tensor({1.0F, 2.0F})) == "f32[2]");
    CHECK(describe(tensor({true, false})) == "bool[2]");
    CHECK(describe(tensor({true, 2})) == "i32[2]");
    CHECK(describe(tensor({1u, 2u})) == "u32[2]");
    CHECK(describe(tensor({1u, -2})) == "i32[2]");
    CHECK(describe(tensor({std::uint8_t{7}})) == "u8[1]");
    CHECK(describe(tensor({std::int64_t{7}})) == "i32[1]");
    CHECK(describe(tensor({})) == "f32[0]");
    CHECK(tensor({-1, 7}).to_vector<int>() == std::vector<int>{-1, 7});
    CHECK(contains(error_of([] { tensor({1, 3'000'000'000}); }), "3000000000, which i32 does not hold"));
  }

  TEST_CASE("literals: nested lists have a shape, and a dtype where one is asked for") {
    const Tensor x = tensor({{1, 2}, {3, 4}, {5, 6}});
    CHECK(describe(x) == "i32[3,2]");
    CHECK(x.to_vector<int>() == std::vector<int>{1, 2, 3, 4, 5, 6});
    CHECK(describe(tensor({{1}, {2}})) == "i32[2,1]");
    CHECK(describe(tensor({{{1.5}, {2}}, {{3}, {4}}})) == "f32[2,2,1]");
    CHECK(describe(tensor({1, 2, 3, 4}, {2, 2})) == "i32[2,2]");
    CHECK(describe(tensor({3}, {})) == "i32[]");
    CHECK(describe(tensor({{1, 2}}, f32)) == "f32[1,2]");
    CHECK(describe(tensor({0, 2, 0.5}, boolean)) == "bool[3]");
    CHECK(tensor({0, 2, 0.5}, boolean).to_vector() == std::vector<float>{0, 1, 1});
    CHECK(tensor({0.1, 1.0 / 3}, f16).to_vector() == cast(tensor({0.1, 1.0 / 3}), f16).to_vector());
    CHECK(contains(error_of([] { tensor({{1, 2}, {3}}); }), "[2] and [1] side by side"));
    CHECK(contains(error_of([] { tensor({{1, 2}, 3}); }), "side by side"));
    CHECK(contains(error_of([] { tensor({1, 2}, {3}); }), "2 elements for shape [3]"));
    CHECK(contains(error_of([] { tensor({300}, u8); }), "300, which u8 does not hold"));
    CHECK(contains(error_of([] { tensor({1.5}, i32); }), "1.5, which i32 does not hold"));
  }

  TEST_CASE("tensors of what lies in memory in a row") {
    std::vector<double> numbers{1, 2, 3, 4};
    const std::array<std::int64_t, 2> wide{5, 6};
    const float plain[] = {1, 2, 3};
    CHECK(describe(tensor(std::span(numbers), {2, 2})) == "f32[2,2]");
    CHECK(describe(tensor(std::span<const double>(numbers).subspan(1))) == "f32[3]");
    CHECK(tensor(wide).to_vector<int>() == std::vector<int>{5, 6});
    CHECK(tensor(plain).to_vector() == std::vector<float>{1, 2, 3});
    CHECK(describe(tensor(std::vector<bool>{true, false, true})) == "bool[3]");
    CHECK(tensor(std::vector<bool>{true, false}, {2, 1}).to_vector() == std::vector<float>{1, 0});
  }

  TEST_CASE("brackets pick along the first axis") {
    const Tensor x = tensor({{1, 2}, {3, 4}, {5, 6}});
    CHECK(x[0].to_vector<int>() == std::vector<int>{1, 2});
    CHECK(x[-1][1].item<int>() == 6);
    CHECK(x[tensor({2, 0})].to_vector<int>() == std::vector<int>{5, 6, 1, 2});
    const std::size_t last = 2;
    CHECK(x[last].shape() == Shape{2});
    CHECK(contains(error_of([&] { x[3]; }), "3"));
    CHECK(contains(error_of([&] { x[0][0][0]; }), "i32[]"));
    const Tensor w = variable(ones({2, 2}));
    CHECK(grad(sum(w[0] * 3), w).to_vector() == std::vector<float>{3, 3, 0, 0});
  }

  TEST_CASE("compound assignment makes the handle one of the result") {
    Tensor x = tensor({1.0, 2.0});
    const Tensor before = x;
    x += 1, x *= tensor({2.0, 3.0}), x -= 1, x /= 2;
    CHECK(x.to_vector() == std::vector<float>{1.5, 4});
    CHECK(before.to_vector() == std::vector<float>{1, 2});
    Tensor i = tensor({7, 8});
    i %= 4;
    CHECK(i.to_vector<int>() == std::vector<int>{3, 0});
  }

  TEST_CASE("one axis needs no braces") {
    const Tensor x = tensor({{1.0, 2.0}, {3.0, 5.0}});
    CHECK(sum(x, 0).to_vector() == std::vector<float>{4, 7});
    CHECK(sum(x, {0}).to_vector() == std::vector<float>{4, 7});
    CHECK(sum(x, -1, KeepDims::yes).shape() == Shape{2, 1});
    CHECK(sum(x, {}).item() == 11);
    CHECK(mean(x, std::vector<int>{0, 1}).item() == 2.75F);
    CHECK(variance(x, 1).to_vector() == std::vector<float>{0.25, 1});
    CHECK(flip(x, 0).to_vector() == std::vector<float>{3, 5, 1, 2});
    CHECK(squeeze(expand_dims(x, 0), 0).shape() == x.shape());
    CHECK(layer_normalization(x, {}, {}, 1).shape() == x.shape());
  }
}

}  // namespace hekla::testing
