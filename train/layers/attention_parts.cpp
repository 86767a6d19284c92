// See attention_parts.h.
#include "train/layers/attention_parts.h"

#include <fmt/format.h>

#include <vector>

#include "graph/error.h"
#include "ops/elementwise.h"

namespace hekla {

void check_attended(std::string_view layer, const Tensor& query, const Tensor& value, const Tensor& key) {
  for (const Tensor* x : {&query, &value, &key}) {
    if (x->rank() != 3)
      throw Error(fmt::format("[{}] takes [batch, positions, features], not {}.", layer, describe(*x)));
  }
  if (value.size(1) != key.size(1) || key.size(1) < 1)
    throw Error(
        fmt::format("[{}] value is {} and key {}; they must have the same number of positions, at least one.",
                    layer, describe(value), describe(key)));
}

void check_dropout(std::string_view layer, double dropout) {
  if (!(dropout >= 0 && dropout <= 1))
    throw Error(fmt::format("[{}] dropout is {}; it must lie in [0, 1].", layer, dropout));
}

Tensor combined_mask(const Mode& mode, const Tensor& query, const Tensor& value, const Tensor& key,
                     const Tensor& attention_mask) {
  // The scores have an axis for the heads that the masks lack.
  Tensor mask = attention_mask.defined() && attention_mask.rank() == 3 ? expand_dims(attention_mask, 1)
                                                                       : attention_mask;
  const auto restrict_by = [&](const Tensor& times, const std::vector<int>& axes) {
    if (!times.defined()) return;
    Tensor spread = times;
    for (const int axis : axes) spread = expand_dims(spread, axis);
    mask = mask.defined() ? mask && spread : spread;
  };
  const Tensor of_value = mode.mask_of(value), of_key = mode.mask_of(key);
  restrict_by(mode.mask_of(query), {1, 3});
  restrict_by(of_value, {1, 2});
  if (of_key.get() != of_value.get()) restrict_by(of_key, {1, 2});
  return mask;
}

}  // namespace hekla
