// What tests look at in kernels, whatever their form.
#pragma once

#include "graph/compiler/kernel.h"

namespace hekla::testing {

/// The first part of a map.
inline const compiler::MapPart& part_of(const compiler::Kernel& kernel) {
  return std::get<compiler::MapKernel>(kernel.form).parts.at(0);
}

/// Elements that are computed by a map or a reduction; 0 for other forms.
inline std::int64_t elements_of(const compiler::Kernel& kernel) {
  std::int64_t elements = 0;
  if (const auto* map = std::get_if<compiler::MapKernel>(&kernel.form)) {
    for (const compiler::MapPart& part : map->parts)
      elements += part.items * part.row * (part.wide ? compiler::quad : 1);
  }
  if (const auto* reduce = std::get_if<compiler::ReduceKernel>(&kernel.form))
    elements = reduce->items * (reduce->wide ? compiler::quad : 1);
  return elements;
}

/// Whether a map or a reduction computes quads, of its items or along what it folds.
inline bool is_wide(const compiler::Kernel& kernel) {
  if (const auto* reduce = std::get_if<compiler::ReduceKernel>(&kernel.form))
    return reduce->wide || reduce->wide_length;
  const auto* map = std::get_if<compiler::MapKernel>(&kernel.form);
  return map != nullptr && map->parts.at(0).wide;
}

}  // namespace hekla::testing
