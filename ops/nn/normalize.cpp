// Normalizations.
#include "ops/nn/normalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The normalized axes in order, after checking that x has elements to average over them.
std::vector<int> checked_axes(std::string_view op, const Tensor& x, const std::vector<int>& axes) {
  if (x.dtype() != DType::f32) {
    throw Error(fmt::format("[{}] x is {}; it must be f32 (see hk::cast).", op, describe(x)));
  }
  if (axes.empty()) throw Error(fmt::format("[{}] no axes; name at least one.", op));
  return normalize_axes(axes, x.rank(), op);
}

void check_averaged(std::string_view op, const Tensor& x, const std::vector<int>& axes) {
  for (const int axis : axes) {
    if (x.size(axis) == 0) {
      throw Error(fmt::format("[{}] axis {} of {} has no elements to average.", op, axis, describe(x)));
    }
  }
}

std::vector<int> all_but(int axis, int rank) {
  std::vector<int> others;
  for (int a = 0; a < rank; ++a) {
    if (a != axis) others.push_back(a);
  }
  return others;
}

// A parameter with the sizes of `axes`, reshaped to broadcast against x.
Tensor along(std::string_view op, std::string_view what, const Tensor& parameter, const Tensor& x,
             const std::vector<int>& axes) {
  Shape own, broadcastable;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool counts = std::binary_search(axes.begin(), axes.end(), axis);
    broadcastable.push_back(counts ? x.size(axis) : 1);
    if (counts) own.push_back(x.size(axis));
  }
  if (!(parameter.shape() == own) || parameter.dtype() != DType::f32) {
    throw Error(fmt::format("[{}] {} is {} for x {}; it must be f32{}.", op, what, describe(parameter),
                            describe(x), to_string(own)));
  }
  return reshape(parameter, broadcastable);
}

Tensor scale_and_shift(std::string_view op, const Tensor& centered, const Tensor& variance, double epsilon,
                       const Tensor& x, const std::vector<int>& axes, const Tensor& gamma,
                       const Tensor& beta) {
  Tensor y = centered / sqrt(variance + epsilon);
  if (gamma.defined()) y = y * along(op, "gamma", gamma, x, axes);
  if (beta.defined()) y = y + along(op, "beta", beta, x, axes);
  return y;
}

Tensor by_group(std::string_view op, const Tensor& x, std::int64_t groups, const Tensor& gamma,
                const Tensor& beta, double epsilon) {
  if (x.rank() < 2) {
    throw Error(fmt::format("[{}] x is {}; it must be [batch, .., channels].", op, describe(x)));
  }
  if (groups < 1 || x.size(-1) % groups != 0) {
    throw Error(fmt::format("[{}] {} groups of {} channels of {}; the groups must divide the channels.", op,
                            groups, x.size(-1), describe(x)));
  }
  const std::vector<int> channels = checked_axes(op, x, {-1});
  Shape divided = x.shape();
  divided[x.rank() - 1] = groups;
  divided.push_back(x.size(-1) / groups);
  const Tensor grouped = reshape(x, divided);
  // All but the batch and the groups.
  std::vector<int> together = all_but(x.rank() - 1, grouped.rank());
  together.erase(together.begin());
  check_averaged(op, grouped, together);
  const Moments now = moments(grouped, together, KeepDims::yes);
  Tensor y = reshape((grouped - now.mean) / sqrt(now.variance + epsilon), x.shape());
  if (gamma.defined()) y = y * along(op, "gamma", gamma, x, channels);
  if (beta.defined()) y = y + along(op, "beta", beta, x, channels);
  return y;
}

