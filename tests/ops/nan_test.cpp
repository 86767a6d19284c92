// NaN and infinity: operations propagate NaN on the reference device, fused, unfused, in the form of other
// devices, and where the compiler folds constants. Expected values follow IEEE 754-2019 and PyTorch.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/ops.h"
#include "ops/statistics.h"
#include "tests/ops/lines.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

using Expected = std::vector<std::vector<double>>;

std::string text_of(const std::vector<double>& elements) {
  std::string text;
  for (const double element : elements)
    text += std::isnan(element) ? "nan " : std::to_string(static_cast<float>(element)) + " ";
  return text;
}

void check_values(const Tensor& result, const std::vector<double>& expected, std::size_t which,
                  const std::string& where) {
  const std::vector<double> found = result.to_vector<double>();
  CAPTURE(which);
  CAPTURE(where);
  CHECK(text_of(found) == text_of(expected));
}

// All results are in one computation, so that each device needs one plan.
void expect_everywhere(const std::function<std::vector<Tensor>()>& build, const Expected& expected) {
  std::vector<std::shared_ptr<Evaluator>> all{reference()};
  all.insert(all.end(), devices().begin(), devices().end());
  for (std::size_t d = 0; d < all.size(); ++d) {
    const std::vector<Tensor> results = build();
    REQUIRE(results.size() == expected.size());
    evaluate({.outputs = results}, all[d]);
    for (std::size_t i = 0; i < results.size(); ++i)
      check_values(results[i], expected[i], i, d == 0 ? "reference" : std::to_string(d - 1));
  }
}

// The same with constants, one for each element.
Tensor known(double number) { return full({2}, number); }

