// Texts as indices of their words.
//
//   hk::TextVectorization vectorize({.output_sequence_length = 4});
//   vectorize.adapt(texts);
//   const hk::Tensor words = vectorize(texts);  // i32 [texts, 4]: for an Embedding with mask_zero
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "train/layers/string_lookup.h"

namespace hekla {

/// What TextVectorization takes, with Keras's names and defaults.
struct TextVectorizationOptions {
  std::string name = {};
  /// The largest size of the vocabulary, special tokens included
  std::optional<std::int64_t> max_tokens = {};
  /// "lower", "strip_punctuation", both as "lower_and_strip_punctuation", or "" for none. Letters other than A to Z are
  /// left as they are.
  std::string standardize = "lower_and_strip_punctuation";
  /// "whitespace", "character" (of UTF-8), or "" for none: a text is one token.
  std::string split = "whitespace";
  /// Tokens are runs of so many words, joined by spaces; {1, 2} stands for words and pairs. None: words.
  std::vector<int> ngrams = {};
  /// "int": the indices of the tokens in their order, 0 behind the last. "one_hot" is for texts of one token.
  /// "multi_hot", "count" and "tf_idf" of the tokens of a text: see LookupOptions.
  std::string output_mode = "int";
  /// With "int": longer texts are cut off and shorter ones filled up with 0; none: the length of the longest.
  std::optional<std::int64_t> output_sequence_length = {};
  bool pad_to_max_tokens = false;            ///< encoded indices have the depth max_tokens
  std::vector<std::string> vocabulary = {};  ///< in the order of the indices; none: adapt finds one
  std::vector<double> idf_weights = {};      ///< of the vocabulary's tokens, for tf_idf
};

/// Standardizes texts, splits them into tokens and looks these up. Index 0 is that of no token, "", and 1 that of tokens
/// out of the vocabulary, "[UNK]"; where indices are encoded, 0 is that of those. (keras.layers.TextVectorization.)
class TextVectorization {
 public:
  /// Throws hekla::Error on another name of a mode, on ngrams that are not positive, when output_sequence_length is not
  /// positive or output_mode another than int, and as StringLookup.
  explicit TextVectorization(TextVectorizationOptions options = {});

  /// Takes the vocabulary from texts: see StringLookup.
  void adapt(std::span<const std::string> texts);
  /// All tokens by index, or without the special ones.
  std::vector<std::string> get_vocabulary(bool include_special_tokens = true) const {
    return lookup_.get_vocabulary(include_special_tokens);
  }
  /// The number of indices.
  std::int64_t vocabulary_size() const { return lookup_.vocabulary_size(); }

  /// i32 [texts, length], or f32 [texts, depth] with another output_mode. Throws hekla::Error before the vocabulary is
  /// known.
  Tensor operator()(std::span<const std::string> texts) const;
  /// The tokens of a text.
  std::vector<std::string> tokens_of(const std::string& text) const;

 private:
  std::vector<std::vector<std::string>> tokens_of_all(std::span<const std::string> texts) const;

  TextVectorizationOptions options_;
  StringLookup lookup_;
};

}  // namespace hekla
