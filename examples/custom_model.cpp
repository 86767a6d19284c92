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
  Residual(std::int64_t features, const hk::RandomKey& key)
      : dense(features, features, key, swish, "residual"), scale(features) {}
  hk::Tensor operator()(const hk::Tensor& x) const { return x + scale(dense(x)); }
  hk::Dense dense;
  Scale scale;
};

struct RingModel {
  hk::Tensor operator()(const hk::Tensor& x) const { return output(second(first(input(x)))); }
  hk::Dense input{2, 16, hk::random_key(1, 0), [](const hk::Tensor& x) { return hk::tanh(x); }, "input"};
  Residual first{16, hk::random_key(1, 1)};
  Residual second{16, hk::random_key(1, 2)};
  hk::Dense output{16, 2, hk::random_key(1, 3), nullptr, "output"};
};

int main() try {
  // 512 points in a square, drawn on the device; the class says whether a point lies in the ring.
  const hk::Tensor points = hk::random_uniform({512, 2}, hk::random_key(7), -1, 1).detach();
  const hk::Tensor radius = hk::sqrt(hk::sum(hk::square(points), {1}));
  const hk::Tensor classes = hk::cast(radius > 0.4 && radius < 0.8, hk::i32).detach();

  const RingModel model;
  const hk::Tensor scores = model(points);
  const hk::Tensor loss = hk::sparse_categorical_crossentropy_from_logits(classes, scores);
  const hk::Tensor accuracy = hk::sparse_categorical_accuracy(classes, scores);
  // The graph knows its variables: nothing is registered.
  const std::vector<hk::Tensor> weights = hk::variables(loss);
  hk::Adam adam({.learning_rate = 0.01});
  hk::Program step =
      hk::compile({.outputs = {loss, accuracy}, .updates = adam.step(weights, hk::grad(loss, weights))});
  for (int i = 0; i <= 5; ++i) {
    const std::vector<hk::Tensor> results = step.run(i == 0 ? 1 : 100);
    fmt::print("step {:>3}  loss {:.4f}  accuracy {:.4f}\n", i * 100, results[0].item(), results[1].item());
  }
} catch (const hk::Error& error) {
  fmt::print(stderr, "custom_model: {}\n", error.what());
  return 1;
}
