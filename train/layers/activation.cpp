// See activation.h.
#include "train/layers/activation.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/nn/dropout.h"

namespace hekla {

Activation::Activation(ActivationFunction function, const LayerOptions& options)
    : function_(std::move(function)), state_(std::make_shared<LayerState>("Activation", options.name)) {}

Tensor Activation::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  return call.done(function_(as_float(x)));
}

Dropout::Dropout(double rate, const LayerOptions& options)
    : rate_(rate), state_(std::make_shared<LayerState>("Dropout", options.name)) {
  if (!(rate >= 0 && rate <= 1))
    throw Error(fmt::format("[dropout] rate is {}; it must lie in [0, 1].", rate));
}

Tensor Dropout::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  return call.done(mode.is_training() ? dropout(as_float(x), rate_, mode.next_key()) : as_float(x));
}

}  // namespace hekla
