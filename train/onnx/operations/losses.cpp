// Losses.
#include <fmt/format.h>

#include "ops/activation.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

// Of logarithms of probabilities [n, c, ..] and classes [n, ..].
Tensor negative_log_likelihood(const Call& call, const Tensor& logs) {
  const Tensor& target = call[1];
  if (logs.rank() < 2 || target.rank() != logs.rank() - 1)
    call.fail(fmt::format("{} and the classes {}; [n, c, ..] and [n, ..] are needed.", describe(logs),
                          describe(target)));
  const bool ignores = call.has_attribute("ignore_index");
  const Tensor counts =
      ignores ? target != call.integer("ignore_index") : ones(target.shape(), DType::boolean);
  const Tensor classes = where(counts, target, 0);
  const Tensor picked = squeeze(take_along_axis(logs, expand_dims(classes, 1), 1), 1);
  Tensor weights = cast(counts, DType::f32);
  if (call.has_input(2)) weights = weights * gather(call[2], classes, 0);
  const Tensor losses = where(counts, -picked * weights, 0);
  const std::string reduction = call.text("reduction", "mean");
  if (reduction == "none") return losses;
  if (reduction == "sum") return sum(losses);
  if (reduction != "mean")
    call.fail(fmt::format("the reduction is {}; none, sum or mean is needed.", files::in_quotes(reduction)));
  return sum(losses) / sum(weights);
}

Results nll(const Call& call) { return {negative_log_likelihood(call, call[0])}; }

Results softmax_crossentropy(const Call& call) {
  const Tensor logs = log_softmax(call[0], 1);
  return {negative_log_likelihood(call, logs), logs};
}

}  // namespace

std::vector<Conversion> losses() {
  return {
      {"NegativeLogLikelihoodLoss", nll, {"ignore_index", "reduction"}},
      {"SoftmaxCrossEntropyLoss", softmax_crossentropy, {"ignore_index", "reduction"}},
  };
}

}  // namespace hekla::onnx
