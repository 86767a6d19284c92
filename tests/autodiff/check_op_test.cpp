// check_op detects each fault: every test breaks an operation or a device in one way.
#include "autodiff/check_op.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autodiff/draw.h"
#include "graph/error.h"
#include "ops/elementwise.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Gradients = std::vector<Tensor>;
using Operands = std::span<const double>;

double cube(Operands x, DType) { return x[0] * x[0] * x[0]; }

// An operation as its user writes it, in one file of the user's own.
const Op cube_op{.name = "cube",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = same_as_operands,
                 .glsl = "({0} * {0} * {0})",
                 .eval = cube,
                 .cost = 2,
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   const Tensor& x = y.node().inputs[0];
                   return {g * 3 * x * x};
                 }};

const Op wrong_first_op{
    .name = "wrong_first",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = same_as_operands,
    .glsl = "({0} * {0} * {0})",
    .eval = cube,
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * 2 * y.node().inputs[0]}; }};

// The right gradient, but as an expression that cannot be differentiated again.
const Op wrong_second_op{.name = "wrong_second",
                         .kind = Kind::elementwise,
                         .arity = 1,
                         .infer = same_as_operands,
                         .glsl = "({0} * {0} * {0})",
                         .eval = cube,
                         .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                           const Tensor& x = y.node().inputs[0];
                           return {g * 3 * x * stop_gradient(x)};
                         }};

Function of(const Op& op) {
  return [&op](const std::vector<Tensor>& x) { return apply(op, {x[0]}); };
}

// The reference device with a fault: each downloaded element is replaced by `change(value, number of the
// download)`.
class Faulty : public Evaluator {
 public:
  explicit Faulty(std::function<double(double, int)> change)
      : inner_(open_device("reference")), change_(std::move(change)) {}

  std::string name() const override { return "faulty"; }
  std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype, const std::string& label) override {
    return inner_->upload(elements, dtype, label);
  }
  HostArray download(const Storage& storage, DType dtype, std::int64_t count) override {
    HostArray elements = inner_->download(storage, dtype, count);
    for (std::int64_t i = 0; i < count; ++i) elements.set(i, change_(elements.at(i), downloads_));
    ++downloads_;
    return elements;
  }
  std::shared_ptr<Executable> prepare(const compiler::Graph& graph) override {
    return inner_->prepare(graph);
  }

 private:
  std::shared_ptr<Evaluator> inner_;
  std::function<double(double, int)> change_;
  int downloads_ = 0;
};

