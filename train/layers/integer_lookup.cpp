// See integer_lookup.h.
#include "train/layers/integer_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/search.h"

namespace hekla {

namespace {

bool are_integers(const Tensor& x) { return !is_float(x.dtype()) && x.dtype() != DType::boolean; }

}  // namespace

IntegerLookup::IntegerLookup(LookupOptions<std::int32_t> options)
    : state_(std::make_shared<LayerState>("IntegerLookup", options.name)),
      lookup_(std::make_shared<IndexLookup<std::int32_t>>(state_->display_name(), std::move(options))) {}

Tensor IntegerLookup::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  lookup_->check_known();
  if (!are_integers(x))
    throw Error(fmt::format("[{}] takes integers, not {} (see hk::cast).", state_->name(), describe(x)));
  const Tensor integers = cast(x, i32);
  return call.done(lookup_->options().invert ? tokens_of(integers) : lookup_->encoded(indices_of(integers)));
}

Tensor IntegerLookup::indices_of(const Tensor& x) const {
  const LookupOptions<std::int32_t>& options = lookup_->options();
  std::vector<std::int32_t> sorted = lookup_->tokens(), indices;
  std::ranges::sort(sorted);
  for (const std::int32_t token : sorted) indices.push_back(*lookup_->find(token));
  const auto start = static_cast<std::int32_t>(lookup_->oov_start());
  const auto count = static_cast<std::int32_t>(options.num_oov_indices);
  const Tensor outside = count == 0   ? cast(full(x.shape(), -1), i32)
                         : count == 1 ? cast(full(x.shape(), start), i32)
                                      : remainder(x, count) + start;
  const Tensor tokens = tensor(sorted);
  const Tensor places = minimum(searchsorted(tokens, x), static_cast<std::int32_t>(sorted.size()) - 1);
  Tensor found = where(take(tokens, places) == x, take(tensor(indices), places), outside);
  if (options.mask_token)
    found = where(x == *options.mask_token, options.output_mode == "int" ? 0 : -1, found);
  return found;
}

Tensor IntegerLookup::tokens_of(const Tensor& x) const {
  const std::vector<std::int32_t> all = lookup_->vocabulary(true);
  const auto count = static_cast<std::int32_t>(all.size());
  const Tensor tokens = take(tensor(all), clip(x, 0, count - 1));
  return where(x >= 0 && x < count, tokens, lookup_->options().oov_token);
}

void IntegerLookup::adapt(const Tensor& data) {
  if (!are_integers(data) || data.rank() < 1 || data.count() == 0)
    throw Error(fmt::format("[{}] adapts to integers [examples, ..], not to {}.", state_->display_name(),
                            describe(data)));
  const std::vector<std::int32_t> all = cast(data, i32).to_vector<std::int32_t>();
  const auto size = static_cast<std::ptrdiff_t>(all.size()) / data.size(0);
  std::vector<std::vector<std::int32_t>> documents;
  for (auto first = all.begin(); first != all.end(); first += size)
    documents.emplace_back(first, first + size);
  lookup_->adapt(documents);
}

}  // namespace hekla
