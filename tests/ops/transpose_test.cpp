// Properties of the derivatives of all operations, over the whole table of check_op: forward mode is the
// transpose of reverse mode, and a checkpoint changes no result.
#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/autodiff.h"
#include "autodiff/draw.h"
#include "graph/error.h"
#include "ops/ops.h"
#include "tests/ops/lines.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

// Larger lines test kernels, not gradient rules.
constexpr std::int64_t most_elements = 2000;

Tensors operands_of(const Line& line) {
  const auto numbers = draw_operands(line.operands, line.options);
  Tensors operands;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Tensor x = tensor(numbers[i], line.operands[i].shape);
    operands.push_back(line.operands[i].dtype == DType::f32 ? x : cast(x, line.operands[i].dtype));
  }
  return operands;
}

Tensors targets_of(const Tensors& operands) {
  Tensors targets;
  for (const Tensor& x : operands) {
    if (x.dtype() == f32) targets.push_back(x);
  }
  return targets;
}

Tensors weights_for(const Tensors& tensors, Random& random) {
  Tensors weights;
  for (const Tensor& x : tensors) weights.push_back(tensor(draw_weights(x.count(), random), x.shape()));
  return weights;
}

Tensor dot(const Tensors& a, const Tensors& b) {
  Tensor total = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) total = total + sum(a[i] * b[i]);
  return total;
}

bool applies(const Line& line) {
  std::int64_t elements = 0;
  bool has_target = false;
  for (const Operand& operand : line.operands) {
    elements += operand.shape.count();
    has_target |= operand.dtype == f32;
  }
  return line.options.derivatives > 0 && has_target && elements <= most_elements;
}

bool agree(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || a == b || std::fabs(a - b) <= 1e-9 * (1 + std::fabs(b));
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("every operation: <c, J t> = <J^T c, t>") {
    int checked = 0;
    for (const Line& line : all_lines()) {
      if (!applies(line)) continue;
      CAPTURE(line.name);
      const Tensors operands = operands_of(line);
      const Tensors targets = targets_of(operands);
      const Tensors outputs{line.function(operands)};
      Random random(3);
      const Tensors tangents = weights_for(targets, random);
      const Tensors cotangents = weights_for(outputs, random);
      const Tensor forward = dot(cotangents, jvp(outputs, targets, tangents));
      const Tensor backward = dot(vjp(outputs, targets, cotangents), tangents);
      evaluate({.outputs = {forward, backward}}, reference());
      CHECK(agree(forward.item<double>(), backward.item<double>()));
      ++checked;
    }
    CHECK(checked > 100);
  }

  TEST_CASE("every operation: a checkpoint changes no derivative") {
    for (const Line& line : all_lines()) {
      if (!applies(line)) continue;
      CAPTURE(line.name);
      const Tensors operands = operands_of(line);
      const Tensors targets = targets_of(operands);
      const auto function = [&](const Tensors& in) { return Tensors{line.function(in)}; };
      Random random(3);
      const Tensors cotangents = weights_for(function(operands), random);
      const Tensors direct = vjp(function(operands), targets, cotangents);
      const Tensors again = vjp(checkpoint(function, operands), targets, cotangents);
      Tensors both = direct;
      both.insert(both.end(), again.begin(), again.end());
      evaluate({.outputs = both}, reference());
      for (std::size_t i = 0; i < direct.size(); ++i) {
        const std::vector<double> expected = direct[i].to_vector<double>();
        const std::vector<double> found = again[i].to_vector<double>();
        bool same = true;
        for (std::size_t e = 0; e < expected.size(); ++e) same = same && agree(found[e], expected[e]);
        CHECK(same);
      }
    }
  }
}

}  // namespace hekla::testing
