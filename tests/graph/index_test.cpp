// Index expressions against brute force: the canonical form must equal plain arithmetic, for random
// expressions at every position.
#include "graph/index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace hekla::testing {

namespace {

using Position = std::vector<std::int64_t>;

// An expression, and the same computed without simplification.
struct Pair {
  Index index;
  std::function<std::int64_t(const Position&)> plain;
};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && a < 0 ? 1 : 0); }

const Shape extents{4, 1, 6, 5};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : bits_(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(bits_() % static_cast<std::uint64_t>(high - low + 1));
  }

  Pair expression(int depth) {
    if (depth == 0) return leaf();
    const Pair a = expression(depth - 1);
    switch (between(0, 6)) {
      case 0: {
        const Pair b = expression(between(0, depth - 1) > 0 ? depth - 1 : 0);
        return {a.index + b.index, [=](const Position& p) { return a.plain(p) + b.plain(p); }};
      }
      case 1: {
        const Pair b = expression(0);
        return {a.index - b.index, [=](const Position& p) { return a.plain(p) - b.plain(p); }};
      }
      case 2: {
        const std::int64_t factor = between(-4, 12);
        return {a.index * factor, [=](const Position& p) { return a.plain(p) * factor; }};
      }
      case 3: {
        const std::int64_t divisor = divisor_of_something();
        return {divide(a.index, divisor),
                [=](const Position& p) { return floor_divide(a.plain(p), divisor); }};
      }
      case 4: {
        const std::int64_t divisor = divisor_of_something();
        return {modulo(a.index, divisor),
                [=](const Position& p) { return a.plain(p) - floor_divide(a.plain(p), divisor) * divisor; }};
      }
      case 5: {
        const std::int64_t low = between(-5, 5), high = low + between(0, 20);
        return {clamp(a.index, low, high),
                [=](const Position& p) { return std::clamp(a.plain(p), low, high); }};
      }
      default: {
        // The same numbers in another form, which recombination has to recognize.
        const std::int64_t divisor = divisor_of_something();
        return {divide(a.index, divisor) * divisor + modulo(a.index, divisor), a.plain};
      }
    }
  }

 private:
  Pair leaf() {
    const std::int64_t constant = between(-3, 9), factor = between(1, 12);
    const int axis = static_cast<int>(between(0, 3));
    return {Index::axis(axis, extents[axis]) * factor + constant,
            [=](const Position& p) { return p[static_cast<std::size_t>(axis)] * factor + constant; }};
  }
  std::int64_t divisor_of_something() {
    const std::int64_t divisors[] = {1, 2, 3, 4, 6, 8, 12, 24, 5, 7};
    return divisors[between(0, 9)];
  }

  std::mt19937 bits_;
};

// True when `holds` is, for every position in `shape`.
bool everywhere(const Shape& shape, const std::function<bool(const Position&)>& holds) {
  Position position(static_cast<std::size_t>(shape.rank()), 0);
  for (std::int64_t i = 0; i < shape.count(); ++i) {
    std::int64_t rest = i;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      position[static_cast<std::size_t>(axis)] = rest % shape[axis];
      rest /= shape[axis];
    }
    if (!holds(position)) return false;
  }
  return true;
}

// True when every axis boundary of `coarse` is one of `fine`.
bool splits(const Shape& fine, const Shape& coarse) {
  const std::vector<std::int64_t> strides = strides_of(fine);
  for (const std::int64_t stride : strides_of(coarse)) {
    if (stride != coarse.count() && std::find(strides.begin(), strides.end(), stride) == strides.end())
      return false;
  }
  return true;
}

