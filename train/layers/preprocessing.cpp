// See preprocessing.h.
#include "train/layers/preprocessing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "train/layers/quantiles.h"

namespace hekla {

namespace {

// The sizes of the kept axes.
Shape sizes_of(const Tensor& x, const std::vector<int>& kept) {
  Shape sizes;
  for (const int axis : kept) sizes.push_back(x.size(axis));
  return sizes;
}

// Statistics of the kept axes in a shape that broadcasts against x.
Tensor beside(const Tensor& statistics, const Tensor& x, const std::vector<int>& kept) {
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis)
    shape.push_back(std::ranges::find(kept, axis) == kept.end() ? 1 : x.size(axis));
  return reshape(broadcast_to(statistics, sizes_of(x, kept)), shape);
}

constexpr std::array<std::pair<std::string_view, CategoryMode>, 4> modes{
    {{"int", CategoryMode::integer},
     {"one_hot", CategoryMode::one_hot},
     {"multi_hot", CategoryMode::multi_hot},
     {"count", CategoryMode::count}}};

}  // namespace

CategoryMode category_mode(std::string_view layer, std::string_view name) {
  return choose(layer, name, modes, "output_mode");
}

// As keras/src/utils/numerical_utils.py, encode_categorical_inputs.
Tensor encoded_categories(const Tensor& categories, std::int64_t depth, CategoryMode mode,
                          const Tensor& count_weights) {
  if (mode == CategoryMode::integer) return categories;
  if (mode == CategoryMode::one_hot) {
    const bool is_column = categories.rank() > 1 && categories.size(-1) == 1;
    return one_hot(is_column ? squeeze(categories, {-1}) : categories, depth);
  }
  Tensor hot = one_hot(categories, depth);
  if (count_weights.defined()) hot = hot * expand_dims(count_weights, -1);
  const int axis = categories.rank() > 1 ? 1 : 0;
  const Tensor counts = sum(hot, {axis});
  return mode == CategoryMode::count ? counts : cast(counts > 0, f32);
}

Normalization::Normalization(NormalizationOptions options)
    : options_(std::move(options)), state_(std::make_shared<LayerState>("Normalization", options_.name)) {
  const Tensor &mean = options_.mean, &variance = options_.variance;
  if (!mean.defined() && !variance.defined()) return;
  if (!mean.defined() || !variance.defined() || !(mean.shape() == variance.shape()) ||
      mean.dtype() != DType::f32 || variance.dtype() != DType::f32)
    throw Error(fmt::format("[{}] mean is {} and variance {}; both are given as f32 of one shape, or none.",
                            state_->display_name(), mean.defined() ? describe(mean) : "none",
                            variance.defined() ? describe(variance) : "none"));
}

std::vector<int> Normalization::kept_axes(const Tensor& x) const {
  if (options_.axis.empty()) return {};
  const std::vector<int> kept = normalize_axes(options_.axis, x.rank(), state_->display_name());
  if (kept[0] == 0)
    throw Error(fmt::format("[{}] axis 0 is the batch, which has no statistics of its own; name others.",
                            state_->display_name()));
  return kept;
}

Tensor Normalization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  const std::vector<int> kept = kept_axes(x);
  const auto statistics = [&](std::string_view name, const Tensor& given, const Tensor& adapted,
                              double start) {
    if (given.defined()) return beside(given, x, kept);
    const Initializer initializer = [&](const Shape& shape, const RandomKey&) {
      return adapted.defined() ? adapted : full(shape, start);
    };
    const Tensor weight = call.weight(name, sizes_of(x, kept), initializer, {.trainable = false});
    return beside(stop_gradient(weight), x, kept);
  };
  const Tensor mean = statistics("mean", options_.mean, adapted_->mean, 0);
  const Tensor variance = statistics("variance", options_.variance, adapted_->variance, 1);
  const Tensor deviation = maximum(sqrt(variance), 1e-7);
  return call.done(options_.invert ? mean + as_float(x) * deviation : (as_float(x) - mean) / deviation);
}

