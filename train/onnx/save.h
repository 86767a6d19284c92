// Models for other frameworks: writes ONNX files.
//
//   hk::onnx::save(model, "model.onnx");                       // onnxruntime, Netron and others read it
//   hk::onnx::save(function, {hk::input("x", {2, 784})}, "function.onnx");
//
// See docs/interchange.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/tensor.h"
#include "train/layers/layer.h"
#include "train/model/model.h"

namespace hekla::onnx {

enum class Weights { inside, beside };

struct SaveOptions {
  std::int64_t opset = 17;                     ///< 13 to 24
  std::int64_t batch = 0;                      ///< examples that the model takes at a time; 0: any number
  std::string name = {};                       ///< of the graph; empty: that of the model
  std::string doc_string = {};                 ///< shown by viewers
  std::vector<std::string> input_names = {};   ///< empty: "input", "input_1", ..
  std::vector<std::string> output_names = {};  ///< empty: "output", "output_1", ..
  /// beside: in a second file, model.onnx.data. A file of more than 2 GB cannot be read by others, so larger weights lie
  /// beside in any case.
  Weights weights = Weights::inside;
};

/// Writes what the model computes in inference, with its present weights. Convolutions, pooling, normalizations, softmax,
/// products and recurrent layers become the single operations that runtimes expect, and everything else those of its parts;
/// nodes carry the names of layers, weights their labels. Images are read as hekla has them, channels last. The file is
/// replaced atomically. Throws hekla::Error before the model is built, where the graph depends on the batch in more than
/// sizes (see `batch`), listing what ONNX has no counterpart of, and where the file cannot be written.
void save(const Model& model, const std::filesystem::path& path, const SaveOptions& options = {});

/// The same of a function of tensors that are like `inputs`, of which shape and dtype count. Their first axis is the batch.
void save(const Layer& function, const std::vector<Tensor>& inputs, const std::filesystem::path& path,
          const SaveOptions& options = {});

}  // namespace hekla::onnx
