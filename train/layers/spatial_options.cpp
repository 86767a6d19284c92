// See spatial_options.h.
#include "train/layers/spatial_options.h"

#include <array>

#include "graph/choice.h"

namespace hekla {

namespace {

constexpr std::array<std::pair<std::string_view, PaddingMode>, 3> modes{
    {{"valid", PaddingMode::valid}, {"same", PaddingMode::same}, {"causal", PaddingMode::causal}}};

}  // namespace

PaddingName::PaddingName(std::string_view name) : mode_(choose("padding", name, modes)) {}

}  // namespace hekla
