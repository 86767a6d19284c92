// Models that are written as ONNX: one for each layer, and larger ones.
#pragma once

#include <string>
#include <vector>

#include "train/model/model.h"

namespace hekla::testing {

struct WrittenModel {
  std::string name;
  Model model;
  Layer function;              ///< what the model was made of
  std::vector<Tensor> inputs;  ///< a batch

  /// In inference.
  std::vector<Tensor> outputs() const { return function(inputs, Mode::inference()); }
};

/// Built, with weights that are drawn from one seed.
std::vector<WrittenModel> written_models();

}  // namespace hekla::testing
