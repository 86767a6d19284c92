#include "tests/support/everywhere.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/reduce.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

// Whether both agree within `tolerance` relative to `expected`; the sign of 0 counts.
bool agree(double actual, double expected, double tolerance) {
  if (std::isnan(expected)) return std::isnan(actual);
  if (expected == 0) return actual == 0 && std::signbit(actual) == std::signbit(expected);
  return actual == expected || std::fabs(actual - expected) <= tolerance * std::fabs(expected);
}

void compare(const std::string& device, const std::string& how, std::vector<double> actual, DType dtype,
             const std::vector<double>& expected, double tolerance) {
  REQUIRE(actual.size() == expected.size());
  // The reference device has more precision and range than f32.
  if (is_float(dtype)) {
    for (double& number : actual) number = static_cast<float>(number);
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(device);
    CAPTURE(how);
    CAPTURE(i);
    CAPTURE(actual[i]);
    CAPTURE(expected[i]);
    CHECK(agree(actual[i], expected[i], tolerance));
  }
}

}  // namespace

void everywhere(const ElementwiseFunction& function, const std::vector<std::vector<double>>& operands,
                DType dtype, const std::vector<double>& expected, double tolerance) {
  std::vector<std::shared_ptr<Evaluator>> all{reference()};
  all.insert(all.end(), devices().begin(), devices().end());
  const auto count = static_cast<std::int64_t>(expected.size());
  for (const auto& device : all) {
    Operands stored;
    for (const auto& numbers : operands) {
      if (dtype == f32) {
        stored.push_back(tensor(std::vector<float>(numbers.begin(), numbers.end())));
      } else if (dtype == i32) {
        stored.push_back(tensor(std::vector<std::int32_t>(numbers.begin(), numbers.end())));
      } else {
        stored.push_back(tensor(std::vector<std::uint32_t>(numbers.begin(), numbers.end())));
      }
    }
    const Tensor computed = function(stored);
    evaluate({.outputs = {computed}}, device);
    compare(device->name(), "from memory", computed.to_vector<double>(), computed.dtype(), expected,
            tolerance);
    Operands results;
    for (std::int64_t i = 0; i < count; ++i) {
      Operands numbers;
      for (const auto& operand : operands) {
        const double number = operand[static_cast<std::size_t>(i)];
        numbers.push_back(full({1}, dtype == f32 ? static_cast<float>(number) : number, dtype));
      }
      results.push_back(function(numbers));
    }
    std::vector<double> folded;
    for (const Tensor& result : results) {
      evaluate({.outputs = {result}}, device);
      folded.push_back(result.to_vector<double>()[0]);
    }
    compare(device->name(), "folded", folded, computed.dtype(), expected, tolerance);
  }
}

ElementwiseFunction of(Tensor (*function)(const Tensor&)) {
  return [=](const Operands& x) { return function(x[0]); };
}
ElementwiseFunction of(Tensor (*function)(const Tensor&, const Tensor&)) {
  return [=](const Operands& x) { return function(x[0], x[1]); };
}
ElementwiseFunction gradient_of(Tensor (*function)(const Tensor&)) {
  return [=](const Operands& x) { return grad(sum(function(x[0])), x[0]); };
}
ElementwiseFunction to(DType dtype) {
  return [=](const Operands& x) { return cast(x[0], dtype); };
}

std::vector<double> mapped(const std::vector<double>& x, double (*exact)(double)) {
  std::vector<double> y;
  for (const double number : x) y.push_back(exact(static_cast<float>(number)));
  return y;
}

}  // namespace hekla::testing
