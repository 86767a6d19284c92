// Schedules.
#include "ops/optim/schedules.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/optim/checks.h"

namespace hekla {

namespace {

// Division on a device may be off by 1 ulp, which at a multiple of the period would cost a whole period. So
// the quotient is rounded to the nearest whole number, which is right or too large by one, and corrected by a
// product.
Tensor whole_periods(const Tensor& step, double period) {
  const Tensor nearest = round(step / period);
  return nearest - cast(nearest * period > step, DType::f32);
}

Tensor begun_periods(const Tensor& step, double period) {
  const Tensor nearest = round(step / period);
  return nearest + cast(nearest * period < step, DType::f32);
}

// 1 at the start of a period, 0 at its end.
Tensor half_cosine(const Tensor& fraction) { return 0.5 * (1 + cos(std::numbers::pi * fraction)); }

Tensor periods(const Tensor& step, double period, bool staircase) {
  return staircase ? whole_periods(step, period) : step / period;
}

}  // namespace

Tensor ExponentialDecay::operator()(const Tensor& step) const {
  constexpr std::string_view name = "exponential_decay";
  check_not_negative(name, "initial_learning_rate", initial_learning_rate);
  check_positive(name, "decay_steps", decay_steps);
  check_positive(name, "decay_rate", decay_rate);
  return initial_learning_rate * exp(std::log(decay_rate) * periods(step, decay_steps, staircase));
}

Tensor InverseTimeDecay::operator()(const Tensor& step) const {
  constexpr std::string_view name = "inverse_time_decay";
  check_not_negative(name, "initial_learning_rate", initial_learning_rate);
  check_positive(name, "decay_steps", decay_steps);
  check_not_negative(name, "decay_rate", decay_rate);
  return initial_learning_rate / (1 + decay_rate * periods(step, decay_steps, staircase));
}

Tensor PolynomialDecay::operator()(const Tensor& step) const {
  constexpr std::string_view name = "polynomial_decay";
  check_not_negative(name, "initial_learning_rate", initial_learning_rate);
  check_positive(name, "decay_steps", decay_steps);
  check_not_negative(name, "end_learning_rate", end_learning_rate);
  check_positive(name, "power", power);
  const Tensor length = cycle ? decay_steps * maximum(begun_periods(step, decay_steps), 1) : decay_steps;
  // Clamped at 0 because rounding may make it negative, and powers of negative numbers are NaN.
  const Tensor left = maximum(1 - (cycle ? step : minimum(step, decay_steps)) / length, 0);
  return (initial_learning_rate - end_learning_rate) * pow(left, power) + end_learning_rate;
}

Tensor PiecewiseConstantDecay::operator()(const Tensor& step) const {
  constexpr std::string_view name = "piecewise_constant_decay";
  if (values.size() != boundaries.size() + 1) {
    throw Error(fmt::format("[{}] {} boundaries and {} values; there must be one value more than boundaries.",
                            name, boundaries.size(), values.size()));
  }
  for (std::size_t i = 0; i < boundaries.size(); ++i) {
    check_finite(name, "a boundary", boundaries[i]);
    if (i > 0 && boundaries[i] <= boundaries[i - 1]) {
      throw Error(fmt::format("[{}] boundary {} follows {}; boundaries must increase.", name, boundaries[i],
                              boundaries[i - 1]));
    }
  }
  for (const double value : values) check_not_negative(name, "a value", value);
  Tensor rate = constant(values.back());
  for (std::size_t i = boundaries.size(); i-- > 0;) rate = where(step <= boundaries[i], values[i], rate);
  return rate;
}

Tensor CosineDecay::operator()(const Tensor& step) const {
  constexpr std::string_view name = "cosine_decay";
  check_not_negative(name, "initial_learning_rate", initial_learning_rate);
  check_positive(name, "decay_steps", decay_steps);
  check_not_negative(name, "alpha", alpha);
  check_not_negative(name, "warmup_target", warmup_target);
  check_not_negative(name, "warmup_steps", warmup_steps);
  const bool warms_up = warmup_steps > 0;
  const Tensor decayed = minimum(warms_up ? step - warmup_steps : step, decay_steps);
  const double highest = warms_up ? warmup_target : initial_learning_rate;
  const Tensor falling = highest * ((1 - alpha) * half_cosine(decayed / decay_steps) + alpha);
  if (!warms_up) return falling;
  const Tensor climbing =
      initial_learning_rate + (warmup_target - initial_learning_rate) * (step / warmup_steps);
  return where(step < warmup_steps, climbing, falling);
}

Tensor CosineDecayRestarts::operator()(const Tensor& step) const {
  constexpr std::string_view name = "cosine_decay_restarts";
  check_not_negative(name, "initial_learning_rate", initial_learning_rate);
  check_positive(name, "first_decay_steps", first_decay_steps);
  check_not_negative(name, "m_mul", m_mul);
  check_not_negative(name, "alpha", alpha);
  check_finite(name, "t_mul", t_mul);
  if (t_mul < 1) throw Error(fmt::format("[{}] t_mul is {}; it must be 1 or more.", name, t_mul));
  Tensor restarts, fraction;
  if (t_mul == 1) {
    restarts = whole_periods(step, first_decay_steps);
    fraction = step / first_decay_steps - restarts;
  } else {
    const auto start_of = [&](const Tensor& i) {
      return (pow(t_mul, i) - 1) * (first_decay_steps / (t_mul - 1));
    };
    const Tensor passed = log1p(step * ((t_mul - 1) / first_decay_steps)) * (1 / std::log(t_mul));
    const Tensor nearest = round(passed);
    // As in whole_periods; a device's pow is accurate to a few ulp only.
    restarts = nearest - cast(start_of(nearest) > step * (1 + 1e-5), DType::f32);
    fraction = (step - start_of(restarts)) / (first_decay_steps * pow(t_mul, restarts));
  }
  const Tensor height = m_mul == 1 ? half_cosine(fraction) : pow(m_mul, restarts) * half_cosine(fraction);
  return initial_learning_rate * ((1 - alpha) * height + alpha);
}

Tensor LinearWarmup::operator()(const Tensor& step) const {
  constexpr std::string_view name = "linear_warmup";
  check_positive(name, "warmup_steps", warmup_steps);
  check_not_negative(name, "from", from);
  const Tensor first = rate.at(constant(0), name);
  return where(step < warmup_steps, from + (first - from) * (step / warmup_steps),
               rate.at(maximum(step - warmup_steps, 0), name));
}

}  // namespace hekla
