// The errors of optimizers: in their options and at their use.
#include <doctest/doctest.h>

#include <cmath>

#include "ops/ops.h"
#include "ops/optim/optimizer.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

std::string shape_error(const Tensor& x, const Tensor& g) {
  return error_of([&] { SGD().step({&x, 1}, {&g, 1}); });
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("optimizers: errors of options") {
    reference();
    CHECK(error_of([] { SGD({.learning_rate = -1}); }) ==
          "[sgd] learning rate is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { SGD({.learning_rate = INFINITY}); }) ==
          "[sgd] learning rate is inf; it must be a finite number, not negative.");
    CHECK(error_of([] { SGD({.momentum = 1}); }) == "[sgd] momentum is 1; it must lie in [0, 1).");
    CHECK(error_of([] { RMSprop({.rho = 1}); }) == "[rmsprop] rho is 1; it must lie in [0, 1).");
    CHECK(error_of([] { RMSprop({.momentum = -1}); }) == "[rmsprop] momentum is -1; it must lie in [0, 1).");
    CHECK(error_of([] { RMSprop({.epsilon = -1}); }) ==
          "[rmsprop] epsilon is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { Adagrad({.initial_accumulator_value = -1}); }) ==
          "[adagrad] initial_accumulator_value is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { Adagrad({.epsilon = NAN}); }) ==
          "[adagrad] epsilon is nan; it must be a finite number, not negative.");
    CHECK(error_of([] { Adadelta({.rho = 2}); }) == "[adadelta] rho is 2; it must lie in [0, 1).");
    CHECK(error_of([] { Adadelta({.epsilon = 0}); }) ==
          "[adadelta] epsilon is 0; it must be a positive, finite number.");
    CHECK(error_of([] { Adam({.epsilon = INFINITY}); }) ==
          "[adam] epsilon is inf; it must be a finite number, not negative.");
    CHECK(error_of([] { Adam({.beta_1 = 1}); }) == "[adam] beta_1 is 1; it must lie in [0, 1).");
    CHECK(error_of([] { AdamW({.beta_2 = -0.5}); }) == "[adamw] beta_2 is -0.5; it must lie in [0, 1).");
    CHECK(error_of([] { Adamax({.beta_1 = 1}); }) == "[adamax] beta_1 is 1; it must lie in [0, 1).");
    CHECK(error_of([] { Nadam({.beta_2 = 1}); }) == "[nadam] beta_2 is 1; it must lie in [0, 1).");
    CHECK(error_of([] { Lion({.beta_2 = 1}); }) == "[lion] beta_2 is 1; it must lie in [0, 1).");

    CHECK(error_of([] { Lamb({.beta_1 = 1}); }) == "[lamb] beta_1 is 1; it must lie in [0, 1).");
    CHECK(error_of([] { Lamb({.epsilon = -1}); }) ==
          "[lamb] epsilon is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { Ftrl({.learning_rate_power = 0.5}); }) ==
          "[ftrl] learning_rate_power is 0.5; it must not be positive.");
    CHECK(error_of([] { Ftrl({.l1_regularization_strength = -1}); }) ==
          "[ftrl] l1_regularization_strength is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { Ftrl({.beta = INFINITY}); }) ==
          "[ftrl] beta is inf; it must be a finite number, not negative.");
    CHECK(error_of([] { Adafactor({.beta_2_decay = 0}); }) ==
          "[adafactor] beta_2_decay is 0; it must be negative.");
    CHECK(error_of([] { Adafactor({.epsilon_1 = -1}); }) ==
          "[adafactor] epsilon_1 is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { Adafactor({.clip_threshold = 0}); }) ==
          "[adafactor] clip_threshold is 0; it must be a positive, finite number.");

    const auto refused = [](const UpdateOptions& shared) { return error_of([&] { SGD({}, shared); }); };
    CHECK(refused({.weight_decay = -1}) ==
          "[sgd] weight_decay is -1; it must be a finite number, not negative.");
    CHECK(refused({.exclude_from_weight_decay = {"bias", ""}}) ==
          "[sgd] exclude_from_weight_decay holds an empty word, which is in every label; leave it out.");
    CHECK(refused({.clipnorm = 0}) == "[sgd] clipnorm is 0; it must be a positive, finite number.");
    CHECK(refused({.clipvalue = -1}) == "[sgd] clipvalue is -1; it must be a positive, finite number.");
    CHECK(refused({.global_clipnorm = INFINITY}) ==
          "[sgd] global_clipnorm is inf; it must be a positive, finite number.");
    CHECK(refused({.clipnorm = 1, .global_clipnorm = 1}) ==
          "[sgd] both clipnorm and global_clipnorm are given; choose one of clipnorm, clipvalue and "
          "global_clipnorm.");
    CHECK(refused({.use_ema = true, .ema_momentum = 1.5}) ==
          "[sgd] ema_momentum is 1.5; it must lie in [0, 1].");
    CHECK(refused({.use_ema = true, .ema_overwrite_frequency = 0}) ==
          "[sgd] ema_overwrite_frequency is 0; it must be 1 or more.");
    CHECK(refused({.ema_overwrite_frequency = 5}) ==
          "[sgd] ema_overwrite_frequency is 5 without averages; set use_ema as well.");
    CHECK(refused({.gradient_accumulation_steps = 0}) ==
          "[sgd] gradient_accumulation_steps is 0; it must be 1 or more.");
  }

  TEST_CASE("optimizers: errors of use") {
    reference();
    Optimizer optimizer = Adam();
    const Tensor x = variable(zeros({2}), "x"), y = variable(zeros({2}), "y");
    CHECK(error_of([&] {
            optimizer.step({&x, 1}, {});
          }) == "[adam] 1 variables and 0 gradients; each variable needs its gradient.");
    optimizer.step({&x, 1}, {&y, 1});
    CHECK(error_of([&] {
            optimizer.step(std::vector{x, y}, std::vector{x, y});
          }) == "[adam] 2 variables, but the state is for 1; use one optimizer for one list of variables.");
    CHECK(error_of([&] {
            optimizer.step({&y, 1}, {&y, 1});
          }) ==
          "[adam] variable 0 is y f32[2], but its state is for x f32[2]; use one optimizer for one "
          "list of variables, such as those of one model.");
    const Tensor other = variable(zeros({2}), "x");
    CHECK(error_of([&] {
            optimizer.step({&other, 1}, {&y, 1});
          })
              .starts_with("[adam] variable 0 is x f32[2], but its state is for another of this name "
                           "and shape; use one optimizer"));
    CHECK(shape_error(x, zeros({3})) ==
          "[sgd] the gradient of x f32[2] is f32[3]; it must have the variable's shape and dtype.");
    CHECK(shape_error(x, Tensor()) ==
          "[sgd] the gradient of x f32[2] is an empty tensor; it must have the variable's shape and dtype.");
    CHECK(shape_error(zeros({2}, i32), zeros({2})) ==
          "[sgd] a variable is i32[2]; trained variables must be f32.");
    CHECK(shape_error(Tensor(), x) == "[sgd] a variable is an empty tensor; trained variables must be f32.");
    CHECK(error_of([&] { optimizer.set_learning_rate(-1); }) ==
          "[adam] learning rate is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { SGD({.learning_rate = CosineDecay{}}).set_learning_rate(1); }) ==
          "[sgd] the learning rate follows a schedule; make the optimizer with a number to set it.");
    CHECK(error_of([&] { optimizer.use_averages(); }) == "[adam] no averages are kept; set use_ema.");
    CHECK(error_of([&] { optimizer.swap_averages(); }) == "[adam] no averages are kept; set use_ema.");
    CHECK(error_of([] { SGD({}, {.use_ema = true}).use_averages(); }) ==
          "[sgd] no averages are kept before the first step; make one first.");
  }
}

}  // namespace hekla::testing
