// C++ numbers in expressions: structure until they change, then data.
#include "graph/compiler/numbers.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "autodiff/grad.h"
#include "graph/run/number_history.h"
#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/compiler/variants.h"
#include "tests/support/devices.h"

namespace hekla::testing {

using namespace compiler;

namespace {

using Numbers = std::vector<double>;
using Formula = std::function<Tensor(const Tensor& x, double a, double b)>;

Numbers on(const std::shared_ptr<Evaluator>& device, const Tensor& x) {
  return evaluate({.outputs = {x}}, device)[0].to_vector<double>();
}

void forget(const std::shared_ptr<Evaluator>& device) { device->forget_compiled(); }

// Fused and unfused, too.
std::vector<std::shared_ptr<Evaluator>> all_devices() {
  std::vector<std::shared_ptr<Evaluator>> devices{reference()};
  for (const Variant& variant : variants()) devices.push_back(variant.device);
  return devices;
}

const std::vector<Formula> formulas{
    [](const Tensor& x, double a, double b) { return x * a * b; },
    [](const Tensor& x, double a, double b) { return x * a / b - a; },
    [](const Tensor& x, double a, double b) { return x + a + b + (x - a - b); },
    [](const Tensor& x, double a, double b) { return (x - a) / (x * x + b) * a; },
    [](const Tensor& x, double a, double b) {
      return x * (full({}, a) * b / 3 + 0.1) + full({}, a) * 0.3 * 7;
    },
    [](const Tensor& x, double a, double b) {
      return exp(x * a) + log(abs(x) + b) + sin(a * x) * tanh(x - b);
    },
    [](const Tensor& x, double a, double b) { return pow(abs(x) + 0.5, a) + pow(abs(x) + 0.5, full({}, b)); },
    [](const Tensor& x, double a, double b) { return where(x > a, x * b, maximum(x, -b)); },
    [](const Tensor& x, double a, double b) { return clip(x, -a, a) % b; },
    [](const Tensor& x, double a, double b) { return sum(x * a, {0}) * b + mean(square(x - b)) * a; },
    [](const Tensor& x, double a, double b) { return matmul(x * a, transpose(x) + b) * a - b; },
    [](const Tensor& x, double a, double b) {
      return softmax(x * a) * 0.9 + full({6, 10}, b) * (1 - 0.9);
    },
    [](const Tensor& x, double a, double b) {
      return full({7, 3}, a) * broadcast_to(mean(x) * b, {7, 3});
    },
    [](const Tensor& x, double a, double b) { return grad(sum(exp(x * a) * x * b + pow(abs(x) + 1, a)), x); },
    [](const Tensor& x, double a, double) {
      const auto n = static_cast<int>(a * 10);
      return cast(cast(x * 100, i32) * n + n / 2 - n * cast(x, i32), f32);
    },
    [](const Tensor& x, double a, double) {
      return x + random_normal({6, 10}, random_key(5, static_cast<std::uint32_t>(a * 10)));
    },
    [](const Tensor& x, double a, double b) {
      return cast(full({6, 10}, a, f16), f32) * x + cast(full({6, 10}, b, bf16), f32) +
             cast(where(x > 0, full({6, 10}, a, bf16), full({6, 10}, b, bf16)), f32) +
             cast(where(x > 0.5, full({6, 10}, 10 * a, u8), full({6, 10}, 10 * b, u8)), f32);
    },
};

// The second pair exchanges the numbers of the first; the last has equal ones.
const std::vector<std::pair<double, double>> pairs{{0.3, 0.7}, {0.7, 0.3},  {0.4, 0.7},
                                                   {1.7, 2.9}, {12.5, 3.1}, {2.5, 2.5}};

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("numbers: one that is structure is not taken for the place of another") {
    for (const auto& device : all_devices()) {
      forget(device);
      const auto power = [&](double base, double exponent) {
        return on(device, pow(full({1}, base), full({1}, exponent)));
      };
      CHECK(power(0, 0.5) == Numbers{0});
      CHECK(power(0, 3) == Numbers{0});
      CHECK(power(0.5, 0) == Numbers{1});
      CHECK(power(0.25, 0.5) == Numbers{0.5});
    }
  }

