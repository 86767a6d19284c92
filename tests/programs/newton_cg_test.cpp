// Newton's method with conjugate gradients: the Hessian appears in products with vectors alone, and is never built.
#include <doctest/doctest.h>

#include <vector>

#include "hekla.h"

TEST_CASE("programs: Newton-CG fits a logistic regression") {
  // Hours of study, and whether the exam was passed (the example of Wikipedia's article on logistic regression).
  const hk::Tensor hours = hk::tensor({0.5,  0.75, 1.0,  1.25, 1.5, 1.75, 1.75, 2.0,  2.25, 2.5,
                                       2.75, 3.0,  3.25, 3.5,  4.0, 4.25, 4.5,  4.75, 5.0,  5.5});
  const hk::Tensor passed =
      hk::cast(hk::tensor({0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1}), hk::f32);
  const hk::Tensor w = hk::variable(hk::zeros({2}), "intercept and slope");
  const hk::Tensor logits = w[0] + w[1] * hours;
  const hk::Tensor loss = hk::mean(hk::softplus(logits) - passed * logits);
  const hk::Tensor gradient = hk::grad(loss, w);

  // Solves H d = -gradient: as many iterations as there are unknowns.
  const hk::Tensor zero = hk::zeros_like(w);
  constexpr double tiny = 1e-30;  // once the gradient is 0, the step is 0
  const std::vector<hk::Tensor> solved =
      hk::repeat(2, {zero, -gradient, -gradient}, [&](const std::vector<hk::Tensor>& state) {
        const hk::Tensor d = state[0], residual = state[1], direction = state[2];
        const hk::Tensor product = hk::hvp(loss, w, direction);
        const hk::Tensor old = hk::sum(hk::square(residual));
        const hk::Tensor length = old / (hk::sum(direction * product) + tiny);
        const hk::Tensor left = residual - length * product;
        const hk::Tensor ratio = hk::sum(hk::square(left)) / (old + tiny);
        return std::vector<hk::Tensor>{d + length * direction, left, left + ratio * direction};
      });
  hk::Program step = hk::compile({.outputs = {loss}, .updates = {{w, w + solved[0]}}});
  step.run(8);

  // Newton steps in double precision with the whole Hessian; the article says -4.1 and 1.5.
  const std::vector<double> found = w.to_vector<double>();
  CHECK(found[0] == doctest::Approx(-4.077713).epsilon(1e-4));
  CHECK(found[1] == doctest::Approx(1.504645).epsilon(1e-4));
  CHECK(hk::max(hk::abs(gradient)).item() < 1e-5);
}
