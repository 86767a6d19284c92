// A learning rate: a number, or a function of the step.
#pragma once

#include <concepts>
#include <functional>
#include <string_view>
#include <utility>

#include "graph/tensor.h"

namespace hekla {

/// The learning rate of a step: a function of the step's number, an f32 scalar counted from 0, to an f32
/// scalar. Both are graph, so a compiled step changes its rate without the host. Keras's schedules are in
/// schedules.h; a lambda is a schedule, too.
using Schedule = std::function<Tensor(const Tensor& step)>;

/// The learning rate that every optimizer takes: a number, or a Schedule, any function from the step to the
/// rate, such as those of schedules.h.
class LearningRate {
 public:
  template <Number T>
  LearningRate(T number) : number_(static_cast<double>(number)) {}
  template <class F>
  requires(!std::same_as<F, LearningRate> && !Number<F> && std::convertible_to<F, Schedule>)
      LearningRate(F schedule)
      : schedule_(std::move(schedule)), scheduled_(true) {}

  bool is_scheduled() const { return scheduled_; }
  /// The number; 0 where there is a schedule.
  double number() const { return number_; }
  /// The rate of a step (f32 scalar) as an f32 scalar. For several steps it gives the rate of each, if the
  /// schedule is made of elementwise operations as those in schedules.h are. Throws hekla::Error, with
  /// `owner` as the prefix, when a number is negative or not finite, or a schedule is empty or returns
  /// anything but an f32 scalar.
  Tensor at(const Tensor& step, std::string_view owner) const;

 private:
  double number_ = 0;
  Schedule schedule_;
  bool scheduled_ = false;
};

}  // namespace hekla
