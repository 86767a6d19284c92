// A model of your own: any struct with an operator() will do. A residual block with a layer that hekla does
// not have (a learned scale) and an activation that is a function of operations, trained to tell points
// inside a ring from points outside.
#include <fmt/format.h>
#include <hekla.h>

hk::Tensor swish(const hk::Tensor& x) { return x * hk::sigmoid(x); }

/// y = scale * x, one learned factor per feature.
struct Scale {
  explicit Scale(std::int64_t features) : factor(hk::variable(hk::ones({features}), "scale")) {}
  hk::Tensor operator()(const hk::Tensor& x) const { return x * factor; }
  hk::Tensor factor;
};

/// x + scale(swish(dense(x))).
struct Residual {
  explicit Residual(std::int64_t features) : dense(features, swish), scale(features) {}
  hk::Tensor operator()(const hk::Tensor& x, const hk::Mode& mode) const { return x + scale(dense(x, mode)); }
  hk::Dense dense;
  Scale scale;
};

struct RingModel {
  hk::Tensor operator()(const hk::Tensor& x, const hk::Mode& mode) const {
    return output(second(first(input(x, mode), mode), mode), mode);
  }
  hk::Dense input{16, "tanh", {.name = "input"}};
  Residual first{16}, second{16};
  hk::Dense output{2, {.name = "output"}};
};

int main() try {
  // 512 points in a square, drawn on the device; the class says whether a point lies in the ring.
  const hk::Tensor points = hk::random_uniform({512, 2}, hk::random_key(7), -1, 1).detach();
  const hk::Tensor radius = hk::sqrt(hk::sum(hk::square(points), {1}));
  const hk::Tensor classes = hk::cast(radius > 0.4 && radius < 0.8, hk::i32).detach();

  // The weights are the variables in the model's graph: nothing is registered.
  hk::Model model(RingModel{}, {.name = "ring"});
  model.compile({.optimizer = hk::Adam({.learning_rate = 0.01}),
                 .loss = hk::sparse_categorical_crossentropy_from_logits,
                 .metrics = {hk::accuracy}});
  const hk::History history = model.fit(points, classes, {.batch_size = 64, .epochs = 60, .verbose = 0});
  fmt::print("{}", model.summary());
  for (std::size_t epoch = 0; epoch < 60; epoch += epoch == 0 ? 9 : 10) {
    fmt::print("epoch {:>2}  loss {:.4f}  accuracy {:.4f}\n", epoch + 1, history["loss"][epoch],
               history["accuracy"][epoch]);
  }
} catch (const hk::Error& error) {
  fmt::print(stderr, "custom_model: {}\n", error.what());
  return 1;
}
