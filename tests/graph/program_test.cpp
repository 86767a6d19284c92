// Compiled programs: feeds, steps, state.
#include "graph/run/program.h"

#include <doctest/doctest.h>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

Numbers values(const Tensor& x) { return x.to_vector<double>(); }

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("program: inputs are fed at each run") {
    for (const auto& device : reference_and_device()) {
      const Tensor x = input("x", {2}), scale = input("scale", {});
      Program program = compile({.outputs = {x * scale, sum(x)}}, device);
      const std::vector<Tensor> first = program.run({{x, tensor({1.0, 2})}, {scale, tensor({10.0}, {})}});
      const std::vector<Tensor> second = program.run({{scale, tensor({5.0}, {})}, {x, tensor({1.0, 2}) + 1}});
      CHECK(values(first[0]) == Numbers{10, 20});
      CHECK(values(first[1]) == Numbers{3});
      CHECK(values(second[0]) == Numbers{10, 15});
      CHECK(values(second[1]) == Numbers{5});
    }
  }

  TEST_CASE("program: what is fed stays for all steps, also a variable that they update") {
    for (const auto& device : reference_and_device()) {
      const Tensor x = input("x", {1}), v = variable(tensor({3.0})), w = variable(tensor({5.0}));
      Program program = compile({.outputs = {x}, .updates = {{v, v + x}, {w, x * 2}}}, device);
      CHECK(values(program.run({{x, v}}, 4)[0]) == Numbers{3});
      CHECK(values(v) == Numbers{15});
      CHECK(values(w) == Numbers{6});
      program.run({{x, w + v}});
      CHECK(values(v) == Numbers{36});
      CHECK(values(w) == Numbers{42});
    }
  }

  TEST_CASE("program: many steps in a row, outputs of the last") {
    for (const auto& device : reference_and_device()) {
      const Tensor a = variable(tensor({0.0}, {})), b = variable(tensor({1.0}, {}));
      Program fibonacci = compile({.outputs = {a, a + b}, .updates = {{a, b}, {b, a + b}}}, device);
      const std::vector<Tensor> results = fibonacci.run(10);
      // Reads see the values at the start of a step: the last step started from 34 and 55.
      CHECK(values(results[0]) == Numbers{34});
      CHECK(values(results[1]) == Numbers{89});
      CHECK(values(a) == Numbers{55});
      CHECK(values(b) == Numbers{89});
      fibonacci.run();
      CHECK(values(a) == Numbers{89});
      // More steps than one recording holds.
      const Tensor counter = variable(tensor({0.0}, {}));
      compile({.updates = {{counter, counter + 1}}}, device).run(1000);
      CHECK(values(counter) == Numbers{1000});
      CHECK(values(results[0]) == Numbers{34});
    }
  }

  TEST_CASE("program: variables swapped by updates, an even and an odd number of times") {
    for (const auto& device : reference_and_device()) {
      const Tensor a = variable(tensor({1.0, 2, 3})), b = variable(tensor({4.0, 5, 6}));
      Program swap = compile({.updates = {{a, b}, {b, a}}}, device);
      swap.run(4);
      CHECK(values(a) == Numbers{1, 2, 3});
      swap.run(3);
      CHECK(values(a) == Numbers{4, 5, 6});
      CHECK(values(b) == Numbers{1, 2, 3});
    }
  }

  TEST_CASE("program: outputs, leaves and constants among them, stay what they were") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(tensor({1.0})), data = tensor({5.0});
      Program program =
          compile({.outputs = {v, data, full({2}, 3), v + 1, v + 1}, .updates = {{v, v + 1}}}, device);
      const std::vector<Tensor> first = program.run();
      const std::vector<Tensor> second = program.run();
      CHECK(values(first[0]) == Numbers{1});
      CHECK(values(second[0]) == Numbers{2});
      CHECK(values(first[1]) == Numbers{5});
      CHECK(values(first[2]) == Numbers{3, 3});
      CHECK(values(first[3]) == Numbers{2});
      CHECK(values(first[4]) == Numbers{2});
      CHECK(values(v) == Numbers{3});
    }
  }

  TEST_CASE("program: computes anew, whatever values are held") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(tensor({1.0}));
      const Tensor doubled = v * 2;
      evaluate({.outputs = {doubled}}, device);
      Program program = compile({.outputs = {doubled + 0.5}}, device);
      assign(v, tensor({10.0}));
      CHECK(values(program.run()[0]) == Numbers{20.5});
    }
  }

  TEST_CASE("program: a random stream advances with a counter, the same every time") {
    for (const auto& device : reference_and_device()) {
      const auto draw = [&](int steps) {
        const Tensor counter = variable(full({}, 0, u32));
        const Tensor bits = random_bits({3}, {7, counter});
        Program program = compile({.outputs = {bits}, .updates = {{counter, counter + 1}}}, device);
        return values(program.run(steps)[0]);
      };
      CHECK(draw(1) != draw(2));
      CHECK(draw(3) == draw(3));
      const Tensor third = random_bits({3}, random_key(7, 2));
      evaluate({.outputs = {third}}, reference());
      CHECK(draw(3) == values(third));
    }
  }

  TEST_CASE("program: the same bits as evaluation") {
    for (const auto& device : reference_and_device()) {
      const auto loss = [] { return mean(square(sin(random_uniform({1000}, random_key(2))) - 0.3)); };
      const Tensor dynamic = loss();
      evaluate({.outputs = {dynamic}}, device);
      CHECK(values(dynamic) == values(compile({.outputs = {loss()}}, device).run()[0]));
    }
  }

  TEST_CASE("program: describes its plan") {
    const Tensor x = tensor({1.0, 2});
    CHECK(compile({.outputs = {exp(x) + 1}}, reference()).describe() ==
          "%0 = f32[2] data\n%1 = f32[2] exp %0\n%2 = f32[2] constant\n%3 = f32[2] add %1 %2\n");
  }
}

}  // namespace hekla::testing
