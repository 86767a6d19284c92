// A residual network with batch normalization (He et al.: Deep residual learning for image recognition, CVPR 2016).
#include <doctest/doctest.h>

#include "hekla.h"

namespace {

struct Block {
  hk::Tensor operator()(const hk::Tensor& x, const hk::Mode& mode) const {
    return x + second(hk::relu(norm(first(x, mode), mode)), mode);
  }
  hk::Dense first{16, {.use_bias = false}}, second{16};
  hk::BatchNormalization norm{{.momentum = 0.9}};
};

}  // namespace

TEST_CASE("programs: a residual network with batch normalization tells a ring from its surroundings") {
  hk::set_random_seed(5);
  const hk::Tensor points = hk::random_uniform({512, 2}, hk::random_key(5), -1, 1).detach();
  const hk::Tensor radius = hk::sqrt(hk::sum(hk::square(points), {1}));
  const hk::Tensor classes = hk::cast(radius > 0.4 && radius < 0.8, hk::i32).detach();

  hk::Sequential model({hk::Input({2}), hk::Dense(16), Block{}, Block{}, hk::Dense(2)});
  model.compile({.optimizer = hk::Adam({.learning_rate = 0.01}),
                 .loss = hk::sparse_categorical_crossentropy_from_logits,
                 .metrics = {hk::accuracy}});
  model.fit(points, classes, {.batch_size = 64, .epochs = 30, .verbose = 0});

  // In inference the moving statistics stand in for those of a batch, so an example's result does not depend on others.
  CHECK(model.evaluate(points, classes, {.verbose = 0})["accuracy"] > 0.9);
  const hk::Tensor alone = model(hk::slice(points, {{0, 2}})), together = hk::slice(model(points), {{0, 2}});
  CHECK(hk::max(hk::abs(alone - together)).item() < 1e-4);
}