// Reshapes x to [1, n, 1] for max_pool.
Tensor line(const Tensor& x) { return reshape(x, {1, x.count(), 1}); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("NaN: every function of one operand gives NaN for it") {
    std::vector<Line> lines;
    std::string last;
    for (Line& line : unary_lines()) {
      const std::string name = line.name.substr(0, line.name.find(' '));
      if (name != last) lines.push_back(std::move(line));
      last = name;
    }
    CHECK(lines.size() > 35);
    std::vector<std::shared_ptr<Evaluator>> all{reference()};
    all.insert(all.end(), devices().begin(), devices().end());
    constexpr std::size_t together = 8;
    for (const auto& tested : all) {
      CAPTURE(tested->name());
      for (std::size_t begin = 0; begin < lines.size(); begin += together) {
        const std::size_t end = std::min(begin + together, lines.size());
        const Tensor x = tensor({nan, 0.5});
        std::vector<Tensor> results;
        for (std::size_t i = begin; i < end; ++i) {
          results.push_back(lines[i].function({x}));
          results.push_back(lines[i].function({known(nan)}));
        }
        evaluate({.outputs = results}, tested);
        for (std::size_t i = 0; i < results.size(); ++i) {
          CAPTURE(lines[begin + i / 2].name);
          const std::vector<double> found = results[i].to_vector<double>();
          CHECK(std::isnan(found[0]));
          CHECK(std::isnan(found[1]) == (i % 2 == 1));
        }
      }
    }
  }

  TEST_CASE("NaN: one that a driver's compiler knows is kept") {
    std::vector<Function> functions;
    for (Tensor (*const function)(const Tensor&) :
         {&sin,      &cos, &tan,   &asin,   &acos,   &atan,    &sinh,  &cosh,  &tanh,  &exp,
          &expm1,    &log, &log1p, &log2,   &log10,  &exp2,    &asinh, &acosh, &atanh, &sigmoid,
          &softplus, &erf, &erfc,  &erfinv, &lgamma, &digamma, &round, &trunc})
      functions.push_back([function](const std::vector<Tensor>& x) { return function(x[0]); });
    expect_everywhere(
        [&] {
          std::vector<Tensor> results;
          for (const Function& function : functions) {
            // An element in memory keeps the sum from being folded on the host.
            results.push_back(function({tensor({1.0, 2}) + full({2}, nan)}));
          }
          return results;
        },
        Expected(functions.size(), {nan, nan}));
  }

  TEST_CASE("NaN: a zero that the compiler knows does not hide the other operand") {
    const std::vector<Tensor (*)(const Tensor&, const Tensor&)> functions{
        add, subtract, multiply, divide, floor_divide, modulo, pow, maximum, minimum};
    const auto build = [&] {
      // 100 elements, so that no constant folding takes place on the host.
      const Tensor x = tile(tensor({nan, inf, -inf, 0, 1, -2, -0.0, 3, 0.5, -0.5}), {10});
      std::vector<Tensor> results;
      for (const auto& function : functions) {
        results.push_back(function(full({100}, 0), x));
        results.push_back(function(x, full({100}, 0)));
      }
      return results;
    };
    Expected expected;
    for (const Tensor& result : evaluate({.outputs = build()}, reference()))
      expected.push_back(result.to_vector<double>());
    CHECK(std::isnan(expected[8][3]));  // 0 // 0
    for (std::vector<double>& each : expected) {
      for (double& element : each) element += 0;  // no sign of zeros
    }
    expect_everywhere(
        [&] {
          std::vector<Tensor> results = build();
          for (Tensor& result : results) result = where(equal(result, 0), 0, result);
          return results;
        },
        expected);
  }

  TEST_CASE("NaN: a zero that a driver finds by unrolling a loop does not hide it") {
    expect_everywhere(
        [] {
          const Tensor x = tensor({1.0, 2, 3, 4, 5, 6}, {2, 3}), bad = tensor({nan, inf, 2});
          // The last row of the product is that of the padding: sigmoid(-inf).
          const Tensor none = prod(sigmoid(pad(x, {{0, 1}, {0, 0}}, -inf)), {0});
          const Tensor weights = cast(iota({3, 3}, 0), f32);
          return std::vector<Tensor>{
              none * bad, sum(weights * bad, {0}), sum(pad(x, {{1, 0}, {0, 0}}) * bad, {0}),
              matmul(pad(x, {{0, 0}, {1, 0}}), reshape(tensor({nan, 1, 1, 1}), {4, 1}))};
        },
        {{nan, nan, 0}, {nan, nan, 6}, {nan, nan, 18}, {nan, nan}});
  }

  TEST_CASE("NaN: maximum, minimum and clip give it whichever operand it is") {
    expect_everywhere(
        [] {
          const Tensor a = tensor({nan, 1, nan, 2, -inf, inf}), b = tensor({1, nan, nan, 3, nan, nan});
          return std::vector<Tensor>{maximum(a, b),
                                     minimum(a, b),
                                     maximum(a, 0),
                                     minimum(0, a),
                                     maximum(nan, a),
                                     clip(a, -1, 1),
                                     clip(tensor({0.0, 5, -5}), tensor({nan, -1, -1}), tensor({1, nan, 1})),
                                     clip(tensor({0.5, 2}), nan, 1),
                                     maximum(known(nan), known(1)),
                                     maximum(known(1), known(nan)),
                                     minimum(known(1), known(nan)),
                                     clip(known(nan), -1, 1)};
        },
        {{nan, nan, nan, 3, nan, nan},
         {nan, nan, nan, 2, nan, nan},
         {nan, 1, nan, 2, 0, inf},
         {nan, 0, nan, 0, -inf, 0},
         {nan, nan, nan, nan, nan, nan},
         {nan, 1, nan, 1, -1, 1},
         {nan, nan, -1},
         {nan, nan},
         {nan, nan},
         {nan, nan},
         {nan, nan},
         {nan, nan}});
  }

  TEST_CASE("NaN: the activations that are made of comparisons") {
    expect_everywhere(
        [] {
          const Tensor x = tensor({nan, 1, -1, inf, -inf});
          return std::vector<Tensor>{relu(x), relu6(x), leaky_relu(x), hard_sigmoid(x), sign(x), abs(x)};
        },
        {{nan, 1, 0, inf, 0},
         {nan, 1, 0, 6, 0},
         {nan, 1, -0.2, inf, -inf},
         {nan, 4.0f / 6, 2.0f / 6, 1, 0},
         {nan, 1, -1, 1, -1},
         {nan, 1, 1, inf, inf}});
  }

  TEST_CASE("NaN: max and min over axes, short, long and in the order of memory or across it") {
    const auto with_nan = [](const Shape& shape, std::int64_t at) {
      std::vector<float> elements(static_cast<std::size_t>(shape.count()), 1);
      elements[static_cast<std::size_t>(at)] = std::numeric_limits<float>::quiet_NaN();
      return tensor(elements, shape);
    };
    expect_everywhere(
        [&] {
          const Tensor x = tensor({nan, 1, 2, 3, 4, -inf}, {2, 3});
          const Tensor rows = with_nan({3, 300}, 300 + 299), columns = with_nan({300, 4}, 4 * 77 + 2);
          return std::vector<Tensor>{max(x),
                                     min(x),
                                     max(x, {1}),
                                     min(x, {1}),
                                     max(x, {0}),
                                     max(tensor({nan, nan})),
                                     min(tensor({nan, nan})),
                                     max(tensor({-inf, nan, -inf})),
                                     norm(tensor({nan, 1, -1}), inf),
                                     max(rows, {1}),
                                     min(columns, {0}),
                                     max(with_nan({100'001}, 0)),
                                     min(with_nan({100'001}, 100'000)),
                                     max(known(nan))};
        },
        {{nan},
         {nan},
         {nan, 4},
         {nan, -inf},
         {nan, 4, 2},
         {nan},
         {nan},
         {nan},
         {nan},
         {1, nan, 1},
         {1, 1, nan, 1},
         {nan},
         {nan},
         {nan}});
  }

  TEST_CASE("NaN: pooling, softmax and what else folds") {
    expect_everywhere(
        [] {
          const Tensor x = tensor({nan, 1, 2, nan, 5, 6});
          const PoolOptions same{.padding = PaddingMode::same};
          return std::vector<Tensor>{max_pool1d(line(x), {2}),
                                     max_pool1d(line(tensor({3, 1, nan})), {2}, same),
                                     global_max_pool(line(x)),
                                     average_pool1d(line(x), {2}),
                                     softmax(tensor({nan, 1, -1})),
                                     log_softmax(tensor({nan, 1})),
                                     logsumexp(tensor({nan, 1})),
                                     sum(x),
                                     prod(x),
                                     cast(any(tensor({nan, 0})), f32),
                                     cast(all(tensor({nan, 0})), f32)};
        },
        {{nan, nan, 6},
         {3, nan},
         {nan},
         {nan, nan, 5.5},
         {nan, nan, nan},
         {nan, nan},
         {nan},
         {nan},
         {nan},
         {1},
         {0}});
  }

  TEST_CASE("NaN: argmax and argmin give the place of the first") {
    expect_everywhere(
        [] {
          const Tensor x = tensor({1, nan, 3, nan, 2, 9, 5, 1, nan, nan, nan, nan}, {3, 4});
          return std::vector<Tensor>{argmax(x, 1),
                                     argmin(x, 1),
                                     argmax(x, 0),
                                     argmin(tensor({nan, 1, 2})),
                                     argmax(tensor({nan, nan, nan})),
                                     argmax(tensor({-inf, inf, nan}))};
        },
        {{1, 1, 0}, {1, 3, 0}, {2, 0, 2, 0}, {0}, {0}, {2}});
  }

  TEST_CASE("NaN: products of matrices of which one is known to be 0") {
    expect_everywhere(
        [] {
          const Tensor x = tensor({1, -inf, 2, nan, 1, 5}, {3, 2});
          return std::vector<Tensor>{matmul(zeros({2, 3}), x), matmul(x, zeros({2, 1})),
                                     matmul(relu(full({1, 3}, -7.0)), x),
                                     matmul(where(reshape(arange(6, f32), {2, 3}) > 9, 1.0, 0.0), x)};
        },
        {{0, nan, 0, nan}, {nan, nan, 0}, {0, nan}, {0, nan, 0, nan}});
  }

  TEST_CASE("NaN: differences and products that a driver may take for 0") {
    expect_everywhere(
        [] {
          const Tensor x = tensor({nan, inf, -inf, 2}), zero = tensor({0, -0.0, 0, 0});
          return std::vector<Tensor>{x - x,
                                     x * 0,
                                     0 * x,
                                     x * -0.0 + 1,
                                     x * zeros({4}),
                                     x * zero,
                                     0 / x,
                                     x / 0,
                                     (x - x) + 1,
                                     x / x,
                                     x + -x,
                                     2 * x - x - x,
                                     sum(x * 0),
                                     x * (tensor({1.0, 1, 1, 1}) - 1),
                                     where(x > 3, x, 0) * 0,
                                     known(inf) * 0,
                                     known(inf) - known(inf)};
        },
        {{nan, nan, nan, 0},
         {nan, nan, nan, 0},
         {nan, nan, nan, 0},
         {nan, nan, nan, 1},
         {nan, nan, nan, 0},
         {nan, nan, nan, 0},
         {nan, 0, -0.0, 0},
         {nan, inf, -inf, inf},
         {nan, nan, nan, 1},
         {nan, nan, nan, 1},
         {nan, nan, nan, 0},
         {nan, nan, nan, 0},
         {nan},
         {nan, nan, nan, 0},
         {0, nan, 0, 0},
         {nan, nan},
         {nan, nan}});
  }

  TEST_CASE("NaN: logarithms of negative numbers, and of 0 and infinity") {
    expect_everywhere(
        [] {
          const Tensor x = variable(tensor({-0.5, -1, 0, inf, -inf, nan, 1}));
          return std::vector<Tensor>{log(x), log(x * 1.0)};
        },
        {{nan, nan, -inf, inf, nan, nan, 0}, {nan, nan, -inf, inf, nan, nan, 0}});
  }

  TEST_CASE("NaN: comparisons are false, and so is equality") {
    expect_everywhere(
        [] {
          const Tensor x = tensor({nan, 1}), y = tensor({1, nan});
          const auto number = [](const Tensor& truth) { return cast(truth, i32); };
          return std::vector<Tensor>{number(x < y),           number(x <= y),
                                     number(x > y),           number(x >= y),
                                     number(x == y),          number(x != y),
                                     number(x == x),          number(x != x),
                                     number(!(x < 2)),        number(cast(x, boolean)),
                                     number(known(nan) <= 1), number(known(nan) != known(nan))};
        },
        {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {1, 1}, {0, 1}, {1, 0}, {1, 0}, {1, 1}, {0, 0}, {1, 1}});
  }

  TEST_CASE("NaN: f16 and bf16 hold it") {
    expect_everywhere(
        [] {
          std::vector<Tensor> results;
          for (const DType half : {f16, bf16}) {
            const Tensor x = cast(tensor({nan, inf, 1}), half);
            results.insert(results.end(),
                           {cast(x, f32), relu(cast(x, f32)), cast(cast(known(nan), half), f32)});
          }
          return results;
        },
        {{nan, inf, 1}, {nan, inf, 1}, {nan, nan}, {nan, inf, 1}, {nan, inf, 1}, {nan, nan}});
  }

  TEST_CASE("NaN: gradients of what is made of comparisons") {
    const auto gradient = [](const std::function<Tensor(const Tensor&)>& function, const Tensor& x) {
      return grad(sum(function(x) * 2), x);
    };
    expect_everywhere(
        [&] {
          const auto x = [] { return tensor({nan, 1, -1}); };
          const Tensor a = x(), b = tensor({1, nan, -1});
          const auto of_both = grad(sum(maximum(a, b)), {a, b});
          return std::vector<Tensor>{
              gradient(relu, x()),
              gradient(relu6, x()),
              gradient([](const Tensor& t) { return leaky_relu(t); }, x()),
              gradient([](const Tensor& t) { return clip(t, -0.5, 2); }, x()),
              gradient([](const Tensor& t) { return abs(t); }, x()),
              gradient([](const Tensor& t) { return maximum(t, 0); }, x()),
              gradient([](const Tensor& t) { return max(t); }, x()),
              gradient([](const Tensor& t) { return max(t); }, tensor({3.0, 3, 1})),
              gradient([](const Tensor& t) { return max_pool1d(line(t), {2}); }, tensor({nan, 1, 5, 2})),
              of_both[0],
              of_both[1]};
        },
        // PyTorch's relu, hardtanh and maximum pass the gradient. Its clamp differs, as it passes it only
        // within the bounds, and so does its max, which gives it to the NaN alone.
        {{2, 2, 0},
         {2, 2, 0},
         {0.4, 2, 0.4},
         {2, 2, 0},
         {nan, 2, -2},
         {2, 2, 0},
         {2.0 / 3, 2.0 / 3, 2.0 / 3},
         {1, 1, 0},
         {1, 1, 2, 0},
         {1, 1, 0.5},
         {1, 1, 0.5}});
  }

  TEST_CASE("NaN: no loss loses that of a prediction") {
    using Loss = Tensor (*)(const Tensor&, const Tensor&, const LossOptions&);
    const std::vector<Loss> losses{mean_squared_error,
                                   mean_absolute_error,
                                   huber,
                                   log_cosh,
                                   poisson,
                                   cosine_similarity,
                                   hinge,
                                   squared_hinge,
                                   categorical_hinge,
                                   kl_divergence,
                                   binary_crossentropy,
                                   binary_crossentropy_from_logits,
                                   categorical_crossentropy,
                                   categorical_crossentropy_from_logits};
    expect_everywhere(
        [&] {
          std::vector<Tensor> results;
          for (const Loss loss : losses)
            results.push_back(loss(tensor({0.0, 1, 0}, {1, 3}), tensor({0.2, nan, 0.1}, {1, 3}), {}));
          results.push_back(sparse_categorical_crossentropy(tensor(std::vector<std::int32_t>{1}),
                                                            tensor({0.2, nan, 0.1}, {1, 3})));
          results.push_back(sparse_categorical_crossentropy_from_logits(tensor(std::vector<std::int32_t>{1}),
                                                                        tensor({0.2, 0.3, nan}, {1, 3})));
          return results;
        },
        Expected(losses.size() + 2, {nan}));
  }
}

}  // namespace hekla::testing