// Mean and variance of the elements whose leading axes the mask says count; 0 where there are none.
Moments masked_moments(std::string_view op, const Tensor& x, const Tensor& mask,
                       const std::vector<int>& axes) {
  bool fits = mask.dtype() == DType::boolean && mask.rank() <= x.rank();
  for (int axis = 0; fits && axis < mask.rank(); ++axis) fits = mask.size(axis) == x.size(axis);
  if (!fits)
    throw Error(fmt::format("[{}] the mask is {} for x {}; it must be bool of x's leading axes.", op,
                            describe(mask), describe(x)));
  Shape shape = mask.shape();
  while (shape.rank() < x.rank()) shape.push_back(1);
  const Tensor counts = broadcast_to(reshape(mask, shape), x.shape());
  const Tensor count = maximum(sum(cast(counts, DType::f32), axes, KeepDims::yes), 1);
  const Tensor mean = sum(where(counts, x, 0), axes, KeepDims::yes) / count;
  const Tensor variance = sum(where(counts, square(x - mean), 0), axes, KeepDims::yes) / count;
  return {.mean = mean, .variance = variance};
}

}  // namespace

Tensor batch_normalization(const Tensor& x, const Tensor& mean, const Tensor& variance, const Tensor& gamma,
                           const Tensor& beta, int axis, double epsilon) {
  const std::string_view op = "batch_normalization";
  const std::vector<int> feature = checked_axes(op, x, {axis});
  const Tensor y =
      scale_and_shift(op, x - along(op, "mean", mean, x, feature),
                      along(op, "variance", variance, x, feature), epsilon, x, feature, gamma, beta);
  return with_origin(y,
                     {op, {x, mean, variance, gamma, beta}, {.integers = {feature[0]}, .number = epsilon}});
}

BatchNormalized batch_normalization_training(const Tensor& x, const Tensor& moving_mean,
                                             const Tensor& moving_variance, const Tensor& gamma,
                                             const Tensor& beta, int axis, double momentum, double epsilon,
                                             const Tensor& mask) {
  const std::string_view op = "batch_normalization_training";
  const std::vector<int> feature = checked_axes(op, x, {axis});
  const std::vector<int> others = all_but(feature[0], x.rank());
  if (others.empty()) {
    throw Error(
        fmt::format("[{}] x is {}; it must have an axis beside that of the features.", op, describe(x)));
  }
  check_averaged(op, x, others);
  if (!(momentum >= 0 && momentum <= 1)) {
    throw Error(fmt::format("[{}] momentum is {}; it must lie in [0, 1].", op, momentum));
  }
  along(op, "moving_mean", moving_mean, x, feature);
  along(op, "moving_variance", moving_variance, x, feature);
  const Moments batch =
      mask.defined() ? masked_moments(op, x, mask, others) : moments(x, others, KeepDims::yes);
  const auto moved = [&](const Tensor& moving, const Tensor& now) -> Update {
    return {moving, moving * momentum + reshape(now, moving.shape()) * (1 - momentum)};
  };
  return {scale_and_shift(op, x - batch.mean, batch.variance, epsilon, x, feature, gamma, beta),
          {moved(moving_mean, batch.mean), moved(moving_variance, batch.variance)}};
}

Tensor layer_normalization(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Axes& axes,
                           double epsilon) {
  const std::string_view op = "layer_normalization";
  const std::vector<int> normalized = checked_axes(op, x, axes);
  check_averaged(op, x, normalized);
  const Moments now = moments(x, normalized, KeepDims::yes);
  const Tensor y = scale_and_shift(op, x - now.mean, now.variance, epsilon, x, normalized, gamma, beta);
  return with_origin(y, {op, {x, gamma, beta}, {{normalized.begin(), normalized.end()}, epsilon}});
}

Tensor group_normalization(const Tensor& x, std::int64_t groups, const Tensor& gamma, const Tensor& beta,
                           double epsilon) {
  return by_group("group_normalization", x, groups, gamma, beta, epsilon);
}

Tensor instance_normalization(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon) {
  return by_group("instance_normalization", x, x.rank() < 1 ? 1 : std::max<std::int64_t>(x.size(-1), 1),
                  gamma, beta, epsilon);
}

Tensor rms_normalization(const Tensor& x, const Tensor& gamma, const Axes& axes, double epsilon) {
  const std::string_view op = "rms_normalization";
  const std::vector<int> normalized = checked_axes(op, x, axes);
  check_averaged(op, x, normalized);
  return scale_and_shift(op, x, mean(square(x), normalized, KeepDims::yes), epsilon, x, normalized, gamma,
                         {});
}

}  // namespace hekla
