// check_op lines: statistics over axes, running sums.
#include <limits>

#include "ops/covariance.h"
#include "ops/distance.h"
#include "ops/elementwise.h"
#include "ops/integrate.h"
#include "ops/quantile.h"
#include "ops/scan.h"
#include "ops/statistics.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

using Reduction = std::function<Tensor(const Tensor&, const std::vector<int>&, KeepDims)>;

Operand numbers(const Shape& shape, double low = -2, double high = 2) {
  return {.shape = shape, .low = low, .high = high};
}

void add(std::vector<Line>& lines, const std::string& name, const Reduction& reduction) {
  const auto line = [&](const std::string& what, const Shape& shape, const std::vector<int>& axes,
                        KeepDims keep = KeepDims::no) {
    lines.push_back(
        {name + what, [=](const Tensors& x) { return reduction(x[0], axes, keep); }, {numbers(shape)}});
  };
  line("", {3, 5}, {1});
  line(", all axes", {3, 4}, {});
  line(", all axes kept", {2, 4}, {}, KeepDims::yes);
  line(", two axes", {3, 4, 2}, {0, -1});
  line(", an axis kept", {4, 3, 2}, {0}, KeepDims::yes);
  line(", axes of size 1 and another", {3, 1, 4}, {1, 2});
  line(", rank 8", {1, 2, 1, 2, 1, 1, 3, 1}, {1, 4, 6});
  line(", to no elements", {0, 4}, {1});
  line(", a long row", {2, 300}, {1});
}

void add_sums(std::vector<Line>& lines) {
  const auto along = [](int axis) { return [=](const Tensors& x) { return square(cumsum(x[0], axis)); }; };
  lines.push_back({"cumsum", along(-1), {numbers({3, 5})}});
  lines.push_back({"cumsum axis 0", along(0), {numbers({5, 3})}});
  lines.push_back({"cumsum a middle axis", along(1), {numbers({2, 17, 3})}});
  lines.push_back({"cumsum one element", along(0), {numbers({1})}});
  lines.push_back({"cumsum no elements", along(0), {numbers({0, 3})}});
  lines.push_back({"cumsum rank 8", along(5), {numbers({1, 2, 1, 1, 2, 3, 1, 2})}});
  lines.push_back({"cumsum a block", along(0), {numbers({16})}});
  lines.push_back({"cumsum two blocks", along(0), {numbers({32})}});
  lines.push_back({"cumsum many blocks", along(1), {numbers({2, 300})}, {.tolerance = 1e-4}});
  lines.push_back({"cumsum i32",
                   [](const Tensors& x) { return cumsum(x[0]); },
                   {{{2, 50}, -2e9, 2e9, i32}},
                   no_derivatives});
  lines.push_back({"cumsum u32",
                   [](const Tensors& x) { return cumsum(x[0], 0); },
                   {{{50}, 0, 4294967295.0, u32}},
                   no_derivatives});
}

void add_integrals(std::vector<Line>& lines) {
  const auto add_one = [&](const std::string& name, const Function& function,
                           const std::vector<Shape>& shapes) {
    std::vector<Operand> operands;
    for (const Shape& shape : shapes) operands.push_back(numbers(shape));
    lines.push_back({name, [=](const Tensors& x) { return square(function(x)); }, operands});
  };
  add_one("trapezoid", [](const Tensors& x) { return trapezoid(x[0], 0.5); }, {{2, 4}});
  add_one("trapezoid at positions", [](const Tensors& x) { return trapezoid(x[0], x[1], 0); }, {{4, 2}, {4}});
  add_one("cumulative_trapezoid", [](const Tensors& x) { return cumulative_trapezoid(x[0]); }, {{2, 4}});
  add_one("cumulative_trapezoid at positions",
          [](const Tensors& x) { return cumulative_trapezoid(x[0], x[1]); }, {{2, 4}, {2, 4}});
}

void add_scans(std::vector<Line>& lines) {
  const auto products = [](const Tensors& x) { return cumprod(x[0], 1); };
  const auto logarithms = [](const Tensors& x) { return logcumsumexp(x[0], 1); };
  const auto largest = [](const Tensors& x) { return square(cummax(exp(x[0]), 1).values); };
  const auto smallest = [](const Tensors& x) { return square(cummin(exp(x[0]), 1).values); };
  lines.push_back({"cumprod", products, {numbers({2, 5, 2})}});
  lines.push_back({"cumprod of zeros", products, {numbers({4, 5}, -1, 1)}, ties});
  lines.push_back({"cumprod two blocks", products, {numbers({1, 20}, 0.5, 1.5)}, {.device_derivatives = 1}});
  lines.push_back({"cumprod no elements", products, {numbers({2, 0})}});
  lines.push_back({"logcumsumexp", logarithms, {numbers({2, 5, 2})}});
  lines.push_back({"logcumsumexp two blocks", logarithms, {numbers({1, 20})}, {.device_derivatives = 1}});
  lines.push_back({"cummax", largest, {numbers({2, 5, 2})}});
  lines.push_back({"cummax ties", largest, {numbers({3, 20}, -1, 1)}, ties});
  lines.push_back({"cummin", smallest, {numbers({2, 5})}});
  lines.push_back({"cummin u32",
                   [](const Tensors& x) { return cummin(x[0]).values; },
                   {{{50}, 0, 4294967295.0, u32}},
                   no_derivatives});
}

}  // namespace

