// Integers, such as identifiers, as indices of a vocabulary.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "train/layers/index_lookup.h"
#include "train/layers/layer.h"

namespace hekla {

/// The index of each element of x, integers of any shape, in a vocabulary, i32 of that shape or its encoding: see
/// LookupOptions. Of several indices for elements out of the vocabulary an element gets the one of its remainder; without
/// such an index its index is -1. With `invert` x holds indices, and an index that no token has gives oov_token. The
/// vocabulary is not a weight: give the result of get_vocabulary to the layer of a loaded model. Throws hekla::Error at a
/// call before the vocabulary is known and when x holds no integers. (keras.layers.IntegerLookup, which throws where an
/// element has no index.)
class IntegerLookup {
 public:
  /// Throws hekla::Error when the vocabulary names a token twice or the mask token behind others, when it has more tokens
  /// than max_tokens or another number than idf_weights, on another output_mode, and on options that exclude each other.
  explicit IntegerLookup(LookupOptions<std::int32_t> options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// Takes the vocabulary from data [examples, ..]: the most frequent elements first and, of equally frequent ones, the
  /// larger. Copies of the layer share it. Throws hekla::Error when a vocabulary is given.
  void adapt(const Tensor& data);
  /// All tokens by index, or without the special ones.
  std::vector<std::int32_t> get_vocabulary(bool include_special_tokens = true) const {
    return lookup_->vocabulary(include_special_tokens);
  }
  /// The number of indices.
  std::int64_t vocabulary_size() const { return lookup_->size(); }

 private:
  Tensor indices_of(const Tensor& x) const;
  Tensor tokens_of(const Tensor& x) const;

  std::shared_ptr<LayerState> state_;
  std::shared_ptr<IndexLookup<std::int32_t>> lookup_;
};

}  // namespace hekla
