// What evaluate guarantees: held values and their invalidation, variables, and devices that share a graph.
#include "graph/run/evaluator.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "graph/compiler/capture.h"
#include "graph/run/current.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

using namespace compiler;

namespace {

using Numbers = std::vector<double>;

Numbers values(const Tensor& x) { return x.to_vector<double>(); }

using Nodes = std::vector<const Node*>;

// The leaves from which evaluating `x` would start.
Nodes leaves_of(const Tensor& x) { return capture({.outputs = {x}}, is_current).leaves; }

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
  std::shared_ptr<Executable> prepare(const compiler::Graph& graph) override {
    ++prepared;
    return reference()->prepare(graph);
  }

  int prepared = 0;
};

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("evaluate: item, to_vector and eval compute on the default device") {
    reference();
    CHECK((tensor({1.0, 2}) + 1).to_vector() == std::vector<float>{2, 3});
    CHECK(sum(tensor({1.0, 2})).item() == 3.0f);
    CHECK(sum(tensor({0.1, 0.2})).item<double>() == doctest::Approx(0.3));
    CHECK((tensor({1.0, 0}) > 0.5).to_vector<bool>() == std::vector<bool>{true, false});
    const Tensor x = exp(tensor({0.0}));
    CHECK(&x.eval() == &x);
    CHECK(x.node().value != nullptr);
  }

  TEST_CASE("evaluate: leaves and constants, the same output twice, nothing at all") {
    const Tensor x = tensor({1.0, 2}), c = full({2}, 7), e = exp(x) * 0;
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
      const Tensor v = variable(tensor({1.0, 2})), other = variable(tensor({1.0}));
      const Tensor held = v * 2, from_held = held + 1;
      evaluate({.outputs = {held}}, device);
      CHECK(leaves_of(from_held) == Nodes{held.get()});
      assign(other, tensor({5.0}));
      evaluate({.updates = {{other, other + 1}}}, device);
      CHECK(leaves_of(from_held) == Nodes{held.get()});
      evaluate({.outputs = {from_held}}, device);
      CHECK(values(from_held) == Numbers{3, 5});
    }
  }

  TEST_CASE("evaluate: a held value is computed again when a variable below it has changed") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const Tensor v = variable(tensor({1.0})), unread = variable(tensor({0.0}));
      const Tensor inner = v * 2, outer = inner + 1, beside = v + unread;
      Program add_one = compile({.updates = {{v, v + 1}}}, device);
      double expected = 1;
      const auto check = [&] {
        CHECK(outer.item<double>() == 2 * expected + 1);
        CHECK(inner.item<double>() == 2 * expected);
        CHECK((inner * 10).item<double>() == 20 * expected);
        CHECK(beside.item<double>() == expected);
      };
      check();
      assign(v, tensor({expected = 5}));
      check();
      evaluate({.updates = {{v, v * 3}}}, device);
      expected = 15;
      check();
      add_one.run();
      expected = 16;
      check();
      add_one.run(4);
      expected = 20;
      // Read from the outside in: the held value of the inner node is older than that of the outer one.
      CHECK(outer.item<double>() == 41);
      assign(v, tensor({expected = 7}));
      CHECK(outer.item<double>() == 15);
      check();
    }
    set_default_device(reference());
  }

  TEST_CASE("evaluate: values of long chains are checked without recursion") {
    reference();
    const Tensor v = variable(tensor({0.0}));
    Tensor x = v;
    for (int i = 0; i < 100'000; ++i) x = x + 1;
    CHECK(x.item() == 100'000);
    assign(v, tensor({1.0}));
    CHECK(x.item() == 100'001);
  }

  TEST_CASE("evaluate: what depends on no variable stays") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(tensor({1.0}));
      const Tensor drawn = random_uniform({4}, random_key(3)), doubled = tensor({1.0, 2}) * 2;
      evaluate({.outputs = {drawn, doubled, v + 1}}, device);
      const Value* const first = drawn.node().value.get();
      for (int i = 0; i < 3; ++i) {
        assign(v, tensor({2.0}));
        evaluate({.outputs = {drawn, doubled}}, device);
        CHECK(drawn.node().value.get() == first);
        CHECK(leaves_of(doubled + 1) == Nodes{doubled.get()});
      }
    }
  }

  TEST_CASE("evaluate: returns the outputs' values at the start, which stay") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(tensor({1.0, 2})), data = tensor({7.0});
      const Tensor doubled = v * 2, held = data + 1;
      evaluate({.outputs = {held}}, device);
      const std::vector<Tensor> found = evaluate(
          {.outputs = {doubled, v, data, held, full({2}, 3), doubled}, .updates = {{v, v + 10}}}, device);
      const auto check = [&] {
        REQUIRE(found.size() == 6);
        CHECK(values(found[0]) == Numbers{2, 4});
        CHECK(values(found[1]) == Numbers{1, 2});
        CHECK(values(found[2]) == Numbers{7});
        CHECK(values(found[3]) == Numbers{8});
        CHECK(values(found[4]) == Numbers{3, 3});
        CHECK(values(found[5]) == Numbers{2, 4});
        for (const Tensor& value : found) CHECK(value.node().op->kind == Kind::storage);
      };
      check();
      evaluate({.outputs = {doubled}}, device);
      CHECK(values(doubled) == Numbers{22, 24});
      assign(v, tensor({0.0, 0}));
      check();
      evaluate({.outputs = {doubled}}, device);
      CHECK(values(doubled) == Numbers{0, 0});
    }
  }

  TEST_CASE("evaluate: a value computed on one device serves another") {
    if (!device()) return;
    const Tensor x = tensor({1.0, 2}) + 1;
    evaluate({.outputs = {x}}, device());
    const Tensor y = x * 2;
    evaluate({.outputs = {y}}, reference());
    const Tensor z = y + x;
    evaluate({.outputs = {z}}, device());
    CHECK(values(z) == Numbers{6, 9});
  }

  TEST_CASE("updates: all at once, from the values at the start") {
    for (const auto& device : reference_and_device()) {
      const Tensor a = variable(tensor({1.0, 2})), b = variable(tensor({3.0, 4}));
      const Tensor seen = evaluate({.outputs = {a + 10 * b}, .updates = {{a, b}, {b, a}}}, device)[0];
      CHECK(values(a) == Numbers{3, 4});
      CHECK(values(b) == Numbers{1, 2});
      CHECK(values(seen) == Numbers{31, 42});
      const Tensor c = variable(tensor({0.0, 0}));
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
      const Tensor a = variable(tensor({1.0, 2}));
      const Tensor copy = variable(a), doubled = variable(a * 2);
      evaluate({.updates = {{a, a + 100}}}, device);
      const Tensor both = copy * 1000 + doubled;
      evaluate({.outputs = {both}}, device);
      CHECK(values(both) == Numbers{1002, 2004});

      const Tensor initial = tensor({5.0, 6});
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
    CHECK(sum_of(full({10}, 0.1)) == doctest::Approx(1).epsilon(1e-12));  // the reference computes in doubles
    CHECK(sum_of(full({2}, 4294967040.0, u32)) == 2 * 4294967040.0);
    CHECK(sum_of(full({3}, -7, i32)) == -21);
    CHECK(sum_of(ones({4}, u8)) == 4);
    CHECK(sum_of(full({2}, 0.1, f16)) == 2 * 0.0999755859375);
    CHECK(sum_of(ones({5}, boolean)) == 5);
    CHECK(std::signbit(variable(full({1}, -0.0)).item()));
  }

  TEST_CASE("leaves: the host is told what the device holds") {
    const Numbers given{0.1, 1.0 / 3, 1e-30, 16777217, -0.3};
    const auto as_floats = [](Numbers numbers) {
      for (double& number : numbers) number = static_cast<double>(static_cast<float>(number));
      return numbers;
    };
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const bool exact = device->keeps_doubles();
      CHECK(exact == (device == reference()));
      const Numbers held = exact ? given : as_floats(given);
      const Tensor data = tensor(given);
      CHECK(values(data) == held);
      const Tensor v = variable(tensor(given)), rate = variable(full({}, 0.1));
      CHECK(values(v) == held);
      CHECK(values(v * 1) == held);
      CHECK(rate.item<double>() == held[0]);
      CHECK((rate * 1).item<double>() == held[0]);
      // As a callback changes a learning rate.
      assign(rate, full({}, rate.item<double>() * 0.9));
      CHECK(rate.item<double>() == (rate * 1).item<double>());
      assign(v, tensor(given) + 0);
      CHECK(values(v) == held);
      for (const DType dtype : {f16, bf16, i32, u32, u8, boolean}) {
        const Tensor converted = variable(full({2}, 3.3, dtype));
        CHECK(values(converted) == values(cast(full({2}, 3.3, dtype), dtype)));
        assign(converted, full({2}, 77.7, dtype));
        CHECK(values(converted) == values(cast(converted, f32)));
      }
    }
    set_default_device(reference());
  }

  TEST_CASE("variable: random initial values are drawn once") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(random_uniform({4}, random_key(3)));
      const Tensor shifted = v + 0.5;
      const Tensor before = evaluate({.outputs = {shifted}}, device)[0];
      evaluate({.updates = {{v, v * 1}}}, device);
      CHECK(values(before) == values(evaluate({.outputs = {shifted}}, device)[0]));
    }
  }

  TEST_CASE("detach: the value of the moment, without the graph") {
    reference();
    const Tensor v = variable(tensor({1.0, 2}));
    const Tensor snapshot = v.detach();
    evaluate({.updates = {{v, v + 1}}}, reference());
    CHECK(values(snapshot) == Numbers{1, 2});
    const Tensor y = exp(tensor({0.0})) + 1;
    const Tensor leaf = y.detach();
    CHECK(leaf.node().inputs.empty());
    CHECK(values(leaf) == Numbers{2});
    const Tensor before = (v * 10).detach();
    assign(v, tensor({0.0, 0}));
    CHECK(values(before) == Numbers{20, 30});
  }

  TEST_CASE("a loop that carries a value along keeps nothing of its past") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      Tensor x = tensor({1.0, 2});
      std::vector<std::weak_ptr<Node>> steps;
      for (int step = 0; step < 20; ++step) {
        const Tensor next = x * 0.5 + 1;
        steps.push_back(next.pointer());
        x = next.detach();
      }
      device->forget_compiled();
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
