// See circle_loss.h.
#include "ops/circle_loss.h"

#include <fmt/format.h>

#include <limits>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/loss_parts.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

// logsumexp over the pairs of an example; of one without pairs something finite, which is not used.
Tensor over_pairs(const Tensor& values, const Tensor& is_pair, const Tensor& has_pairs) {
  const Tensor pairs = where(is_pair, values, -std::numeric_limits<double>::infinity());
  return logsumexp(where(has_pairs, pairs, 0), {1});
}

}  // namespace

Tensor circle(const Tensor& labels, const Tensor& embeddings, const LossOptions& options,
              const CircleOptions& circle) {
  const bool are_labels = !is_float(labels.dtype()) && labels.dtype() != DType::boolean &&
                          (labels.rank() == 1 || (labels.rank() == 2 && labels.size(1) == 1));
  if (!are_labels || embeddings.rank() != 2 || embeddings.dtype() != DType::f32 ||
      labels.size(0) != embeddings.size(0))
    throw Error(
        fmt::format("[circle] labels are {} and embeddings {}; they must be integers [n] or [n, 1] and f32 "
                    "[n, features].",
                    describe(labels), describe(embeddings)));
  if (!(circle.gamma > 0))
    throw Error(fmt::format("[circle] gamma is {}; it must be positive.", circle.gamma));
  const std::int64_t n = labels.size(0);
  const Tensor rows = reshape(labels, {n, 1}), columns = reshape(labels, {1, n});
  const Tensor is_negative = rows != columns;
  Tensor is_positive = rows == columns;
  if (circle.remove_diagonal) is_positive = is_positive && expand_dims(arange(n), 1) != arange(n);
  const Tensor has_pairs = any(is_positive, {1}, KeepDims::yes) && any(is_negative, {1}, KeepDims::yes);

  const double margin = circle.margin, gamma = circle.gamma;
  const Tensor distances = maximum(1 - matmul(embeddings, transpose(embeddings)), 0);
  const Tensor positive = -gamma * (maximum(margin + distances, 0) * (margin - distances));
  const Tensor negative = gamma * (maximum(1 + margin - distances, 0) * (1 - margin - distances));
  const Tensor both =
      over_pairs(positive, is_positive, has_pairs) + over_pairs(negative, is_negative, has_pairs);
  const Tensor losses = where(squeeze(has_pairs, {1}), softplus(both), 0);
  if (options.reduction != Reduction::sum_over_batch_size) return reduced_losses("circle", losses, options);
  LossOptions summed = options;
  summed.reduction = Reduction::sum;
  return reduced_losses("circle", losses, summed) / maximum(sum(cast(stop_gradient(losses) > 0, f32)), 1);
}

Tensor circle(const Tensor& labels, const Tensor& embeddings, const LossOptions& options) {
  return circle(labels, embeddings, options, {});
}

}  // namespace hekla
