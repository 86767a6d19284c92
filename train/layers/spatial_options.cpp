// See spatial_options.h.
#include "train/layers/spatial_options.h"

#include <fmt/format.h>

#include <array>

#include "graph/choice.h"
#include "graph/error.h"

namespace hekla {

namespace {

constexpr std::array<std::pair<std::string_view, PaddingMode>, 3> modes{
    {{"valid", PaddingMode::valid}, {"same", PaddingMode::same}, {"causal", PaddingMode::causal}}};

}  // namespace

void check_spatial_rank(std::string_view layer, const Tensor& x, int axes) {
  if (x.rank() != axes + 2)
    throw Error(fmt::format("[{}] takes [batch, {} spatial, channels], not {}.", layer, axes, describe(x)));
}

PaddingName::PaddingName(std::string_view name) : mode_(choose("padding", name, modes)) {}

}  // namespace hekla
