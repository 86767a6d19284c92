// See loss.h.
#include "train/model/loss.h"

#include <fmt/format.h>

#include <array>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/choice.h"

namespace hekla {

namespace {

using Plain = Tensor (*)(const Tensor&, const Tensor&, const LossOptions&);

constexpr std::array<std::pair<std::string_view, Plain>, 18> named{{
    {"mean_squared_error", mean_squared_error},
    {"mse", mean_squared_error},
    {"mean_absolute_error", mean_absolute_error},
    {"mae", mean_absolute_error},
    {"huber", huber},
    {"log_cosh", log_cosh},
    {"poisson", poisson},
    {"cosine_similarity", cosine_similarity},
    {"hinge", hinge},
    {"squared_hinge", squared_hinge},
    {"categorical_hinge", categorical_hinge},
    {"kl_divergence", kl_divergence},
    {"binary_crossentropy", binary_crossentropy},
    {"binary_crossentropy_from_logits", binary_crossentropy_from_logits},
    {"categorical_crossentropy", categorical_crossentropy},
    {"categorical_crossentropy_from_logits", categorical_crossentropy_from_logits},
    {"sparse_categorical_crossentropy", sparse_categorical_crossentropy},
    {"sparse_categorical_crossentropy_from_logits", sparse_categorical_crossentropy_from_logits},
}};

}  // namespace

Loss::Loss(std::string_view name) : function_(choose("loss", name, named)) {}

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
    const Tensor& weight = options.sample_weight;
    if (!weight.defined()) return values.rank() == 0 ? values : mean(values);
    if (values.rank() == 0)
      throw Error(
          "[loss] samples are weighted, but the loss is one number already; let it return one for each "
          "sample.");
    std::vector<std::int64_t> sizes(weight.shape().begin(), weight.shape().end());
    sizes.resize(static_cast<std::size_t>(values.rank()), 1);
    return mean(values * reshape(weight, Shape(sizes)));
  };
}

}  // namespace hekla
