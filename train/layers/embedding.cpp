// See embedding.h.
#include "train/layers/embedding.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/nn/embedding.h"

namespace hekla {

Embedding::Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options)
    : input_dim_(input_dim),
      output_dim_(output_dim),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("Embedding", options_.name, options_.trainable)) {
  if (input_dim < 1 || output_dim < 1)
    throw Error(fmt::format("[{}] {} rows of {} features; both numbers must be positive.",
                            state_->display_name(), input_dim, output_dim));
}

Tensor Embedding::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  if (is_float(x.dtype()) || x.dtype() == DType::boolean)
    throw Error(fmt::format("[{}] takes integers, not {} (see hk::cast).", state_->name(), describe(x)));
  const Tensor table =
      call.weight("embeddings", {input_dim_, output_dim_}, options_.embeddings_initializer,
                  {options_.embeddings_regularizer, options_.embeddings_constraint, true, true});
  call.looks_up(x, input_dim_);
  const Tensor y = call.done(embedding(x, table));
  if (options_.mask_zero && x.rank() == 2) mode.set_mask(y, compute_mask(x));
  return y;
}

Tensor Embedding::compute_mask(const Tensor& x) const { return options_.mask_zero ? x != 0 : Tensor(); }

}  // namespace hekla
