// Tensors with names, as files of weights hold them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "graph/tensor.h"

namespace hekla {

/// A tensor and its name.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// The tensor of that name, or null.
const Tensor* find(std::span<const NamedTensor> tensors, std::string_view name);

namespace files {

/// Throws hekla::Error `[writer] path: ...` unless every tensor has a value and a unique name in UTF-8.
void check_names(std::string_view writer, std::string_view path, std::span<const NamedTensor> tensors);

/// How many there are and the names of the first: "3 tensors: 'a', 'b', 'c'".
std::string names_of(std::span<const NamedTensor> tensors);

/// The tensor of that name; throws hekla::Error `[reader] path: ...` with the names that are there.
const Tensor& named(std::string_view reader, std::string_view path, std::span<const NamedTensor> tensors,
                    std::string_view name);

}  // namespace files

}  // namespace hekla