std::string error_with(const std::vector<std::shared_ptr<Evaluator>>& devices,
                       const CheckOptions& options = {}) {
  return error_of([&] { check_op("cube", of(cube_op), {{.shape = {2, 3}}}, options, devices); });
}

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("check_op: an operation of the user's own passes") {
    check_op("cube", of(cube_op), {{.shape = {2, 3}}}, {.derivatives = 3}, devices());
  }

  TEST_CASE("check_op: a wrong gradient is found") {
    const std::string error = error_of([] { check_op("my op", of(wrong_first_op), {{.shape = {2, 3}}}); });
    CHECK(error.starts_with("[check_op] my op: element [0,0] of derivative 1 by operand 1 (f32[2,3]) is "));
    CHECK(error.find(" by its rule and ") != std::string::npos);
    CHECK(error.ends_with(" by finite differences; they may differ by 1e-06 x (1 + |the latter|)."));
    check_op("my op", of(wrong_first_op), {{.shape = {2, 3}}}, {.derivatives = 0});
  }

  TEST_CASE("check_op: a wrong second derivative is found") {
    const std::string error = error_of([] { check_op("my op", of(wrong_second_op), {{.shape = {3}}}); });
    CHECK(error.starts_with("[check_op] my op: element [0] of derivative 2 by operand 1 (f32[3]) is "));
    check_op("my op", of(wrong_second_op), {{.shape = {3}}}, {.derivatives = 1});
  }

  TEST_CASE("check_op: a device that computes something else is found") {
    const auto good = std::make_shared<Faulty>([](double x, int) { return x; });
    const auto off = std::make_shared<Faulty>([](double x, int) { return x + 1e-4 * (1 + std::abs(x)); });
    check_op("cube", of(cube_op), {{.shape = {2, 3}}}, {},
             std::vector<std::shared_ptr<Evaluator>>{good, good});
    const std::string error = error_with({off});
    CHECK(error.starts_with("[check_op] cube: element [0,0] of the result (f32[2,3]) is "));
    CHECK(error.find(" on faulty and ") != std::string::npos);
    CHECK(error.ends_with(" on the reference; they may differ by 1e-05 x (1 + |the latter|)."));
    CHECK(error_with({good, off}).find("on faulty (device 2) and") != std::string::npos);
    check_op("cube", of(cube_op), {{.shape = {2, 3}}}, {.tolerance = 1e-3},
             std::vector<std::shared_ptr<Evaluator>>{off});
  }

  TEST_CASE("check_op: fused and unfused may not drift apart") {
    const auto up = std::make_shared<Faulty>([](double x, int) { return x + 8e-6; });
    const auto down = std::make_shared<Faulty>([](double x, int) { return x - 8e-6 * (1 + std::abs(x)); });
    CHECK(error_with({up, down}).find(" on faulty (device 2) and ") != std::string::npos);
    CHECK(error_with({up, down}).find(" on faulty; they may differ") != std::string::npos);
  }

  TEST_CASE("check_op: a derivative that differs between devices is found") {
    // The order of downloads is result, first derivative, second derivative.
    const auto off =
        std::make_shared<Faulty>([](double x, int download) { return download == 2 ? x + 1 : x; });
    CHECK(error_with({off}).find("of derivative 2 by operand 1") != std::string::npos);
  }

  TEST_CASE("check_op: later devices are compared to the first derivative, or as high as told") {
    const auto good = std::make_shared<Faulty>([](double x, int) { return x; });
    const auto off_in = [](int part) {
      return std::make_shared<Faulty>(
          [part](double x, int download) { return download == part ? x + 1 : x; });
    };
    CHECK(error_with({good, off_in(1)}).find("of derivative 1 by operand 1") != std::string::npos);
    CHECK(error_with({good, off_in(2)}, {.variant_derivatives = 2}).find("of derivative 2 by operand 1") !=
          std::string::npos);
  }

  TEST_CASE("check_op: a device that is not deterministic is found") {
    const auto off = std::make_shared<Faulty>([](double x, int download) { return x + 1e-9 * download; });
    CHECK(error_with({off}) ==
          "[check_op] cube: two runs on faulty differ in the result; the same computation must give the same "
          "bits.");
  }

  TEST_CASE("check_op: integers must be equal") {
    const auto off = std::make_shared<Faulty>([](double x, int) { return x + 1; });
    const Function function = [](const std::vector<Tensor>& x) { return x[0] + 1000000; };
    const std::string error = error_of([&] {
      check_op("add", function, {{{2}, 0, 9, i32}}, {}, std::vector<std::shared_ptr<Evaluator>>{off});
    });
    CHECK(error.ends_with(" on the reference; they may differ by 0 x (1 + |the latter|)."));
  }

  TEST_CASE("check_op: what is drawn keeps apart, and is the same every time") {
    const std::vector<Operand> operands{
        {{40}, -1, 1}, {{40}, -1, 1}, {{20}, -3, 3, i32}, {{9}, 0, 1, boolean}};
    const auto drawn = draw_operands(operands, {});
    CHECK(drawn == draw_operands(operands, {}));
    CHECK(drawn != draw_operands(operands, {.seed = 2}));
    std::vector<double> numbers = drawn[0];
    numbers.insert(numbers.end(), drawn[1].begin(), drawn[1].end());
    std::sort(numbers.begin(), numbers.end());
    CHECK(numbers.front() > -1);
    CHECK(numbers.back() < 1);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      CHECK(std::abs(numbers[i]) > 1e-3);
      CHECK(numbers[i] == static_cast<double>(static_cast<float>(numbers[i])));
      if (i > 0) CHECK(numbers[i] - numbers[i - 1] > 2.0 / 109 * 0.4);
    }
    bool has_low = false, has_high = false;
    for (const double number : drawn[2]) {
      CHECK(number == std::round(number));
      has_low |= number == -3;
      has_high |= number == 3;
      CHECK(std::abs(number) <= 3);
    }
    CHECK((has_low && has_high));
    for (const double number : drawn[3]) CHECK((number == 0 || number == 1));
  }
}

}  // namespace hekla::testing
