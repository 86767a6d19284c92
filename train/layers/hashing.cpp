// See hashing.h.
#include "train/layers/hashing.h"

#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "train/layers/hash.h"

namespace hekla {

namespace {

// The key of crosses in Keras, tf.sparse.cross_hashed's default.
constexpr std::uint64_t crossing_key = 0xDECAFCAFFE;

void check_buckets(std::string_view what, std::int64_t count) {
  if (count < 1) throw Error(fmt::format("[{}] {} bins; at least one is needed.", what, count));
}

Tensor encoded_bins(const std::vector<std::int32_t>& bins, std::int64_t count, CategoryMode mode) {
  return encoded_categories(tensor(bins, {static_cast<std::int64_t>(bins.size())}), count, mode);
}

}  // namespace

std::uint64_t hash_bucket(std::string_view text, std::uint64_t buckets) {
  if (buckets == 0) throw Error("[hash_bucket] 0 buckets; at least one is needed.");
  return fingerprint64(text) % buckets;
}

std::uint64_t hash_bucket(std::string_view text, std::uint64_t buckets,
                          const std::array<std::uint64_t, 2>& key) {
  if (buckets == 0) throw Error("[hash_bucket] 0 buckets; at least one is needed.");
  return sip_hash(text, key) % buckets;
}

Hashing::Hashing(std::int64_t num_bins, HashingOptions options)
    : num_bins_(num_bins),
      options_(std::move(options)),
      mode_(category_mode("hashing", options_.output_mode)) {
  check_buckets("hashing", num_bins);
}

Tensor Hashing::operator()(std::span<const std::string> values) const {
  const bool has_mask = options_.mask_value && num_bins_ > 1;
  const auto buckets = static_cast<std::uint64_t>(has_mask ? num_bins_ - 1 : num_bins_);
  std::vector<std::int32_t> bins;
  for (const std::string& value : values) {
    if (has_mask && value == *options_.mask_value) {
      bins.push_back(0);
      continue;
    }
    const std::uint64_t bucket =
        options_.salt ? hash_bucket(value, buckets, *options_.salt) : hash_bucket(value, buckets);
    bins.push_back(static_cast<std::int32_t>(bucket) + (has_mask ? 1 : 0));
  }
  return encoded_bins(bins, num_bins_, mode_);
}

Tensor Hashing::operator()(std::span<const std::int64_t> values) const {
  std::vector<std::string> digits;
  for (const std::int64_t value : values) digits.push_back(std::to_string(value));
  return (*this)(digits);
}

HashedCrossing::HashedCrossing(std::int64_t num_bins, const HashedCrossingOptions& options)
    : num_bins_(num_bins), mode_(category_mode("hashed_crossing", options.output_mode)) {
  check_buckets("hashed_crossing", num_bins);
  if (mode_ != CategoryMode::integer && mode_ != CategoryMode::one_hot)
    throw Error(
        fmt::format("[hashed_crossing] output_mode is {}; it must be int or one_hot.", options.output_mode));
}

Tensor HashedCrossing::operator()(const std::vector<std::vector<std::int64_t>>& columns) const {
  std::vector<std::vector<std::uint64_t>> values;
  for (const std::vector<std::int64_t>& column : columns) values.emplace_back(column.begin(), column.end());
  return crossed(values);
}

Tensor HashedCrossing::operator()(const std::vector<std::vector<std::string>>& columns) const {
  std::vector<std::vector<std::uint64_t>> values;
  for (const std::vector<std::string>& column : columns) {
    std::vector<std::uint64_t>& prints = values.emplace_back();
    for (const std::string& text : column) prints.push_back(fingerprint64(text));
  }
  return crossed(values);
}

Tensor HashedCrossing::crossed(const std::vector<std::vector<std::uint64_t>>& columns) const {
  if (columns.size() < 2)
    throw Error(fmt::format("[hashed_crossing] {} columns; at least two are needed.", columns.size()));
  std::vector<std::int32_t> bins;
  for (const auto& column : columns) {
    if (column.size() != columns[0].size())
      throw Error(
          fmt::format("[hashed_crossing] columns of {} and {} categories; each example has one of each.",
                      columns[0].size(), column.size()));
  }
  for (std::size_t i = 0; i < columns[0].size(); ++i) {
    std::uint64_t print = crossing_key;
    for (const auto& column : columns) print = combined_fingerprint(print, column[i]);
    bins.push_back(static_cast<std::int32_t>(print % static_cast<std::uint64_t>(num_bins_)));
  }
  return encoded_bins(bins, num_bins_, mode_);
}

}  // namespace hekla
