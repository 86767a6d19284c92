// See merging.h.
#include "train/layers/merging.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/reorder.h"
#include "ops/statistics.h"

namespace hekla {

namespace {

std::string_view type_of(MergeKind kind) {
  switch (kind) {
    case MergeKind::add:
      return "Add";
    case MergeKind::subtract:
      return "Subtract";
    case MergeKind::multiply:
      return "Multiply";
    case MergeKind::average:
      return "Average";
    case MergeKind::maximum:
      return "Maximum";
    case MergeKind::minimum:
      return "Minimum";
  }
  return "";
}

std::string described(const std::vector<Tensor>& tensors) {
  std::string text;
  for (const Tensor& tensor : tensors) text += (text.empty() ? "" : ", ") + describe(tensor);
  return text;
}

// A tensor to be merged and which of its times count; the mask is empty where all do.
struct Merged {
  Tensor x;
  Tensor mask;
};

// With two axes, the second holds features, not times.
Tensor times_of(const Tensor& x, const Mode& mode) { return x.rank() > 2 ? mode.mask_of(x) : Tensor(); }

// The tensors as f32 of one rank. Throws where their shapes do not fit together.
std::vector<Merged> of_one_rank(std::string_view layer, const std::vector<Tensor>& inputs, const Mode& mode) {
  if (inputs.empty()) throw Error(fmt::format("[{}] no tensors are given; it merges at least one.", layer));
  int rank = 0;
  for (const Tensor& input : inputs) rank = std::max(rank, input.rank());
  std::vector<Merged> all;
  for (const Tensor& input : inputs) {
    if (input.rank() < 1 || input.size(0) != inputs[0].size(0))
      throw Error(fmt::format("[{}] {} are given; they must have one batch.", layer, described(inputs)));
    Tensor x = as_float(input);
    while (x.rank() < rank) x = expand_dims(x, 1);
    all.push_back({.x = x, .mask = times_of(input, mode)});
  }
  Shape shape = all[0].x.shape();
  for (const Merged& each : all) shape = broadcast_shapes(shape, each.x.shape(), layer);
  return all;
}

// A mask of times beside a tensor with more axes.
Tensor beside(const Tensor& mask, const Tensor& x) {
  Shape shape = mask.shape();
  while (shape.rank() < x.rank()) shape.push_back(1);
  return reshape(mask, shape);
}

Tensor chosen(const Tensor& mask, const Tensor& a, const Tensor& b) {
  return mask.defined() ? where(beside(mask, a), a, b) : a;
}

Tensor either(const Tensor& a, const Tensor& b) { return a.defined() && b.defined() ? a || b : Tensor(); }

Merged folded(const std::vector<Merged>& all, Tensor (*merge)(const Tensor&, const Tensor&)) {
  Merged result = all[0];
  for (std::size_t i = 1; i < all.size(); ++i)
    result = {.x = merge(result.x, all[i].x), .mask = either(result.mask, all[i].mask)};
  return result;
}

// Where one of two is ruled out, the other stands for both.
Merged extreme(const std::vector<Merged>& all, Tensor (*merge)(const Tensor&, const Tensor&)) {
  Merged result = all[0];
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Shape shape = broadcast_shapes(result.x.shape(), all[i].x.shape(), "merge");
    const Tensor before = broadcast_to(result.x, shape);
    const Tensor x = chosen(all[i].mask, broadcast_to(all[i].x, shape), before);
    result = {.x = merge(chosen(result.mask, before, x), x), .mask = either(result.mask, all[i].mask)};
  }
  return result;
}

// What is ruled out is 1 in the product; where nothing counts, the product is 0.
Merged product(std::vector<Merged> all) {
  for (Merged& each : all) each.x = chosen(each.mask, each.x, ones_like(each.x));
  Merged result = folded(all, multiply);
  result.x = chosen(result.mask, result.x, zeros_like(result.x));
  return result;
}

Merged merged(MergeKind kind, const std::vector<Merged>& all) {
  switch (kind) {
    case MergeKind::add:
      return folded(all, add);
    case MergeKind::subtract:
      return folded(all, subtract);
    case MergeKind::multiply:
      return product(all);
    case MergeKind::average: {
      const Merged total = folded(all, add);
      return {.x = total.x / static_cast<double>(all.size()), .mask = total.mask};
    }
    case MergeKind::maximum:
      return extreme(all, maximum);
    case MergeKind::minimum:
      return extreme(all, minimum);
  }
  return {};
}

}  // namespace

template <MergeKind kind>
Merge<kind>::Merge(const LayerOptions& options)
    : state_(std::make_shared<LayerState>(std::string(type_of(kind)), options.name)) {}

