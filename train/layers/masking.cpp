// See masking.h.
#include "train/layers/masking.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace hekla {

Masking::Masking(MaskingOptions options)
    : options_(std::move(options)), state_(std::make_shared<LayerState>("Masking", options_.name)) {}

Tensor Masking::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  if (x.rank() < 3)
    throw Error(fmt::format("[{}] takes [batch, time, ..] with the features of each time, not {}.",
                            state_->name(), describe(x)));
  std::vector<int> features;
  for (int axis = 2; axis < x.rank(); ++axis) features.push_back(axis);
  const Tensor sequence = as_float(x);
  const Tensor differs = sequence != options_.mask_value;
  const Tensor y = call.done(where(any(differs, features, KeepDims::yes), sequence, 0));
  mode.set_mask(y, any(differs, features));
  return y;
}

}  // namespace hekla
