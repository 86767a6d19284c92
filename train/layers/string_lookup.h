// Strings as indices of a vocabulary. hekla has no tensors of strings: strings come as std::string, and tensors of numbers
// come out, for a Dataset or a model.
//
//   const hk::StringLookup colours({.vocabulary = {"red", "green", "blue"}});
//   const std::vector<std::string> seen{"blue", "pink"};
//   colours.lookup(seen);  // 3, 0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "train/layers/index_lookup.h"

namespace hekla {

/// The index of a string in a vocabulary: see LookupOptions. Of several indices for strings out of the vocabulary a string
/// gets that of hash_bucket(string, num_oov_indices). (keras.layers.StringLookup.)
class StringLookup {
 public:
  /// Throws hekla::Error as IntegerLookup.
  explicit StringLookup(LookupOptions<std::string> options = {});

  /// Takes the vocabulary from strings, each a document of its own: the most frequent first and, of equally frequent ones,
  /// the larger. Copies share it. Throws hekla::Error when a vocabulary is given.
  void adapt(std::span<const std::string> strings);
  /// All strings by index, or without the special ones.
  std::vector<std::string> get_vocabulary(bool include_special_tokens = true) const {
    return lookup_->vocabulary(include_special_tokens);
  }
  /// The number of indices.
  std::int64_t vocabulary_size() const { return lookup_->size(); }

  /// i32 [n], or their encoding. Throws hekla::Error before the vocabulary is known, with `invert`, and, without an index
  /// for it, on a string out of the vocabulary.
  Tensor lookup(std::span<const std::string> strings) const;
  /// Of rows of strings: i32 [rows, n], or their encoding. Also throws hekla::Error when rows have different lengths.
  Tensor lookup(const std::vector<std::vector<std::string>>& rows) const;
  /// With `invert`, the strings of indices of any shape, in the order of the elements; oov_token where an index has none.
  /// Throws hekla::Error without it, before the vocabulary is known, and when x holds no integers.
  std::vector<std::string> strings_of(const Tensor& x) const;

 private:
  friend class TextVectorization;
  void adapt_documents(const std::vector<std::vector<std::string>>& documents) { lookup_->adapt(documents); }
  void check_gives_indices() const;
  std::int32_t index_of(const std::string& string) const;
  /// Shorter rows are filled up with `filler`.
  Tensor indices_of(const std::vector<std::vector<std::string>>& rows, std::size_t columns,
                    std::int32_t filler) const;

  std::string layer_;
  std::shared_ptr<IndexLookup<std::string>> lookup_;
};

}  // namespace hekla
