// Random numbers for check_op.
#include "autodiff/draw.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace hekla::testing {

namespace {

std::vector<std::size_t> shuffled(std::size_t count, Random& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

double whole_number(const Operand& operand, Random& random) {
  if (operand.dtype == DType::boolean) return random.fraction() < 0.5 ? 0 : 1;
  return operand.low + std::floor(random.fraction() * (operand.high - operand.low + 1));
}

// A random number from the middle of strip `strip` of `strips`, away from whole numbers.
double number_in_strip(const Operand& operand, std::size_t strip, std::size_t strips, Random& random) {
  float number = 0;
  for (int attempt = 0; attempt < 64; ++attempt) {
    const double place =
        (static_cast<double>(strip) + 0.25 + 0.5 * random.fraction()) / static_cast<double>(strips);
    number = static_cast<float>(operand.low + (operand.high - operand.low) * place);
    if (std::fabs(number - std::round(number)) > 1e-3f) break;
  }
  return number;
}

}  // namespace

std::vector<std::vector<double>> draw_operands(std::span<const Operand> operands,
                                               const CheckOptions& options) {
  Random random(options.seed);
  std::size_t strips = 0;
  for (const Operand& operand : operands) strips += static_cast<std::size_t>(operand.shape.count());
  // Every element of every operand has a strip of its own, so that operands of one range stay apart.
  const std::vector<std::size_t> order = shuffled(strips, random);
  std::vector<std::vector<double>> drawn;
  std::size_t next = 0;
  for (const Operand& operand : operands) {
    std::vector<double> numbers(static_cast<std::size_t>(operand.shape.count()));
    const bool whole = options.whole || !is_float(operand.dtype);
    for (double& number : numbers) {
      const std::size_t strip = order[next++];
      number = whole ? whole_number(operand, random) : number_in_strip(operand, strip, strips, random);
    }
    drawn.push_back(std::move(numbers));
  }
  return drawn;
}

std::vector<double> draw_weights(std::int64_t count, Random& random) {
  std::vector<double> weights(static_cast<std::size_t>(count));
  for (double& weight : weights) {
    const auto magnitude = static_cast<float>(0.5 + random.fraction());
    weight = random.fraction() < 0.5 ? -magnitude : magnitude;
  }
  return weights;
}

}  // namespace hekla::testing
