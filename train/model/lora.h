// Low-rank adaptation of a model.
#pragma once

#include <string>
#include <vector>

#include "train/layers/lora.h"
#include "train/model/model.h"

namespace hekla {

/// Freezes a built model, and gives the kernels of its Dense, convolutional, recurrent and MultiHeadAttention layers and
/// the tables of its Embedding layers adapters that are trained in their place: y = x W + alpha / rank x A B. `layers` are
/// words: where there are any, only layers whose name contains one have adapters. The outputs stay the same until training
/// changes the adapters. save_weights() writes W + alpha / rank A B, which a model without adapters loads; save() writes all,
/// to resume the training. As freezing a layer, it takes effect when the model is compiled. Throws hekla::Error before the
/// model is built, where no layer is left to adapt, and as ModelLayer::enable_lora. (Hu et al.: LoRA, ICLR 2022.)
///   hk::lora(model, {.rank = 8, .alpha = 16});
///   model.compile({.optimizer = hk::Adam({.learning_rate = 1e-4}), .loss = "mse"});
///   model.fit(data);
///   hk::merge_lora(model);
void lora(Model& model, const LoraOptions& options = {}, const std::vector<std::string>& layers = {});

/// Adds the adapters to their weights, removes them, and unfreezes what lora() froze: the outputs stay the same. Compile
/// the model again to train it. Throws hekla::Error before the model is built.
void merge_lora(Model& model);

}  // namespace hekla
