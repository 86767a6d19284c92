// Embeddings.
#include "ops/nn/embedding.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/gather.h"

namespace hekla {

Tensor embedding(const Tensor& indices, const Tensor& table) {
  if (table.rank() != 2 || table.dtype() != DType::f32) {
    throw Error(
        fmt::format("[embedding] the table is {}; it must be f32 [words, features].", describe(table)));
  }
  if (is_float(indices.dtype()) || indices.dtype() == DType::boolean) {
    throw Error(fmt::format("[embedding] indices are {}; they must be integers.", describe(indices)));
  }
  return gather(table, indices.dtype() == DType::u8 ? cast(indices, DType::i32) : indices, 0);
}

}  // namespace hekla