std::vector<Line> statistics_lines() {
  std::vector<Line> lines;
  const auto variance_of = [](int correction) {
    return [=](const Tensor& x, const std::vector<int>& axes, KeepDims keep) {
      return variance(x, axes, keep, correction);
    };
  };
  const auto norm_of = [](double order) {
    return [=](const Tensor& x, const std::vector<int>& axes, KeepDims keep) {
      return norm(x, order, axes, keep);
    };
  };
  add(lines, "variance", variance_of(0));
  lines.push_back({"variance of a sample",
                   [=](const Tensors& x) { return variance_of(1)(x[0], {1}, KeepDims::no); },
                   {numbers({3, 4})}});
  add(lines, "std",
      [](const Tensor& x, const std::vector<int>& axes, KeepDims keep) { return std(x, axes, keep); });
  add(lines, "logsumexp", logsumexp);
  lines.push_back({"logsumexp of large numbers",
                   [](const Tensors& x) { return logsumexp(x[0], {1}); },
                   {numbers({3, 4}, -500, 500)}});
  lines.push_back({"logsumexp of ties",
                   [](const Tensors& x) { return logsumexp(x[0], {1}); },
                   {numbers({9, 4}, -1, 1)},
                   ties});
  add(lines, "moments, the mean", [](const Tensor& x, const std::vector<int>& axes, KeepDims keep) {
    return moments(exp(x), axes, keep).mean;
  });
  add(lines, "moments, the variance", [](const Tensor& x, const std::vector<int>& axes, KeepDims keep) {
    return moments(x, axes, keep).variance;
  });
  add(lines, "norm", norm_of(2));
  lines.push_back({"root in the square of a norm",
                   [](const Tensors& x) { return 3 * square(norm(x[0], 2, {1})) + exp(x[0] * 0.5); },
                   {numbers({4, 4})}});
  add(lines, "norm 1", norm_of(1));
  add(lines, "norm infinity", norm_of(std::numeric_limits<double>::infinity()));
  // A share of the numbers becomes NaN.
  const auto with_nan = [](const Tensor& x) {
    return where(x > 1, std::numeric_limits<double>::quiet_NaN(), x);
  };
  lines.push_back(
      {"nansum", [=](const Tensors& x) { return square(nansum(with_nan(x[0]), {1})); }, {numbers({3, 5})}});
  lines.push_back(
      {"nanmean", [=](const Tensors& x) { return square(nanmean(with_nan(x[0]), {1})); }, {numbers({3, 5})}});
  lines.push_back({"norm of zeros",
                   [](const Tensors& x) { return norm(x[0], 2, {1}); },
                   {numbers({30, 2}, -1, 1)},
                   ties});
  add_sums(lines);
  add_scans(lines);
  add_integrals(lines);
  lines.push_back({"quantile",
                   [](const Tensors& x) {
                     return square(quantile(exp(x[0]), {0.3, 0.75}, {1}));
                   },
                   {numbers({2, 5})}});
  lines.push_back({"median, two axes",
                   [](const Tensors& x) {
                     return square(median(exp(x[0]), {0, -1}, KeepDims::yes));
                   },
                   {numbers({2, 3, 2})}});
  lines.push_back({"cov", [](const Tensors& x) { return cov(x[0]); }, {numbers({3, 5})}});
  lines.push_back({"corrcoef", [](const Tensors& x) { return corrcoef(x[0]); }, {numbers({3, 5})}});
  lines.push_back(
      {"cdist", [](const Tensors& x) { return cdist(x[0], x[1]); }, {numbers({2, 3, 2}), numbers({4, 2})}});
  lines.push_back({"cdist 1",
                   [](const Tensors& x) { return square(cdist(x[0], x[1], 1)); },
                   {numbers({3, 2}), numbers({4, 2})}});
  lines.push_back(
      {"cdist infinity",
       [](const Tensors& x) { return square(cdist(x[0], x[1], std::numeric_limits<double>::infinity())); },
       {numbers({3, 2}), numbers({4, 2})}});
  return lines;
}

}  // namespace hekla::testing
