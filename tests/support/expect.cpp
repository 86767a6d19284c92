// Checks shared by tests of values and of errors.
#include "tests/support/expect.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>

#include "graph/error.h"
#include "ops/create.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

bool agree(double actual, double expected, double tolerance) {
  if (std::isnan(expected)) return std::isnan(actual);
  return actual == expected || std::fabs(actual - expected) <= tolerance * (1 + std::fabs(expected));
}

void expect_on(const std::shared_ptr<Evaluator>& device, const Tensor& tensor, const Shape& shape,
               DType dtype, const std::vector<double>& elements, double tolerance) {
  const std::string device_name = device->name();
  CAPTURE(device_name);
  CHECK(to_string(tensor.shape()) == to_string(shape));
  CHECK(name(tensor.dtype()) == name(dtype));
  evaluate({.outputs = {tensor}}, device);
  const std::vector<double> actual = tensor.to_vector<double>();
  REQUIRE(actual.size() == elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    CAPTURE(i);
    CAPTURE(actual[i]);
    CAPTURE(elements[i]);
    CHECK(agree(actual[i], elements[i], is_float(dtype) ? tolerance : 0));
  }
}

}  // namespace

void expect(const std::function<Tensor()>& build, const Shape& shape, DType dtype,
            const std::vector<double>& elements, double tolerance) {
  expect_on(reference(), build(), shape, dtype, elements, tolerance);
  if (device()) expect_on(device(), build(), shape, dtype, elements, tolerance);
}

Tensor counted(const Shape& shape) {
  std::vector<double> numbers(static_cast<std::size_t>(shape.count()));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
  return tensor(numbers, shape);
}

std::vector<double> reference_values(const Tensor& tensor) {
  evaluate({.outputs = {tensor}}, reference());
  return tensor.to_vector<double>();
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("no hekla::Error was thrown");
  return {};
}

}  // namespace hekla::testing
