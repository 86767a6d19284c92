// See spatial_options.h.
#include "train/layers/spatial_options.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

PaddingName::PaddingName(std::string_view name) {
  if (name != "valid" && name != "same" && name != "causal")
    throw Error(fmt::format("[padding] '{}' is unknown; choose valid, same or causal.", name));
  mode_ = name == "valid" ? PaddingMode::valid : name == "same" ? PaddingMode::same : PaddingMode::causal;
}

}  // namespace hekla
