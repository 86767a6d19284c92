// Categories without a vocabulary: the hash of what they are called. On the host, as the strings are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/tensor.h"
#include "train/layers/preprocessing.h"

namespace hekla {

/// FarmHash's Fingerprint64 of a string, of which the remainder is the bucket. Throws hekla::Error unless there is a bucket.
/// (tf.strings.to_hash_bucket_fast.)
std::uint64_t hash_bucket(std::string_view text, std::uint64_t buckets);
/// The same with SipHash-2-4 under a key, for strings that someone may choose so that they collide.
/// (tf.strings.to_hash_bucket_strong.)
std::uint64_t hash_bucket(std::string_view text, std::uint64_t buckets,
                          const std::array<std::uint64_t, 2>& key);

/// What Hashing takes, with Keras's names and defaults.
struct HashingOptions {
  /// Gets bin 0, which nothing else gets; an integer as its digits
  std::optional<std::string> mask_value = {};
  /// The key of SipHash-2-4, which then takes FarmHash's place
  std::optional<std::array<std::uint64_t, 2>> salt = {};
  std::string output_mode = "int";  ///< or "one_hot", "multi_hot" and "count": see CategoryEncoding
};

/// The bin of each string: the bucket of its hash, i32 [n], or its encoding. An integer is hashed as its decimal digits.
/// (keras.layers.Hashing.)
class Hashing {
 public:
  /// Throws hekla::Error unless num_bins is positive, and on another output_mode.
  explicit Hashing(std::int64_t num_bins, HashingOptions options = {});
  Tensor operator()(std::span<const std::string> values) const;
  Tensor operator()(std::span<const std::int64_t> values) const;

 private:
  std::int64_t num_bins_;
  HashingOptions options_;
  CategoryMode mode_ = CategoryMode::integer;
};

/// What HashedCrossing takes, with Keras's names and defaults.
struct HashedCrossingOptions {
  std::string output_mode = "int";  ///< or "one_hot"
};

/// The bin of several categories of an example together, such as a month and a place: columns of n categories each give
/// i32 [n], or f32 [n, num_bins] with "one_hot". (keras.layers.HashedCrossing.)
class HashedCrossing {
 public:
  /// Throws hekla::Error unless num_bins is positive, and on another output_mode.
  explicit HashedCrossing(std::int64_t num_bins, const HashedCrossingOptions& options = {});
  /// Throws hekla::Error unless there are at least two columns, of the same length.
  Tensor operator()(const std::vector<std::vector<std::int64_t>>& columns) const;
  Tensor operator()(const std::vector<std::vector<std::string>>& columns) const;

 private:
  Tensor crossed(const std::vector<std::vector<std::uint64_t>>& columns) const;

  std::int64_t num_bins_;
  CategoryMode mode_ = CategoryMode::integer;
};

}  // namespace hekla
