// Tensors as a pickle of torch.save describes them: a part of a storage, which is a file of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graph/shape.h"
#include "train/files/elements.h"
#include "train/torch/pickle.h"

namespace hekla::torch {

/// Where a tensor's elements are; counts and strides in elements.
struct TensorEntry {
  std::string name;
  std::string storage;  ///< its file
  std::uint64_t storage_count = 0;
  files::StoredType type = files::StoredType::f32;
  Shape shape;
  std::vector<std::uint64_t> strides;
  std::uint64_t offset = 0;
};

/// Whether a state dict may refer to this class, function or dtype.
bool is_known_global(std::string_view name);

/// What a call in the pickle says about a tensor. Fails as `source` does when it describes none, or one that
/// reaches beyond its storage.
TensorEntry tensor_entry(const files::Source& source, const Pickle& pickle, const PickleValue& call,
                         std::string name);

}  // namespace hekla::torch
