// A learning rate: a number, or a function of the step.
#pragma once

#include <concepts>
#include <functional>
#include <string_view>
#include <utility>

#include "graph/tensor.h"

namespace hekla {

/// The learning rate of a step: from its number, an f32 scalar counted from 0, to an f32 scalar. As both are
/// graph, a compiled step changes its rate without the host. Those of Keras are in schedules.h; a lambda does
/// as well.
using Schedule = std::function<Tensor(const Tensor& step)>;

/// What every optimizer takes: a number, or a Schedule, any function from the step to the rate, such as those
/// of schedules.h.
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
  /// The rate of a step (f32 scalar) as an f32 scalar; of several steps, if the schedule is made of
  /// elementwise operations as those in schedules.h, the rate of each. Throws hekla::Error, in which `owner`
  /// stands for what asks, when a number is negative or not finite or a schedule is empty or gives anything
  /// else.
  Tensor at(const Tensor& step, std::string_view owner) const;

 private:
  double number_ = 0;
  Schedule schedule_;
  bool scheduled_ = false;
};

}  // namespace hekla
