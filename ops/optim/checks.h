// Checks of the numeric options of optimizers and schedules.
#pragma once

#include <string_view>

namespace hekla {

/// Throws hekla::Error, which begins with [owner] and names `what`, unless the number is finite and >= 0.
void check_not_negative(std::string_view owner, std::string_view what, double number);
/// The same unless it is finite and > 0.
void check_positive(std::string_view owner, std::string_view what, double number);
/// The same unless it is finite.
void check_finite(std::string_view owner, std::string_view what, double number);
/// The same unless it lies in [0, 1).
void check_decay(std::string_view owner, std::string_view what, double number);
/// The same unless it lies in [0, 1].
void check_fraction(std::string_view owner, std::string_view what, double number);

/// The same unless it is 1 or more.
void check_count(std::string_view owner, std::string_view what, int number);

}  // namespace hekla
