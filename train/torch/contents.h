// The tree of a pickle as a flat list: tensors and other values with names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/torch/pickle.h"
#include "train/torch/tensor_entry.h"

namespace hekla::torch {

struct Contents {
  std::vector<TensorEntry> tensors;
  std::map<std::string, std::string> values;
};

/// Names as File has them. Fails as `source` does on objects other than those of a state dict, on two of one
/// name, and on a tree that is deeper than 64 levels or far larger than the pickle, as one is that holds the
/// same list many times.
Contents contents_of(const files::Source& source, const Pickle& pickle);

}  // namespace hekla::torch
