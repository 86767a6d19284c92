// Transfer learning: layers of a trained model, frozen, under a new head that learns from few examples.
#include <doctest/doctest.h>

#include <vector>

#include "hekla.h"

namespace {

hk::CompileOptions options() {
  return {.optimizer = hk::Adam({.learning_rate = 0.02}),
          .loss = hk::sparse_categorical_crossentropy_from_logits,
          .metrics = {hk::accuracy}};
}

}  // namespace

TEST_CASE("programs: a new head over frozen layers learns from few examples") {
  hk::set_random_seed(10);
  const hk::Tensor points = hk::random_uniform({512, 2}, hk::random_key(10), -1, 1).detach();
  const hk::Tensor radius = hk::sqrt(hk::sum(hk::square(points), {1}));
  const hk::Tensor rings = (hk::cast(radius > 0.5, hk::i32) + hk::cast(radius > 0.9, hk::i32)).detach();

  // Much data: which of three rings a point lies in.
  const hk::Sequential features({hk::Dense(16, hk::tanh), hk::Dense(16, hk::tanh)}, {.name = "features"});
  hk::Sequential teacher({hk::Input({2}), features, hk::Dense(3)});
  teacher.compile(options());
  teacher.fit(points, rings, {.epochs = 30, .verbose = 0});

  // Few: 32 examples of another question.
  const hk::Dataset data(points, hk::cast(radius > 0.7, hk::i32).detach());
  hk::Sequential student({hk::Input({2}), features, hk::Dense(2, {.name = "head"})});
  student.get_layer("features").trainable(false);
  student.compile(options());
  const std::vector<float> before = student.get_layer("features").weights()[2].to_vector();
  student.fit(data.slice(0, 32), {.epochs = 60, .verbose = 0});

  CHECK(student.trainable_weights().size() == 2);
  CHECK(student.get_layer("features").weights()[2].to_vector() == before);
  CHECK(student.evaluate(data.slice(32, 512), {.verbose = 0})["accuracy"] > 0.85);
}
