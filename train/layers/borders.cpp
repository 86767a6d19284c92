// See borders.h.
#include "train/layers/borders.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "graph/error.h"
#include "ops/view.h"
#include "train/layers/spatial_options.h"

namespace hekla {

namespace {

void check_borders(std::string_view layer, std::string_view what, int axes,
                   const std::vector<Border>& borders) {
  if (borders.size() != static_cast<std::size_t>(axes))
    throw Error(fmt::format("[{}] {} has {} entries for {} spatial axes; each axis needs one.", layer, what,
                            borders.size(), axes));
  for (const Border& border : borders) {
    if (border.before < 0 || border.after < 0)
      throw Error(fmt::format("[{}] {} is {} and {}; it must not be negative.", layer, what, border.before,
                              border.after));
  }
}

}  // namespace

template <int axes>
Cropping<axes>::Cropping(Borders<axes> cropping, const LayerOptions& options)
    : cropping_(std::move(cropping)),
      state_(std::make_shared<LayerState>(fmt::format("Cropping{}D", axes), options.name)) {
  check_borders(state_->display_name(), "cropping", axes, cropping_.of_axes());
}

template <int axes>
Tensor Cropping<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_spatial_rank(state_->name(), x, axes);
  std::vector<Range> kept(1);
  for (const Border& border : cropping_.of_axes()) {
    const int axis = static_cast<int>(kept.size());
    const std::int64_t end = x.size(axis) - border.after;
    if (border.before >= end)
      throw Error(fmt::format("[{}] {} and {} of axis {} of {} are taken away; something must be left.",
                              state_->name(), border.before, border.after, axis, describe(x)));
    kept.push_back({.start = border.before, .stop = end});
  }
  return call.done(slice(x, kept));
}

template <int axes>
ZeroPadding<axes>::ZeroPadding(Borders<axes> padding, const LayerOptions& options)
    : padding_(std::move(padding)),
      state_(std::make_shared<LayerState>(fmt::format("ZeroPadding{}D", axes), options.name)) {
  check_borders(state_->display_name(), "padding", axes, padding_.of_axes());
}

template <int axes>
Tensor ZeroPadding<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_spatial_rank(state_->name(), x, axes);
  std::vector<Padding> added(1);
  for (const Border& border : padding_.of_axes())
    added.push_back({.low = border.before, .high = border.after});
  return call.done(pad(x, added));
}

template class Cropping<1>;
template class Cropping<2>;
template class Cropping<3>;
template class ZeroPadding<1>;
template class ZeroPadding<2>;
template class ZeroPadding<3>;

}  // namespace hekla
