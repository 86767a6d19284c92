// An optimizer that hekla does not have: Yogi (Zaheer et al.: Adaptive methods for nonconvex optimization, NeurIPS 2018).
#include <doctest/doctest.h>

#include <vector>

#include "hekla.h"

namespace {

//   m <- b1 m + (1 - b1) g;  v <- v - (1 - b2) sign(v - g^2) g^2;  x <- x - lr m / (sqrt(v) + epsilon)
hk::OptimizerRule yogi(double b1 = 0.9, double b2 = 0.999, double epsilon = 1e-3) {
  return {.name = "yogi",
          .slots = {{"m"}, {"v", 1e-6}},
          .begin = [=](const hk::OptimizerRule::Time& now) -> hk::OptimizerRule::Step {
            return {.apply = [=](const hk::Tensor& x, const hk::Tensor& g,
                                 const std::vector<hk::Tensor>& slots) -> hk::OptimizerRule::Change {
              const hk::Tensor g2 = hk::square(g);
              const hk::Tensor m = b1 * slots[0] + (1 - b1) * g;
              const hk::Tensor v = slots[1] - (1 - b2) * hk::sign(slots[1] - g2) * g2;
              return {.x = x - now.learning_rate * m / (hk::sqrt(v) + epsilon), .slots = {m, v}};
            }};
          }};
}

}  // namespace

TEST_CASE("programs: an optimizer of one's own takes the steps of its formula") {
  const hk::Tensor x = hk::variable(hk::tensor({1.0, -2.0}), "x");
  hk::Optimizer optimizer(yogi(), 0.1);
  hk::Program step = hk::compile({.updates = optimizer.step(std::vector{x}, std::vector{hk::square(x)})});
  step.run(2);
  // NumPy, in double precision.
  CHECK(x.to_vector<double>()[0] == doctest::Approx(0.3111054).epsilon(1e-5));
  CHECK(x.to_vector<double>()[1] == doctest::Approx(-2.735414).epsilon(1e-5));
}

TEST_CASE("programs: an optimizer of one's own fits a line") {
  hk::set_random_seed(7);
  const hk::Tensor inputs = hk::random_normal({128, 2}, hk::random_key(8)).detach();
  const hk::Tensor targets = (hk::matmul(inputs, hk::tensor({{3.0}, {-1.0}})) + 0.5).detach();
  hk::Sequential model({hk::Dense(1)});
  model.compile({.optimizer = hk::Optimizer(yogi(), 0.05), .loss = "mse"});
  model.fit(inputs, targets, {.epochs = 40, .verbose = 0});
  const std::vector<double> kernel = model.weights()[0].to_vector<double>();
  CHECK(kernel[0] == doctest::Approx(3).epsilon(0.02));
  CHECK(kernel[1] == doctest::Approx(-1).epsilon(0.02));
}
