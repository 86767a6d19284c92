// See string_lookup.h.
#include "train/layers/string_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "train/layers/hashing.h"

namespace hekla {

StringLookup::StringLookup(LookupOptions<std::string> options)
    : layer_(options.name.empty() ? "string_lookup" : options.name),
      lookup_(std::make_shared<IndexLookup<std::string>>(layer_, std::move(options))) {}

void StringLookup::adapt(std::span<const std::string> strings) {
  std::vector<std::vector<std::string>> documents;
  for (const std::string& string : strings) documents.push_back({string});
  lookup_->adapt(documents);
}

std::int32_t StringLookup::index_of(const std::string& string) const {
  const LookupOptions<std::string>& options = lookup_->options();
  if (options.mask_token && string == *options.mask_token) return options.output_mode == "int" ? 0 : -1;
  if (const auto found = lookup_->find(string)) return *found;
  if (options.num_oov_indices == 0)
    throw Error(
        fmt::format("[{}] '{}' is not in the vocabulary, and num_oov_indices is 0; give such strings "
                    "an index.",
                    layer_, string));
  const auto buckets = static_cast<std::uint64_t>(options.num_oov_indices);
  const std::uint64_t bucket = buckets == 1 ? 0 : hash_bucket(string, buckets);
  return static_cast<std::int32_t>(lookup_->oov_start()) + static_cast<std::int32_t>(bucket);
}

Tensor StringLookup::indices_of(const std::vector<std::vector<std::string>>& rows, std::size_t columns,
                                std::int32_t filler) const {
  std::vector<std::int32_t> indices;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) indices.push_back(i < row.size() ? index_of(row[i]) : filler);
  }
  return tensor(indices, {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(columns)});
}

Tensor StringLookup::lookup(std::span<const std::string> strings) const {
  check_gives_indices();
  std::vector<std::int32_t> indices;
  for (const std::string& string : strings) indices.push_back(index_of(string));
  return lookup_->encoded(tensor(indices, {static_cast<std::int64_t>(indices.size())}));
}

Tensor StringLookup::lookup(const std::vector<std::vector<std::string>>& rows) const {
  check_gives_indices();
  for (const std::vector<std::string>& row : rows) {
    if (row.size() != rows[0].size())
      throw Error(fmt::format("[{}] rows of {} and {} strings; all must have the same number.", layer_,
                              rows[0].size(), row.size()));
  }
  return lookup_->encoded(indices_of(rows, rows.empty() ? 0 : rows[0].size(), 0));
}

void StringLookup::check_gives_indices() const {
  if (lookup_->options().invert)
    throw Error(fmt::format("[{}] invert gives strings of indices; call strings_of.", layer_));
  lookup_->check_known();
}

std::vector<std::string> StringLookup::strings_of(const Tensor& x) const {
  if (!lookup_->options().invert)
    throw Error(fmt::format("[{}] gives indices of strings; with invert it gives strings.", layer_));
  lookup_->check_known();
  if (is_float(x.dtype()) || x.dtype() == DType::boolean)
    throw Error(fmt::format("[{}] takes integers, not {} (see hk::cast).", layer_, describe(x)));
  const std::vector<std::string> all = lookup_->vocabulary(true);
  std::vector<std::string> strings;
  for (const std::int32_t index : cast(x, i32).to_vector<std::int32_t>()) {
    const bool is_known = index >= 0 && static_cast<std::size_t>(index) < all.size();
    strings.push_back(is_known ? all[static_cast<std::size_t>(index)] : lookup_->options().oov_token);
  }
  return strings;
}

}  // namespace hekla