  TEST_CASE("numbers: the same bits as structure and as data") {
    const Tensor x = random_normal({6, 10}, random_key(3)).detach();
    for (const auto& device : all_devices()) {
      for (std::size_t f = 0; f < formulas.size(); ++f) {
        CAPTURE(device->name());
        CAPTURE(f);
        std::vector<Numbers> as_structure;
        for (const auto& [a, b] : pairs) {
          forget(device);
          as_structure.push_back(on(device, formulas[f](x, a, b)));
        }
        forget(device);
        for (int round = 0; round < 2; ++round) {
          for (std::size_t i = 0; i < pairs.size(); ++i) {
            CAPTURE(i);
            const Tensor y = formulas[f](x, pairs[i].first, pairs[i].second);
            CHECK(compile({.outputs = {y}}, device).run()[0].to_vector<double>() == as_structure[i]);
            CHECK(on(device, y) == as_structure[i]);
          }
        }
      }
    }
  }

  TEST_CASE("numbers: one that changes finds its plan again, whatever its dtype") {
    const Tensor x = tensor({1.0, 2, 3});
    const std::vector<std::function<Tensor(int)>> loops{
        [&](int k) { return x * (0.01 * k); },
        [&](int k) { return sum(square(x) * (0.5 * k) + 0.5); },
        [&](int k) { return full({3}, 0.13 * k) + x; },
        [&](int k) { return cast(x, i32) * k; },
        [&](int k) { return cast(x, u32) * static_cast<std::uint32_t>(k); },
        [&](int k) { return cast(full({3}, k, u8), f32) * x; },
        [&](int k) { return cast(full({3}, 0.5 * k, bf16), f32) * x; },
        [&](int k) { return random_uniform({3}, random_key(1, static_cast<std::uint32_t>(k))); },
        [&](int k) { return random_uniform({3}, random_key(static_cast<std::uint32_t>(k), 3)); },
    };
    for (const auto& device : reference_and_device()) {
      for (std::size_t l = 0; l < loops.size(); ++l) {
        CAPTURE(l);
        for (const bool compiled : {false, true}) {
          forget(device);
          std::vector<Numbers> found;
          for (int k = 5; k < 14; ++k) {  // none is 1 or another number of its formula
            const Tensor y = loops[l](k);
            found.push_back(compiled ? compile({.outputs = {y}}, device).run()[0].to_vector<double>()
                                     : on(device, y));
            CHECK(device->compiled_count() <= 2);
          }
          for (std::size_t i = 1; i < found.size(); ++i) CHECK(found[i] != found[i - 1]);
        }
      }
    }
  }

  TEST_CASE("numbers: those that never change stay structure") {
    const Tensor x = input("x", {4});
    const std::shared_ptr<Evaluator> device = open_device("reference");
    const auto leaves = [&](double a, double b) {
      return compile({.outputs = {x * a + b}}, device).describe();
    };
    CHECK(leaves(2, 3) == leaves(2, 4));
    NumberHistory history;
    CHECK(history.changed(0, Numbers{2, 3}) == std::vector<bool>{false, false});
    CHECK(history.changed(0, Numbers{2, 4}) == std::vector<bool>{false, true});
    CHECK(history.changed(0, Numbers{2, 3}) == std::vector<bool>{false, true});
    CHECK(history.changed(0, Numbers{5, 3}) == std::vector<bool>{true, true});
    for (const double always : Numbers{0.0, -0.0, 1.0, -1.0, INFINITY, -INFINITY, NAN})
      CHECK(!may_be_data(always, f32));
    CHECK(!may_be_data(1, boolean));
    CHECK(may_be_data(-2, i32));
  }

  TEST_CASE("numbers: a program keeps those that it was compiled with") {
    for (const auto& device : reference_and_device()) {
      forget(device);
      const Tensor x = input("x", {2}), v = variable(tensor({1.0, 2}));
      std::vector<Program> programs;
      for (int k = 2; k < 6; ++k)
        programs.push_back(compile({.outputs = {x * k + 0.5}, .updates = {{v, v + k}}}, device));
      for (int round = 0; round < 2; ++round) {
        for (int k = 2; k < 6; ++k)
          CHECK(programs[static_cast<std::size_t>(k - 2)]
                    .run({{x, tensor({1.0, 10})}}, 2)[0]
                    .to_vector<double>() == Numbers{k + 0.5, 10 * k + 0.5});
      }
      CHECK(v.to_vector<double>() == Numbers{57, 58});
    }
  }
}

}  // namespace hekla::testing