void Normalization::adapt(const Tensor& data) {
  if (options_.mean.defined())
    throw Error(fmt::format("[{}] mean and variance are given; adapt finds those of a layer without.",
                            state_->display_name()));
  if (data.rank() < 1 || data.count() == 0)
    throw Error(fmt::format("[{}] {} has no examples to adapt to.", state_->display_name(), describe(data)));
  const std::vector<int> kept = kept_axes(data);
  std::vector<int> others;
  for (int axis = 0; axis < data.rank(); ++axis) {
    if (std::ranges::find(kept, axis) == kept.end()) others.push_back(axis);
  }
  const Moments found = moments(as_float(data), others);
  const std::vector<Tensor> weights = state_->weights();
  if (!weights.empty() && !(weights[0].shape() == found.mean.shape()))
    throw Error(
        fmt::format("[{}] the layer was built for {} and is adapted to {}; the sizes must be the same.",
                    state_->display_name(), describe(weights[0]), describe(data)));
  *adapted_ = {.mean = found.mean.detach(), .variance = found.variance.detach()};
  if (weights.empty()) return;
  assign(weights[0], adapted_->mean);
  assign(weights[1], adapted_->variance);
}

Discretization::Discretization(const DiscretizationOptions& options)
    : options_(options),
      boundaries_(std::make_shared<std::vector<double>>(options.bin_boundaries)),
      state_(std::make_shared<LayerState>("Discretization", options.name)) {
  mode_ = category_mode(state_->display_name(), options.output_mode);
  if (options.bin_boundaries.empty() == (options.num_bins == 0) || options.num_bins < 0)
    throw Error(fmt::format(
        "[{}] {} boundaries and {} bins are given; either boundaries are needed or a number of bins.",
        state_->display_name(), options.bin_boundaries.size(), options.num_bins));
  if (std::ranges::adjacent_find(*boundaries_, [](double a, double b) { return !(a < b); }) !=
      boundaries_->end())
    throw Error(fmt::format("[{}] the boundaries are {}; they must rise.", state_->display_name(),
                            fmt::join(*boundaries_, ", ")));
  if (!(options.epsilon > 0 && options.epsilon < 1))
    throw Error(fmt::format("[{}] epsilon is {}; it must lie between 0 and 1.", state_->display_name(),
                            options.epsilon));
}

Tensor Discretization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  if (boundaries_->empty() && options_.num_bins != 1)
    throw Error(fmt::format("[{}] the boundaries are not known yet; give bin_boundaries or call adapt first.",
                            state_->name()));
  const std::int64_t count = static_cast<std::int64_t>(boundaries_->size());
  Shape last;
  for (int axis = 0; axis < x.rank(); ++axis) last.push_back(1);
  last.push_back(count);
  // Not below, so that NaN has reached all of them.
  const Tensor reached = !(expand_dims(as_float(x), -1) < reshape(tensor(*boundaries_), last));
  return call.done(encoded_categories(sum(cast(reached, i32), {-1}), count + 1, mode_));
}

void Discretization::adapt(const Tensor& data) {
  if (options_.num_bins == 0)
    throw Error(fmt::format("[{}] boundaries are given; adapt finds those of a layer with a number of bins.",
                            state_->display_name()));
  if (data.count() == 0)
    throw Error(fmt::format("[{}] {} has no elements to adapt to.", state_->display_name(), describe(data)));
  *boundaries_ = quantile_boundaries(as_float(data).to_vector<double>(), options_.num_bins, options_.epsilon);
}

CategoryEncoding::CategoryEncoding(std::int64_t num_tokens, const CategoryEncodingOptions& options)
    : num_tokens_(num_tokens), state_(std::make_shared<LayerState>("CategoryEncoding", options.name)) {
  mode_ = category_mode(state_->display_name(), options.output_mode);
  if (mode_ == CategoryMode::integer)
    throw Error(fmt::format("[{}] output_mode is int, which encodes nothing; choose another.",
                            state_->display_name()));
  if (num_tokens < 1)
    throw Error(
        fmt::format("[{}] num_tokens is {}; it must be positive.", state_->display_name(), num_tokens));
}

Tensor CategoryEncoding::operator()(const Tensor& x, const Mode& mode, const Tensor& count_weights) const {
  LayerCall call(state_, mode, {x});
  if (is_float(x.dtype()) || x.dtype() == DType::boolean || x.rank() < 1)
    throw Error(
        fmt::format("[{}] takes integers [batch, ..], not {} (see hk::cast).", state_->name(), describe(x)));
  if (count_weights.defined()) {
    if (mode_ != CategoryMode::count)
      throw Error(fmt::format("[{}] weights are for the output_mode count.", state_->name()));
    if (!(count_weights.shape() == x.shape()) || count_weights.dtype() != DType::f32)
      throw Error(fmt::format("[{}] the weights are {} and x {}; they must be f32 of its shape.",
                              state_->name(), describe(count_weights), describe(x)));
  }
  return call.done(encoded_categories(cast(x, i32), num_tokens_, mode_, count_weights));
}

}  // namespace hekla
