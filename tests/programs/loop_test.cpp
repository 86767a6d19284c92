// A training loop of one's own, with layers that behave differently in training.
#include <doctest/doctest.h>

#include <vector>

#include "hekla.h"

TEST_CASE("programs: a training loop of one's own") {
  hk::set_random_seed(9);
  const hk::Tensor points = hk::random_normal({512, 4}, hk::random_key(9)).detach();
  const hk::Tensor classes = hk::argmax(hk::slice(points, {{}, {.stop = 3}})).detach();
  const hk::Dataset data(points, classes), training = data.slice(0, 384), held_out = data.slice(384, 512);

  hk::Sequential model({hk::Input({4}), hk::Dense(16, hk::relu), hk::BatchNormalization({.momentum = 0.9}),
                        hk::Dropout(0.1), hk::Dense(3)});
  hk::Optimizer optimizer = hk::Adam({.learning_rate = 0.01});
  hk::Feed feed(training);
  const hk::Batch batch = feed.next(32);
  // The optimizer's counter makes dropout draw anew at each step.
  const hk::Tensor count = hk::cast(optimizer.iterations(), hk::u32);
  const hk::Mode mode = hk::Mode::training(hk::fold_in(hk::random_key(9), count));
  const hk::Tensor logits = model(batch.inputs[0], mode);
  const hk::Tensor loss = hk::sparse_categorical_crossentropy_from_logits(batch.targets[0], logits);
  const std::vector<hk::Tensor> weights = model.trainable_weights();
  std::vector<hk::Update> updates = optimizer.step(weights, hk::grad(loss, weights));
  const std::vector<hk::Update>& of_layers = mode.record().updates;  // moving means and variances
  updates.insert(updates.end(), of_layers.begin(), of_layers.end());
  updates.push_back(feed.advance(32));
  hk::Program step = hk::compile({.outputs = {loss}, .updates = updates});

  // The whole validation is one computation, of the weights' present values.
  const hk::Feed all(held_out);
  const hk::Batch test = all.next(all.count());
  hk::Program validate = hk::compile(
      {.outputs = {hk::mean(hk::sparse_categorical_accuracy(test.targets[0], model(test.inputs[0])))}});
  const float untrained = validate.run()[0].item();
  float last = 0;
  for (std::uint32_t epoch = 0; epoch < 20; ++epoch) {
    hk::evaluate({.updates = feed.restart(hk::random_key(1, epoch))});
    last = step.run(12)[0].item();
  }
  CHECK(optimizer.iterations().item<int>() == 240);
  CHECK(last < 0.6);
  CHECK(untrained < 0.6);
  CHECK(validate.run()[0].item() > 0.85);
}
