// Jacobians, Hessians and Hessian-vector products.
#include "autodiff/jacobian.h"

#include "autodiff/check.h"
#include "autodiff/forward.h"
#include "autodiff/grad.h"
#include "autodiff/reverse.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The unit vector: 1 at element `at`, 0 elsewhere. It is computed where it is used, without memory.
Tensor unit(const Shape& shape, std::int64_t at) {
  return reshape(where(equal(arange(shape.count()), at), 1.0f, 0.0f), shape);
}

}  // namespace

Tensor jacobian(const Tensor& output, const Tensor& target) {
  check_f32("jacobian", "output", {&output, 1});
  check_f32("jacobian", "target", {&target, 1});
  Shape shape = output.shape();
  for (const std::int64_t size : target.shape()) shape.push_back(size);
  if (shape.count() == 0) return zeros(shape);
  const bool by_rows = output.count() <= target.count();
  const Shape& fewer = by_rows ? output.shape() : target.shape();
  std::vector<Tensor> lines;
  for (std::int64_t i = 0; i < fewer.count(); ++i) {
    const Tensor line = by_rows ? vjp(output, target, unit(fewer, i)) : jvp(output, target, unit(fewer, i));
    lines.push_back(reshape(line, {1, -1}));
  }
  const Tensor matrix = concat(lines, 0);
  return reshape(by_rows ? matrix : transpose(matrix), shape);
}

Tensor hessian(const Tensor& loss, const Tensor& target) { return jacobian(grad(loss, target), target); }

std::vector<Tensor> hvp(const Tensor& loss, std::span<const Tensor> targets,
                        std::span<const Tensor> tangents) {
  check_loss("hvp", loss);
  check_vectors("hvp", "target", targets, "tangent", tangents);
  // A Hessian is symmetric, so its vjp is its jvp.
  return vjp(grad(loss, targets), targets, tangents);
}

}  // namespace hekla
