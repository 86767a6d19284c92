// Checks of numeric options.
#include "ops/optim/checks.h"

#include <fmt/format.h>

#include <cmath>

#include "graph/error.h"

namespace hekla {

namespace {

void check(bool holds, std::string_view owner, std::string_view what, double number, std::string_view rule) {
  if (!holds) throw Error(fmt::format("[{}] {} is {}; it must {}.", owner, what, number, rule));
}

}  // namespace

void check_not_negative(std::string_view owner, std::string_view what, double number) {
  check(std::isfinite(number) && number >= 0, owner, what, number, "be a finite number, not negative");
}

void check_positive(std::string_view owner, std::string_view what, double number) {
  check(std::isfinite(number) && number > 0, owner, what, number, "be a positive, finite number");
}

void check_finite(std::string_view owner, std::string_view what, double number) {
  check(std::isfinite(number), owner, what, number, "be finite");
}

void check_decay(std::string_view owner, std::string_view what, double number) {
  check(number >= 0 && number < 1, owner, what, number, "lie in [0, 1)");
}

void check_fraction(std::string_view owner, std::string_view what, double number) {
  check(number >= 0 && number <= 1, owner, what, number, "lie in [0, 1]");
}

void check_count(std::string_view owner, std::string_view what, int number) {
  check(number >= 1, owner, what, number, "be 1 or more");
}

}  // namespace hekla
