// An epoch of Model::fit over 48,000 images in batches of 32, with shuffling, the running loss and everything
// else that fit does, also with accuracy. It is compared with the bare training step (batch, forward,
// backward and update), compiled by hand and run as often.
//   cmake --preset release && cmake --build build/release --target bench_fit && build/release/bench/bench_fit
#include <fmt/format.h>

#include <memory>

#include "bench/support/measure.h"
#include "bench/support/training.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t batch = 32;

Case epoch(Sequential (*make)(), Optimizer (*optimizer)(), const std::vector<Metric>& metrics,
           std::int64_t examples = 48'000) {
  const Dataset data = noise().take(examples);
  auto model = std::make_shared<Sequential>(make());
  model->compile(
      {.optimizer = optimizer(), .loss = sparse_categorical_crossentropy_from_logits, .metrics = metrics});
  const Step bare = resident_step(make(), optimizer(), data, batch);
  return {.run = [=](int epochs) { model->fit(data, {.batch_size = batch, .epochs = epochs, .verbose = 0}); },
          .limit = {.run = [program = compile(bare.build()), bare, examples](int epochs) mutable {
            for (int i = 0; i < epochs; ++i) program.run(static_cast<int>(examples / batch));
            bare.waited_for.to_vector();
          }}};
}

}  // namespace

void add_benchmarks() {
  add("fit/softmax/sgd", [] { return epoch(softmax_regression, sgd, {}); });
  add("fit/mlp/adam", [] { return epoch(mlp, adam, {}); });
  add("fit/softmax/sgd/accuracy", [] { return epoch(softmax_regression, sgd, {accuracy}); });
  add("fit/mlp/adam/accuracy", [] { return epoch(mlp, adam, {accuracy}); });
  add("fit/small", [] { return epoch(softmax_regression, sgd, {}, 64); });
}

}  // namespace hekla::bench
