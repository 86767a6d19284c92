// hekla in five lines: an expression, its loss, the gradient, and the gradient of the gradient's squared
// length.
#include <fmt/ranges.h>

#include "hekla.h"

int main() try {
  auto x = hk::tensor({0.5, 1, 1.5, 2}, {2, 2});  // two examples of two numbers each
  auto w = hk::variable(hk::tensor({1, -0.25}, {2, 1}), "w");
  auto y = hk::tanh(hk::matmul(x, w));  // nothing is computed yet
  auto loss = hk::mean(hk::square(y - 1));
  auto slope = hk::grad(loss, w);                       // more graph of the same operations...
  auto bend = hk::grad(hk::sum(hk::square(slope)), w);  // ...so it can be differentiated again

  fmt::print("device  {}\n", hk::default_device()->name());
  fmt::print("y       {:.4f}\n", fmt::join(y.to_vector(), " "));
  fmt::print("loss    {:.4f}\n", loss.item());
  fmt::print("slope   {:.4f}   d loss / d w\n", fmt::join(slope.to_vector(), " "));
  fmt::print("bend    {:.4f}   d |slope|^2 / d w\n", fmt::join(bend.to_vector(), " "));
} catch (const hk::Error& error) {
  fmt::print(stderr, "hello: {}\n", error.what());
  return 1;
}
