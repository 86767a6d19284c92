// check_op: build the graph of an operation and its derivatives, and compare three computations of it.
#include "autodiff/check_op.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "autodiff/draw.h"
#include "autodiff/grad.h"
#include "graph/error.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace hekla::testing {

namespace {

using Device = std::shared_ptr<Evaluator>;

// An operand with more elements than the first number has only the second number of them moved: the others
// take time and find nothing new.
constexpr std::size_t most_differences = 100;
constexpr std::size_t sampled_differences = 40;

struct Derivative {
  Tensor scalar;
  std::vector<Tensor> gradients;  // one for each f32 operand
};

struct Built {
  Tensor result;
  std::vector<Derivative> derivatives;
};

struct Case {
  std::string_view name;
  const Function& function;
  const std::vector<Operand>& operands;
  const CheckOptions& options;
  std::vector<std::vector<double>> numbers;  // of each operand
};

template <class T>
Tensor host_tensor(const std::vector<double>& numbers, const Shape& shape) {
  return tensor(std::vector<T>(numbers.begin(), numbers.end()), shape);
}

Tensor make_operand(const std::vector<double>& numbers, const Operand& operand) {
  switch (operand.dtype) {
    case DType::f32:
      return tensor(numbers, operand.shape);
    case DType::i32:
      return host_tensor<std::int32_t>(numbers, operand.shape);
    case DType::u32:
      return host_tensor<std::uint32_t>(numbers, operand.shape);
    case DType::u8:
      return host_tensor<std::uint8_t>(numbers, operand.shape);
    case DType::boolean:
      return cast(host_tensor<std::uint8_t>(numbers, operand.shape), DType::boolean);
    case DType::f16:
    case DType::bf16:
      return cast(tensor(numbers, operand.shape), operand.dtype);
  }
  return {};
}

std::vector<Tensor> make_operands(const Case& test) {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < test.operands.size(); ++i) {
    tensors.push_back(make_operand(test.numbers[i], test.operands[i]));
  }
  return tensors;
}

Tensor weighted_sum(const std::vector<Tensor>& tensors, Random& random) {
  Tensor total;
  for (const Tensor& x : tensors) {
    const Tensor part = sum(tensor(draw_weights(x.count(), random), x.shape()) * x);
    total = total.defined() ? total + part : part;
  }
  return total;
}

Built build(const Case& test, const std::vector<Tensor>& operands, int orders) {
  std::vector<Tensor> targets;
  for (const Tensor& operand : operands) {
    if (operand.dtype() == DType::f32) targets.push_back(operand);
  }
  Built built{.result = test.function(operands), .derivatives = {}};
  Random random(test.options.seed + 1);
  std::vector<Tensor> differentiated{built.result};
  for (int order = 1; order <= orders && !targets.empty(); ++order) {
    Derivative derivative{.scalar = weighted_sum(differentiated, random), .gradients = {}};
    derivative.gradients = grad(derivative.scalar, targets);
    differentiated = derivative.gradients;
    built.derivatives.push_back(std::move(derivative));
  }
  return built;
}

// Everything that is compared between devices, each with the words that name it in an error.
struct Part {
  std::string name;
  Tensor tensor;
};

std::string derivative_name(std::size_t order, std::size_t operand) {
  return fmt::format("derivative {} by operand {}", order + 1, operand + 1);
}

std::vector<Part> parts_of(const Case& test, const Built& built) {
  std::vector<Part> parts{{"the result", built.result}};
  for (std::size_t order = 0; order < built.derivatives.size(); ++order) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < test.operands.size(); ++i) {
      if (test.operands[i].dtype != DType::f32) continue;
      parts.push_back({derivative_name(order, i), built.derivatives[order].gradients[next++]});
    }
  }
  return parts;
}

std::string element_name(const Shape& shape, std::int64_t i) {
  std::vector<std::int64_t> position;
  for (const std::int64_t stride : strides_of(shape)) {
    position.push_back(i / stride);
    i %= stride;
  }
  return fmt::format("[{}]", fmt::join(position, ","));
}

bool agree(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::fabs(a - b) <= tolerance * (1 + std::fabs(b));
}

struct Side {
  double number;
  std::string name;
};

void require_agreement(const Case& test, const Part& part, std::int64_t element, const Side& actual,
                       const Side& expected, double tolerance) {
  if (agree(actual.number, expected.number, tolerance)) return;
  throw Error(fmt::format(
      "[check_op] {}: element {} of {} ({}{}) is {:.9g} {} and {:.9g} {}; they may differ by {:g} "
      "x (1 + |the latter|).",
      test.name, element_name(part.tensor.shape(), element), part.name, hekla::name(part.tensor.dtype()),
      to_string(part.tensor.shape()), actual.number, actual.name, expected.number, expected.name, tolerance));
}

// Finite differences

// A scalar as a function of the f32 operands.
struct Scalar {
  Program program;
  Program::Feeds feeds;
};

Scalar compile_scalar(const Tensor& scalar, const Program::Feeds& operands, const Device& reference) {
  // Operands that the scalar does not depend on are no inputs of its program.
  const std::vector<const Node*> used = topological_order({&scalar, 1});
  Program::Feeds feeds;
  for (const auto& feed : operands) {
    if (std::find(used.begin(), used.end(), feed.first.get()) != used.end()) feeds.push_back(feed);
  }
  return {compile({.outputs = {scalar}}, reference), std::move(feeds)};
}

