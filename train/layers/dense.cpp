// See dense.h.
#include "train/layers/dense.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/matmul.h"
#include "train/layers/kernel_and_bias.h"

namespace hekla {

Dense::Dense(std::int64_t units, ActivationFunction activation, DenseOptions options)
    : units_(units),
      activation_(std::move(activation)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("Dense", options_.name, options_.trainable)) {
  if (units < 1) throw Error(fmt::format("[dense] {} units; at least one is needed.", units));
}

Tensor Dense::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  if (x.rank() < 2)
    throw Error(fmt::format("[{}] takes [batch, .., features], not {}.", state_->name(), describe(x)));
  const Tensor kernel = kernel_of(call, {x.size(-1), units_}, options_);
  return call.done(activation_(with_bias(call, matmul(as_float(x), kernel), options_)));
}

}  // namespace hekla
