// Classes that a model rules out with logits of -inf: training goes on as if they were not there.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Scores {
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    const Tensor logits = dense(x, mode);
    const Tensor allowed = rules_out ? where(tensor({0.0, 1, 1}) > 0, logits, -infinity) : logits;
    return gives_probabilities ? softmax(allowed) : allowed;
  }
  bool rules_out, gives_probabilities;
  Dense dense;
};

// The kernel [2, classes] of the last two classes after three epochs. The first of three is ruled out.
std::vector<float> trained(const std::string& loss, bool rules_out, bool has_times, bool is_sparse) {
  const std::vector<double> all{0.1, -0.2, 0.3, 0.4, 0.5, -0.6}, two{-0.2, 0.3, 0.5, -0.6};
  const std::int64_t classes = rules_out ? 3 : 2;
  const Scores scores{rules_out, !loss.ends_with("_from_logits"),
                      Dense(classes, {.kernel_initializer = given(rules_out ? all : two)})};
  Model model(scores);
  model.compile({.optimizer = SGD({.learning_rate = 0.5}), .loss = Loss(loss)});
  const Shape examples = has_times ? Shape{4, 3, 2} : Shape{4, 2};
  const Tensor x = sin(cast(reshape(arange(examples.count()), examples), f32) * 1.7).detach();
  const Shape places = has_times ? Shape{4, 3} : Shape{4};
  const Tensor labels = (reshape(arange(places.count()), places) % 2 + (rules_out ? 1 : 0)).detach();
  model.fit(x, is_sparse ? labels : one_hot(labels, classes).detach(),
            {.batch_size = 3, .epochs = 3, .verbose = 0, .shuffle = false});
  const Tensor kernel = scores.dense.weights()[0];
  return slice(kernel, {{}, {classes - 2, classes}}).to_vector();
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("fit with a class that is ruled out trains the other classes as if they were all") {
    for (const auto& tested : reference_and_device()) {
      set_default_device(tested);
      for (const std::string form : {"sparse_categorical_crossentropy", "categorical_crossentropy"}) {
        for (const std::string& loss : {form, form + "_from_logits"}) {
          for (const bool has_times : {false, true}) {
            CAPTURE(loss);
            CAPTURE(has_times);
            const bool is_sparse = form.starts_with("sparse");
            const std::vector<float> among_three = trained(loss, true, has_times, is_sparse);
            const std::vector<float> among_two = trained(loss, false, has_times, is_sparse);
            for (std::size_t i = 0; i < 4; ++i)
              CHECK(among_three[i] == doctest::Approx(among_two[i]).epsilon(1e-5));
            CHECK(among_two[0] != doctest::Approx(-0.2));
          }
        }
      }
    }
    set_default_device(reference());
  }

  TEST_CASE("fit with outputs that are ruled out on their own") {
    // Two outputs for one number; the second is ruled out, and its target is 0.
    for (const auto& tested : reference_and_device()) {
      set_default_device(tested);
      for (const std::string loss : {"binary_crossentropy", "binary_crossentropy_from_logits"}) {
        CAPTURE(loss);
        const Dense dense(2, {.kernel_initializer = given({0.5, 0.25})});
        Model model([=](const Tensor& x, const Mode& mode) {
          const Tensor logits = where(tensor({1.0, 0}) > 0, dense(x, mode), -infinity);
          return loss.ends_with("_from_logits") ? logits : sigmoid(logits);
        });
        model.compile({.optimizer = SGD({.learning_rate = 1.0}), .loss = Loss(loss)});
        const History history =
            model.fit(tensor({1.0, 2}, {2, 1}), tensor({1.0, 0, 0, 0}, {2, 2}), {.verbose = 0});
        // softplus(-0.5) and softplus(1), over the two examples and the two outputs.
        CHECK(history["loss"][0] == doctest::Approx((0.474076984 + 1.313261688) / 4).epsilon(1e-5));
        const std::vector<float> kernel = dense.weights()[0].to_vector();
        // Half of the mean over examples of (p - target) x, with p = sigmoid(0.5) and sigmoid(1).
        CHECK(kernel[0] == doctest::Approx(0.5 - ((0.622459331 - 1) + 0.731058579 * 2) / 4).epsilon(1e-5));
        CHECK(kernel[1] == 0.25);
      }
    }
    set_default_device(reference());
  }
}

}  // namespace hekla::testing