double central_difference(Scalar& scalar, const Tensor& operand, std::vector<double> numbers,
                          std::size_t element) {
  const double x = numbers[element];
  const double step = 1e-5 * std::max(1.0, std::fabs(x));
  const auto at = [&](double moved) {
    numbers[element] = moved;
    Program::Feeds feeds = scalar.feeds;
    for (auto& feed : feeds) {
      if (feed.first.get() == operand.get()) feed.second = tensor(numbers, operand.shape());
    }
    return scalar.program.run(feeds)[0].item<double>();
  };
  return (at(x + step) - at(x - step)) / (2 * step);
}

void check_differences(const Case& test, const Device& reference) {
  const std::vector<Tensor> operands = make_operands(test);
  std::vector<Tensor> inputs = operands;
  Program::Feeds feeds;
  std::vector<std::size_t> targets;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].dtype() != DType::f32) continue;
    inputs[i] = input(fmt::format("operand {}", i + 1), operands[i].shape());
    feeds.emplace_back(inputs[i], operands[i]);
    targets.push_back(i);
  }
  const Built symbolic = build(test, inputs, test.options.derivatives);
  const Built valued = build(test, operands, test.options.derivatives);
  for (std::size_t order = 0; order < symbolic.derivatives.size(); ++order) {
    Scalar scalar = compile_scalar(symbolic.derivatives[order].scalar, feeds, reference);
    const std::vector<Tensor>& gradients = valued.derivatives[order].gradients;
    evaluate({.outputs = gradients}, reference);
    for (std::size_t t = 0; t < targets.size(); ++t) {
      const std::vector<double> rule = gradients[t].to_vector<double>();
      const Part part{derivative_name(order, targets[t]), gradients[t]};
      const std::size_t stride =
          rule.size() <= most_differences ? 1 : (rule.size() + sampled_differences - 1) / sampled_differences;
      for (std::size_t e = 0; e < rule.size(); e += stride) {
        const double difference = central_difference(scalar, inputs[targets[t]], test.numbers[targets[t]], e);
        require_agreement(test, part, static_cast<std::int64_t>(e), {rule[e], "by its rule"},
                          {difference, "by finite differences"}, test.options.difference_tolerance);
      }
    }
  }
}

// Devices

std::vector<HostArray> run_on(const Case& test, const Device& device, int orders, std::vector<Part>& parts) {
  parts = parts_of(test, build(test, make_operands(test), orders));
  Computation computation;
  for (const Part& part : parts) computation.outputs.push_back(part.tensor);
  evaluate(computation, device);
  std::vector<HostArray> arrays;
  for (const Part& part : parts) arrays.push_back(part.tensor.to_host());
  return arrays;
}

void compare(const Case& test, const std::vector<Part>& parts, const std::vector<HostArray>& actual,
             const std::string& actual_name, const std::vector<HostArray>& expected,
             const std::string& expected_name) {
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const double tolerance = is_float(parts[p].tensor.dtype()) ? test.options.tolerance : 0;
    for (std::int64_t i = 0; i < actual[p].count(); ++i) {
      require_agreement(test, parts[p], i, {actual[p].at(i), "on " + actual_name},
                        {expected[p].at(i), "on " + expected_name}, tolerance);
    }
  }
}

void require_same_bits(const Case& test, const std::vector<Part>& parts, const std::vector<HostArray>& first,
                       const std::vector<HostArray>& second, const std::string& device) {
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (std::equal(first[p].bytes().begin(), first[p].bytes().end(), second[p].bytes().begin())) continue;
    throw Error(fmt::format(
        "[check_op] {}: two runs on {} differ in {}; the same computation must give the same bits.",
        test.name, device, parts[p].name));
  }
}

void check_devices(const Case& test, const Device& reference, std::span<const Device> devices) {
  const int most = test.options.device_derivatives.value_or(test.options.derivatives);
  std::vector<Part> parts;
  const std::vector<HostArray> expected = run_on(test, reference, most, parts);
  std::vector<HostArray> first;
  for (std::size_t d = 0; d < devices.size(); ++d) {
    const std::string device =
        d == 0 ? devices[d]->name() : fmt::format("{} (device {})", devices[d]->name(), d + 1);
    // The parts of lower orders come first, so a prefix of them is compared.
    const int orders = d == 0 ? most : std::min(most, test.options.variant_derivatives);
    const std::vector<HostArray> actual = run_on(test, devices[d], orders, parts);
    compare(test, parts, actual, device, expected, "the reference");
    require_same_bits(test, parts, actual, run_on(test, devices[d], orders, parts), device);
    if (d == 0)
      first = actual;
    else
      compare(test, parts, actual, device, first, devices[0]->name());
  }
}

}  // namespace

void check_op(std::string_view name, const Function& function, const std::vector<Operand>& operands,
              const CheckOptions& options, std::span<const std::shared_ptr<Evaluator>> devices) {
  const Device reference = open_device("reference");
  const Case test{name, function, operands, options, draw_operands(operands, options)};
  if (!options.whole) check_differences(test, reference);
  check_devices(test, reference, devices);
}

}  // namespace hekla::testing