Index identity(const Index::Atom& leaf) { return Index::axis(leaf.id, extents[leaf.id]); }

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("index: random expressions have the value of plain arithmetic, within their range") {
    Generator random(1);
    for (int trial = 0; trial < 3000; ++trial) {
      const Pair pair = random.expression(static_cast<int>(random.between(1, 5)));
      const std::string text = to_string(pair.index);
      CAPTURE(text);
      const std::int64_t low = pair.index.low(), high = pair.index.high();
      const Index again = substitute(pair.index, identity);
      CHECK(everywhere(extents, [&](const Position& position) {
        const std::int64_t value = pair.plain(position);
        return evaluate(pair.index, position) == value && evaluate(again, position) == value &&
               value >= low && value <= high;
      }));
    }
  }

  TEST_CASE("index: substitution replaces axes") {
    Generator random(2);
    for (int trial = 0; trial < 1000; ++trial) {
      const Pair outer = random.expression(static_cast<int>(random.between(1, 4)));
      std::vector<Pair> inner;
      for (const std::int64_t extent : extents) {
        const Pair any = random.expression(2);
        inner.push_back({modulo(any.index, extent), [=](const Position& p) {
                           return any.plain(p) - floor_divide(any.plain(p), extent) * extent;
                         }});
      }
      const Index replaced = substitute(outer.index, [&](const Index::Atom& leaf) {
        return inner[static_cast<std::size_t>(leaf.id)].index;
      });
      const std::string text = to_string(outer.index);
      CAPTURE(text);
      CHECK(everywhere(extents, [&](const Position& position) {
        Position moved;
        for (const Pair& pair : inner) moved.push_back(pair.plain(position));
        return evaluate(replaced, position) == outer.plain(moved);
      }));
    }
  }

  TEST_CASE("index: the axes a value varies with, and linearity") {
    Generator random(3);
    for (int trial = 0; trial < 1000; ++trial) {
      const Pair pair = random.expression(static_cast<int>(random.between(1, 4)));
      const std::string text = to_string(pair.index);
      CAPTURE(text);
      for (int axis = 0; axis < extents.rank(); ++axis) {
        std::int64_t coefficient = 0;
        const bool linear = pair.index.linear_in(axis, coefficient);
        const bool varies = pair.index.axes() >> axis & 1;
        CHECK(everywhere(extents, [&](const Position& position) {
          Position next = position;
          if (++next[static_cast<std::size_t>(axis)] == extents[axis]) return true;
          const std::int64_t change = evaluate(pair.index, next) - evaluate(pair.index, position);
          return (varies || change == 0) && (!linear || change == coefficient);
        }));
      }
    }
  }

  TEST_CASE("index: offsets and positions are each other's inverse") {
    for (const Shape& shape :
         {Shape{4, 6, 5}, Shape{7}, Shape{}, Shape{1, 3, 1}, Shape{2, 2, 2, 2, 2}, Shape{128, 9}}) {
      const std::vector<Index> axes = axes_of(shape);
      const Index offset = linearize(shape, axes);
      const std::vector<Index> back = delinearize(shape, offset);
      for (std::size_t axis = 0; axis < axes.size(); ++axis) CHECK(back[axis] == axes[axis]);
      std::int64_t expected = 0;
      CHECK(everywhere(shape,
                       [&](const Position& position) { return evaluate(offset, position) == expected++; }));
    }
    CHECK(delinearize(Shape{3, 0}, 0).size() == 2);
  }

  TEST_CASE("index: a reshape and a reshape back collapse where one only splits axes of the other") {
    const std::vector<Shape> shapes{{24},       {4, 6},  {8, 3},    {2, 3, 4},   {3, 8},
                                    {1, 24, 1}, {12, 2}, {2, 2, 6}, {2, 3, 2, 2}};
    for (const Shape& from : shapes) {
      for (const Shape& through : shapes) {
        CAPTURE(to_string(from));
        CAPTURE(to_string(through));
        const std::vector<Index> moved = delinearize(through, linearize(from, axes_of(from)));
        const std::vector<Index> back = delinearize(from, linearize(through, moved));
        for (int axis = 0; axis < from.rank(); ++axis) {
          const Index& index = back[static_cast<std::size_t>(axis)];
          CAPTURE(to_string(index));
          if (splits(from, through) || splits(through, from)) CHECK(index == Index::axis(axis, from[axis]));
          CHECK(everywhere(from, [&](const Position& p) {
            return evaluate(index, p) == p[static_cast<std::size_t>(axis)];
          }));
        }
      }
    }
  }

  TEST_CASE("index: compositions collapse as promised") {
    const Index i = Index::axis(0, 10), j = Index::axis(1, 4);
    CHECK(divide(i * 4 + j, 4) == i);
    CHECK(modulo(i * 4 + j, 4) == j);
    CHECK(divide(i * 4 + 3, 4) == i);
    CHECK(divide(i * 6, 3) == i * 2);
    CHECK(divide(divide(i, 2), 3) == divide(i, 6));
    CHECK(modulo(modulo(i, 6), 3) == modulo(i, 3));
    CHECK(divide(i, 3) * 3 + modulo(i, 3) == i);
    CHECK(clamp(i, 0, 9) == i);
    CHECK(clamp(i + 20, 0, 9) == Index(9));
    CHECK(i - i == Index(0));
    CHECK(Index::axis(5, 1) == Index(0));
    CHECK_FALSE(i == j);
    CHECK_FALSE(divide(i, 3) == divide(i, 4));
    CHECK((i + j).hash() == (j + i).hash());
  }

  TEST_CASE("index: text") {
    const Index i = Index::axis(0, 10), j = Index::axis(1, 4);
    CHECK(to_string(i * 784 + j) == "i0*784 + i1");
    CHECK(to_string(j - i * 2 + 3) == "i1 - i0*2 + 3");
    CHECK(to_string(Index(0)) == "0");
    CHECK(to_string(Index(-7)) == "-7");
    CHECK(to_string(divide(i, 3)) == "(i0)/3");
    CHECK(to_string(modulo(i + j, 3)) == "(i0 + i1)%3");
    CHECK(to_string(clamp(i - 2, 0, 5)) == "clamp(i0 - 2, 0, 5)");
    CHECK(to_string(Index::computed(2, 9, 0)) == "v2");
  }
}

}  // namespace hekla::testing
