// See spatial_options.h.
#include "train/layers/spatial_options.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

PaddingName::PaddingName(std::string_view name) {
  if (name != "valid" && name != "same")
    throw Error(fmt::format("[padding] '{}' is unknown; choose valid or same.", name));
  mode_ = name == "same" ? PaddingMode::same : PaddingMode::valid;
}

}  // namespace hekla
