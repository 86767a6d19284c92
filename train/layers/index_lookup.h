// What IntegerLookup and StringLookup have in common: a vocabulary that gives each token an index.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "train/layers/preprocessing.h"

namespace hekla {

/// What IntegerLookup (of std::int32_t) and StringLookup (of std::string) take, with Keras's names and defaults.
template <class Token>
struct LookupOptions {
  /// Keras's token for what is out of a vocabulary: "[UNK]" or -1.
  static Token unknown() {
    if constexpr (std::is_same_v<Token, std::string>)
      return "[UNK]";
    else
      return -1;
  }

  std::string name = {};
  std::vector<Token> vocabulary = {};  ///< in the order of the indices; none: adapt finds one
  /// The largest size of the vocabulary, special tokens included
  std::optional<std::int64_t> max_tokens = {};
  std::int64_t num_oov_indices = 1;      ///< indices of tokens out of the vocabulary
  std::optional<Token> mask_token = {};  ///< gets index 0; is left out where indices are encoded
  Token oov_token = unknown();           ///< stands for tokens out of the vocabulary in a vocabulary
  std::vector<double> idf_weights = {};  ///< of the vocabulary's tokens, for tf_idf
  bool invert = false;                   ///< maps indices to tokens
  /// "int": indices. "one_hot", "multi_hot" and "count": see CategoryEncoding. "tf_idf": counts times idf_weights, log(1 +
  /// documents / (1 + documents with the token)).
  std::string output_mode = "int";
  bool pad_to_max_tokens = false;  ///< encoded indices have the depth max_tokens
};

/// Indices of tokens: first that of the mask token, with output_mode "int", then those of tokens out of the vocabulary, then
/// those of its tokens.
template <class Token>
class IndexLookup {
 public:
  /// Throws hekla::Error `[layer] ...` on options that do not fit together.
  IndexLookup(std::string layer, LookupOptions<Token> options);

  const LookupOptions<Token>& options() const { return options_; }
  /// The tokens without the special ones.
  const std::vector<Token>& tokens() const { return tokens_; }
  /// All tokens by index, or without the special ones.
  std::vector<Token> vocabulary(bool include_special_tokens) const;
  /// The number of indices, those of special tokens included.
  std::int64_t size() const { return token_start() + static_cast<std::int64_t>(tokens_.size()); }
  std::int64_t oov_start() const { return options_.mask_token && options_.output_mode == "int" ? 1 : 0; }
  std::int64_t token_start() const { return oov_start() + options_.num_oov_indices; }
  /// Throws hekla::Error before the vocabulary is known.
  void check_known() const;

  /// Takes the tokens of the documents as the vocabulary: the most frequent first and, of equally frequent ones, the
  /// larger. Throws hekla::Error when a vocabulary is given.
  void adapt(const std::vector<std::vector<Token>>& documents);

  /// The index of a token of the vocabulary, or nothing.
  std::optional<std::int32_t> find(const Token& token) const;
  /// Indices, i32, encoded as output_mode says; negative ones are left out.
  Tensor encoded(const Tensor& indices) const;

 private:
  void set(std::vector<Token> tokens);
  void set_idf_weights(std::vector<double> weights, std::size_t given);

  std::string layer_;
  LookupOptions<Token> options_;
  CategoryMode mode_ = CategoryMode::integer;
  std::vector<Token> tokens_;
  std::map<Token, std::int32_t> indices_;
  std::vector<float> idf_weights_;
};

extern template class IndexLookup<std::int32_t>;
extern template class IndexLookup<std::string>;

}  // namespace hekla
