// Captures: the structure key of a computation, and the cache of plans that it indexes.
#include <doctest/doctest.h>

#include "graph/compiler/capture.h"
#include "graph/run/current.h"
#include "graph/run/plan_cache.h"
#include "graph/run/takes_memory.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/support/devices.h"

namespace hekla::testing {

using namespace compiler;

namespace {

StructureKey key_of(const Tensor& output) { return capture({.outputs = {output}}, is_current).key; }

Tensor data(const Shape& shape, double number = 0) {
  return tensor(std::vector<double>(static_cast<std::size_t>(shape.count()), number), shape);
}

class Nothing : public Executable {
 public:
  std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>>, int) override {
    return {};
  }
  std::string describe() const override { return ""; }
};

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("structure: a graph built again has the same key, whatever its leaves hold") {
    const auto build = [](double number) {
      const Tensor x = data({2, 3}, number);
      return sum(exp(x) * x + 2, {1});
    };
    CHECK(key_of(build(1)) == key_of(build(5)));
    CHECK(key_of(data({3}) + 1) == key_of(variable(data({3})) + 1));
  }

  TEST_CASE("structure: whatever changes the result changes the key") {
    const Tensor x = data({2, 3}), y = data({2, 3}), square = data({3, 3});
    const std::vector<Tensor> different{
        x + y,
        x - y,
        y + x + x,
        x + x,
        x + 1,
        x + 2,
        1 + x,
        exp(x),
        sum(x, {0}),
        sum(x, {1}),
        max(x, {0}),
        transpose(x),
        slice(x, {{0, 1}}),
        slice(x, {{1, 2}}),
        exp(data({3, 2})),
        exp(data({2, 3, 1})),
        cast(x, i32),
        cast(x, u32),
        pad(x, {{1, 0}}),
        pad(x, {{1, 0}}, 1),
        exp(x) + exp(x),
        matmul(square, square),
        matmul(square, transpose(square)),
    };
    for (std::size_t a = 0; a < different.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        CAPTURE(a);
        CAPTURE(b);
        CHECK(key_of(different[a]) != key_of(different[b]));
      }
    }
  }

  TEST_CASE("structure: a shared node is not two equal ones") {
    const Tensor x = data({3});
    const Tensor e = exp(x);
    CHECK(key_of(e + e) != key_of(exp(x) + exp(x)));
  }

  TEST_CASE("structure: outputs and updates are part of it, in their order") {
    const Tensor a = variable(data({2})), b = variable(data({2}));
    const Tensor sum = a + b, product = a * b;
    const auto key = [](const Computation& computation) { return capture(computation, is_current).key; };
    CHECK(key({.outputs = {sum, product}}) != key({.outputs = {product, sum}}));
    CHECK(key({.outputs = {sum}}) != key({.outputs = {sum, sum}}));
    CHECK(key({.outputs = {a, sum}}) != key({.updates = {{a, sum}}}));
    CHECK(key({.updates = {{a, sum}}}) != key({.updates = {{b, sum}}}));
    CHECK(key({.updates = {{a, b}, {b, a}}}) != key({.updates = {{a, a}, {b, b}}}));
  }

  TEST_CASE("structure: leaves in the order of their first use, held values among them") {
    const Tensor x = data({2}), y = data({2});
    const Tensor e = exp(y);
    const Tensor z = e * x + y;
    CHECK(capture({.outputs = {z}}, is_current).leaves == std::vector<const Node*>{y.get(), x.get()});
    evaluate({.outputs = {e}}, reference());
    CHECK(capture({.outputs = {z}}, is_current).leaves ==
          std::vector<const Node*>{e.get(), x.get(), y.get()});
    CHECK(capture({.outputs = {z}}).leaves == std::vector<const Node*>{y.get(), x.get()});
  }

  TEST_CASE("plan cache: found by key, the least recently used leaves") {
    PlanCache cache(2);
    const auto one = std::make_shared<Nothing>(), two = std::make_shared<Nothing>(),
               three = std::make_shared<Nothing>();
    cache.insert({1}, one);
    cache.insert({2}, two);
    CHECK(cache.find({1}) == one);
    cache.insert({3}, three);
    CHECK(cache.size() == 2);
    CHECK(cache.find({2}) == nullptr);
    CHECK(cache.find({1}) == one);
    CHECK(cache.find({3}) == three);
    CHECK(cache.find({1, 1}) == nullptr);
  }

  TEST_CASE("plan cache: the least recently used leave when plans take too much memory") {
    struct Large : Nothing, TakesMemory {
      std::size_t host_bytes() const override { return std::size_t{200} << 20; }
    };
    PlanCache cache;
    for (std::uint64_t i = 1; i <= 10; ++i) cache.insert({i}, std::make_shared<Large>());
    CHECK(cache.size() == 2);
    CHECK(cache.find({9}) != nullptr);
    CHECK(cache.find({10}) != nullptr);
    struct Enormous : Nothing, TakesMemory {
      std::size_t host_bytes() const override { return std::size_t{1} << 40; }
    };
    cache.insert({11}, std::make_shared<Enormous>());
    CHECK(cache.size() == 1);
    CHECK(cache.find({11}) != nullptr);
  }

  TEST_CASE("plan cache: a loop that rebuilds its graph compiles it once") {
    const std::shared_ptr<Evaluator> device = open_device("reference");
    for (int step = 0; step < 10; ++step) {
      const Tensor x = data({2, 2}, step);
      evaluate({.outputs = {sum(exp(x))}}, device);
    }
    CHECK(device->compiled_count() == 1);
    evaluate({.outputs = {sum(exp(data({2, 3})))}}, device);
    CHECK(device->compiled_count() == 2);
  }
}

}  // namespace hekla::testing