template <MergeKind kind>
Tensor Merge<kind>::operator()(const std::vector<Tensor>& inputs, const Mode& mode) const {
  LayerCall call(state_, mode, inputs);
  const std::vector<Merged> all = of_one_rank(state_->name(), inputs, mode);
  if (kind == MergeKind::subtract && all.size() != 2)
    throw Error(fmt::format("[{}] {} tensors; it takes two.", state_->name(), all.size()));
  const Merged result = merged(kind, all);
  if (result.mask.defined())
    mode.set_mask(result.x, broadcast_to(result.mask, {result.x.size(0), result.x.size(1)}));
  return call.done(result.x);
}

template class Merge<MergeKind::add>;
template class Merge<MergeKind::subtract>;
template class Merge<MergeKind::multiply>;
template class Merge<MergeKind::average>;
template class Merge<MergeKind::maximum>;
template class Merge<MergeKind::minimum>;

Concatenate::Concatenate(int axis, const LayerOptions& options)
    : axis_(axis), state_(std::make_shared<LayerState>("Concatenate", options.name)) {}

Tensor Concatenate::operator()(const std::vector<Tensor>& inputs, const Mode& mode) const {
  LayerCall call(state_, mode, inputs);
  if (inputs.empty())
    throw Error(fmt::format("[{}] no tensors are given; it joins at least one.", state_->name()));
  const int rank = inputs[0].rank(), axis = normalize_axis(axis_, rank, state_->name());
  std::vector<Tensor> parts, masks;
  bool is_masked = false;
  for (const Tensor& input : inputs) {
    bool fits = input.rank() == rank;
    for (int other = 0; fits && other < rank; ++other)
      fits = other == axis || input.size(other) == inputs[0].size(other);
    if (!fits)
      throw Error(fmt::format("[{}] {} do not fit together; only axis {} may differ.", state_->name(),
                              described(inputs), axis));
    parts.push_back(as_float(input));
    const Tensor mask = times_of(input, mode);
    is_masked = is_masked || mask.defined();
    masks.push_back(mask.defined() || rank < 3 ? mask : ones({input.size(0), input.size(1)}, boolean));
  }
  const Tensor y = concat(parts, axis);
  if (is_masked) {
    Tensor mask = masks[0];
    if (axis < 2) mask = concat(masks, axis);
    for (std::size_t i = 1; axis >= 2 && i < masks.size(); ++i) mask = mask || masks[i];
    mode.set_mask(y, mask);
  }
  return call.done(y);
}

Dot::Dot(std::pair<int, int> axes, const DotOptions& options)
    : axes_(axes), normalize_(options.normalize), state_(std::make_shared<LayerState>("Dot", options.name)) {}

namespace {

Tensor of_length_one(const Tensor& x, int axis) {
  return x / maximum(norm(x, 2, {axis}, KeepDims::yes), 1e-7);
}

}  // namespace

Tensor Dot::operator()(const std::vector<Tensor>& inputs, const Mode& mode) const {
  LayerCall call(state_, mode, inputs);
  if (inputs.size() != 2)
    throw Error(fmt::format("[{}] {} tensors; it takes two.", state_->name(), inputs.size()));
  Tensor a = as_float(inputs[0]), b = as_float(inputs[1]);
  const int along_a = normalize_axis(axes_.first, a.rank(), state_->name());
  const int along_b = normalize_axis(axes_.second, b.rank(), state_->name());
  if (along_a == 0 || along_b == 0 || a.size(0) != b.size(0) || a.size(along_a) != b.size(along_b))
    throw Error(
        fmt::format("[{}] axis {} of {} and axis {} of {}; the axes must have one size, and the tensors one "
                    "batch, whose axis 0 is not summed over.",
                    state_->name(), along_a, describe(a), along_b, describe(b)));
  if (normalize_) {
    a = of_length_one(a, along_a);
    b = of_length_one(b, along_b);
  }
  const std::int64_t batch = a.size(0), n = a.size(along_a);
  std::int64_t rows = 1, columns = 1;
  Shape shape{batch};
  const auto take_others = [&shape](const Tensor& x, int along, std::int64_t& count) {
    for (int axis = 1; axis < x.rank(); ++axis) {
      if (axis == along) continue;
      shape.push_back(x.size(axis));
      count *= x.size(axis);
    }
  };
  take_others(a, along_a, rows);
  take_others(b, along_b, columns);
  if (shape.rank() == 1) shape.push_back(1);
  a = reshape(moveaxis(a, along_a, -1), Shape{batch, rows, n});
  b = reshape(moveaxis(b, along_b, 1), Shape{batch, n, columns});
  return call.done(reshape(matmul(a, b), shape));
}

}  // namespace hekla
