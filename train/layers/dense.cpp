// See dense.h.
#include "train/layers/dense.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"

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
  if (x.rank() < 2)
    throw Error(fmt::format("[{}] takes [batch, .., features], not {}.", state_->name(), describe(x)));
  const Tensor kernel = call.weight("kernel", {x.size(-1), units_}, options_.kernel_initializer,
                                    {options_.kernel_regularizer, options_.kernel_constraint});
  Tensor z = matmul(as_float(x), kernel);
  if (options_.use_bias) {
    z = z + call.weight("bias", {units_}, options_.bias_initializer,
                        {options_.bias_regularizer, options_.bias_constraint});
  }
  return call.done(activation_(z));
}

}  // namespace hekla
