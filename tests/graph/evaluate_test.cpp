// What evaluating promises: values held and forgotten, variables, and devices that share a graph.
#include "graph/evaluator.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "graph/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

Numbers values(const Tensor& x) { return x.to_vector<double>(); }

// The reference device, counting what it compiles.
class Counting : public Evaluator {
 public:
  std::string name() const override { return "counting"; }
  std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype, const std::string& label) override {
    return reference()->upload(elements, dtype, label);
  }
  HostArray download(const Storage& storage, DType dtype, std::int64_t count) override {
    return reference()->download(storage, dtype, count);
  }
  std::shared_ptr<Executable> prepare(const Computation& computation, bool stop_at_values) override {
    ++prepared;
    return reference()->prepare(computation, stop_at_values);
  }

  int prepared = 0;
};

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("evaluate: item, to_vector and eval compute on the default device") {
    reference();
    CHECK((tensor({1, 2}) + 1).to_vector() == std::vector<float>{2, 3});
    CHECK(sum(tensor({1, 2})).item() == 3.0f);
    CHECK(sum(tensor({0.1, 0.2})).item<double>() == doctest::Approx(0.3));
    CHECK((tensor({1, 0}) > 0.5).to_vector<bool>() == std::vector<bool>{true, false});
    const Tensor x = exp(tensor({0}));
    CHECK(&x.eval() == &x);
    CHECK(x.node().value != nullptr);
  }

  TEST_CASE("evaluate: leaves and constants, the same output twice, nothing at all") {
    const Tensor x = tensor({1, 2}), c = full({2}, 7), e = exp(x) * 0;
    evaluate({.outputs = {x, c, e, e}}, reference());
    CHECK(values(x) == Numbers{1, 2});
    CHECK(values(c) == Numbers{7, 7});
    CHECK(values(e) == Numbers{0, 0});
    evaluate({}, reference());
    const Tensor none = tensor(Numbers{}, {0, 3}) + 1;
    CHECK(reference_values(none).empty());
  }

  TEST_CASE("evaluate: a computed value is held, and later graphs start from it") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(tensor({1, 2}));
      const Tensor doubled = v * 2;
      evaluate({.outputs = {doubled}}, device);
      assign(v, tensor({10, 20}));
      const Tensor from_held = doubled + 1, from_new = v * 2 + 1;
      evaluate({.outputs = {from_held, from_new}}, device);
      CHECK(values(from_held) == Numbers{3, 5});
      CHECK(values(from_new) == Numbers{21, 41});
    }
  }

  TEST_CASE("evaluate: a value computed on one device serves another") {
    if (!device()) return;
    const Tensor x = tensor({1, 2}) + 1;
    evaluate({.outputs = {x}}, device());
    const Tensor y = x * 2;
    evaluate({.outputs = {y}}, reference());
    const Tensor z = y + x;
    evaluate({.outputs = {z}}, device());
    CHECK(values(z) == Numbers{6, 9});
  }

  TEST_CASE("updates: all at once, from the values at the start") {
    for (const auto& device : reference_and_device()) {
      const Tensor a = variable(tensor({1, 2})), b = variable(tensor({3, 4}));
      const Tensor seen = a + 10 * b;
      evaluate({.outputs = {seen}, .updates = {{a, b}, {b, a}}}, device);
      CHECK(values(a) == Numbers{3, 4});
      CHECK(values(b) == Numbers{1, 2});
      CHECK(values(seen) == Numbers{31, 42});
      const Tensor c = variable(tensor({0, 0}));
      evaluate({.updates = {{a, a + b}, {b, a - b}, {c, a}}}, device);
      CHECK(values(a) == Numbers{4, 6});
      CHECK(values(b) == Numbers{2, 2});
      CHECK(values(c) == Numbers{3, 4});
      evaluate({.updates = {{a, a}}}, device);
      CHECK(values(a) == Numbers{4, 6});
    }
  }

  TEST_CASE("variable: starts as its initial value, whatever becomes of that") {
    for (const auto& device : reference_and_device()) {
      const Tensor a = variable(tensor({1, 2}));
      const Tensor copy = variable(a), doubled = variable(a * 2);
      evaluate({.updates = {{a, a + 100}}}, device);
      const Tensor both = copy * 1000 + doubled;
      evaluate({.outputs = {both}}, device);
      CHECK(values(both) == Numbers{1002, 2004});

      const Tensor initial = tensor({5, 6});
      const Tensor first = variable(initial), second = variable(initial);
      evaluate({.updates = {{first, first + 1}}}, device);
      evaluate({.updates = {{second, second + first}}}, device);
      CHECK(values(initial) == Numbers{5, 6});
      CHECK(values(second) == Numbers{11, 13});
    }
  }

  TEST_CASE("variable: the same number everywhere is compiled by nobody") {
    const auto counting = std::make_shared<Counting>();
    const auto sum_of = [&](const Tensor& initial) {
      Program program = compile({.outputs = {sum(cast(variable(initial), f32))}}, counting);
      counting->prepared = 0;
      const double found = program.run()[0].item<double>();
      CHECK(counting->prepared == 0);
      return found;
    };
    CHECK(sum_of(zeros({2, 3})) == 0);
    CHECK(sum_of(full({10}, 0.1)) == doctest::Approx(1).epsilon(1e-12));  // the reference keeps doubles
    CHECK(sum_of(full({2}, 4294967295.0, u32)) == 2 * 4294967295.0);
    CHECK(sum_of(full({3}, -7, i32)) == -21);
    CHECK(sum_of(ones({4}, u8)) == 4);
    CHECK(sum_of(full({2}, 0.1, f16)) == 2 * 0.0999755859375);
    CHECK(sum_of(ones({5}, boolean)) == 5);
    CHECK(std::signbit(variable(full({1}, -0.0)).item()));
  }

  TEST_CASE("variable: random initial values are drawn once") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(random_uniform({4}, random_key(3)));
      const Tensor before = v + 0.5;
      evaluate({.outputs = {before}}, device);
      evaluate({.updates = {{v, v * 1}}}, device);
      const Tensor after = v + 0.5;
      evaluate({.outputs = {after}}, device);
      CHECK(values(before) == values(after));
    }
  }

  TEST_CASE("detach: the value of the moment, without the graph") {
    reference();
    const Tensor v = variable(tensor({1, 2}));
    const Tensor snapshot = v.detach();
    evaluate({.updates = {{v, v + 1}}}, reference());
    CHECK(values(snapshot) == Numbers{1, 2});
    const Tensor y = exp(tensor({0})) + 1;
    const Tensor leaf = y.detach();
    CHECK(leaf.node().inputs.empty());
    CHECK(values(leaf) == Numbers{2});
  }

  TEST_CASE("a loop that carries a value along keeps nothing of its past") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      Tensor x = tensor({1, 2});
      std::vector<std::weak_ptr<Node>> steps;
      for (int step = 0; step < 20; ++step) {
        const Tensor next = x * 0.5 + 1;
        steps.push_back(next.pointer());
        x = next.detach();
      }
      device->plans = PlanCache();
      for (const auto& step : steps) CHECK(step.expired());
      CHECK(values(x)[0] == doctest::Approx(2));
    }
    set_default_device(reference());
  }

  TEST_CASE("u8 data stays bytes until it is cast") {
    for (const auto& device : reference_and_device()) {
      const Tensor bytes = tensor(std::vector<std::uint8_t>{0, 7, 255, 128, 3});
      const Tensor scaled = cast(bytes, f32) / 255;
      evaluate({.outputs = {scaled}}, device);
      CHECK(values(scaled)[2] == doctest::Approx(1));
      CHECK(bytes.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{0, 7, 255, 128, 3});
    }
  }
}

}  // namespace hekla::testing
