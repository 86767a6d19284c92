// See loss.h.
#include "train/model/loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/circle_loss.h"
#include "ops/ctc_loss.h"
#include "ops/elementwise.h"
#include "ops/focal_loss.h"
#include "ops/generalized_cross_entropy.h"
#include "ops/reduce.h"
#include "ops/region_loss.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Plain = Tensor (*)(const Tensor&, const Tensor&, const LossOptions&);

constexpr std::array<std::pair<std::string_view, Plain>, 33> named{{
    {"mean_squared_error", mean_squared_error},
    {"mse", mean_squared_error},
    {"mean_absolute_error", mean_absolute_error},
    {"mae", mean_absolute_error},
    {"mean_absolute_percentage_error", mean_absolute_percentage_error},
    {"mape", mean_absolute_percentage_error},
    {"mean_squared_logarithmic_error", mean_squared_logarithmic_error},
    {"msle", mean_squared_logarithmic_error},
    {"huber", huber},
    {"log_cosh", log_cosh},
    {"poisson", poisson},
    {"cosine_similarity", cosine_similarity},
    {"hinge", hinge},
    {"squared_hinge", squared_hinge},
    {"categorical_hinge", categorical_hinge},
    {"kl_divergence", kl_divergence},
    {"kld", kl_divergence},
    {"binary_crossentropy", binary_crossentropy},
    {"bce", binary_crossentropy},
    {"binary_crossentropy_from_logits", binary_crossentropy_from_logits},
    {"categorical_crossentropy", categorical_crossentropy},
    {"categorical_crossentropy_from_logits", categorical_crossentropy_from_logits},
    {"sparse_categorical_crossentropy", sparse_categorical_crossentropy},
    {"sparse_categorical_crossentropy_from_logits", sparse_categorical_crossentropy_from_logits},
    {"binary_focal_crossentropy", binary_focal_crossentropy},
    {"binary_focal_crossentropy_from_logits", binary_focal_crossentropy_from_logits},
    {"categorical_focal_crossentropy", categorical_focal_crossentropy},
    {"categorical_focal_crossentropy_from_logits", categorical_focal_crossentropy_from_logits},
    {"categorical_generalized_cross_entropy", categorical_generalized_cross_entropy},
    {"circle", circle},
    {"dice", dice},
    {"tversky", tversky},
    {"ctc", ctc},
}};

// Throws unless the values are a scalar, or one or more numbers for each example.
void check_values(const Tensor& values, const Tensor& predictions) {
  const bool fits = values.defined() && values.dtype() == DType::f32 &&
                    (values.rank() == 0 || (predictions.rank() > 0 && values.size(0) == predictions.size(0)));
  if (!fits)
    throw Error(
        fmt::format("[loss] the function gives {} for predictions {}; it gives one f32 number, or one for "
                    "each example, [batch, ..].",
                    values.defined() ? describe(values) : "an empty tensor", describe(predictions)));
}

// Whether another axis has the size of the batch, so that the first axis of `values` may be that one.
bool is_by_chance(const Tensor& values, const Tensor& predictions) {
  const Shape& shape = predictions.shape();
  return shape[0] > 1 && values.rank() < shape.rank() &&
         std::find(shape.begin() + 1, shape.end(), shape[0]) != shape.end();
}

}  // namespace

Loss::Loss(Plain function)
    : function_(function),
      takes_labels_(function == Plain(sparse_categorical_crossentropy) ||
                    function == Plain(sparse_categorical_crossentropy_from_logits) ||
                    function == Plain(categorical_generalized_cross_entropy)) {}

Loss::Loss(std::string_view name) : Loss(choose("loss", name, named)) {}

Tensor Loss::operator()(const Tensor& targets, const Tensor& predictions, const Tensor& sample_weight) const {
  const Tensor loss = function_(targets, predictions, {.sample_weight = sample_weight});
  if (!loss.defined() || loss.rank() != 0 || loss.dtype() != DType::f32)
    throw Error(fmt::format("[loss] the loss is {}; it must be one f32 number.",
                            loss.defined() ? describe(loss) : "an empty tensor"));
  return loss;
}

Loss::Function Loss::averaged(std::function<Tensor(const Tensor&, const Tensor&)> function) {
  return [function = std::move(function)](const Tensor& targets, const Tensor& predictions,
                                          const LossOptions& options) {
    const Tensor values = function(targets, predictions);
    check_values(values, predictions);
    if (values.rank() > 0 && is_by_chance(values, predictions)) {
      // A batch with one example less distinguishes the batch axis from another axis of the same size.
      const std::vector<Range> fewer{{0, predictions.size(0) - 1}};
      const Tensor others = slice(predictions, fewer);
      check_values(function(slice(targets, fewer), others), others);
    }
    const Tensor& weight = options.sample_weight;
    if (!weight.defined()) return values.rank() == 0 ? values : mean(values);
    if (values.rank() == 0)
      throw Error(
          "[loss] samples are weighted or masked, but the loss is one number already; let it return one for "
          "each sample.");
    if (weight.rank() > values.rank())
      throw Error(fmt::format(
          "[loss] the predictions {} have a mask of times, but the loss gives {}; let it return one "
          "number for each time, [batch, time, ..].",
          describe(predictions), describe(values)));
    std::vector<std::int64_t> sizes(weight.shape().begin(), weight.shape().end());
    sizes.resize(static_cast<std::size_t>(values.rank()), 1);
    return mean(values * reshape(weight, Shape(sizes)));
  };
}

}  // namespace hekla
