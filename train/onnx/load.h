// Models of other frameworks: reads ONNX files as functions of tensors that can be called, differentiated and trained.
//
//   const hk::onnx::Function resnet = hk::onnx::load("resnet18.onnx");
//   const hk::Tensor scores = resnet(images);                          // [n, 3, 224, 224], as the file has it
//   hk::Sequential model({resnet, hk::Dense(10)});                     // or as a layer
//
// See docs/interchange.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graph/dtype.h"
#include "graph/tensor.h"
#include "train/files/named_tensor.h"
#include "train/layers/mode.h"

namespace hekla::onnx {

struct LoadOptions {
  /// Of the layer; empty: the file's name without its extension.
  std::string name = {};
  /// The values to return in place of the file's outputs, by their names in the file: of a network whose last layers are
  /// replaced, what enters these. Nodes and weights that they do not need are left out.
  std::vector<std::string> outputs = {};
  /// Whether an initializer (by its name, of f32, f16, bf16 or f64) is trained. Left out: those are that products,
  /// convolutions, normalizations, recurrent layers and PRelu read, tables of Gather, and what is added to such products.
  /// All others are constants.
  std::function<bool(std::string_view name)> is_trainable = {};
};

/// An input or an output as the file declares it.
struct Signature {
  std::string name;
  DType dtype = DType::f32;              ///< hekla's: i32 where the file has INT64, f32 where it has DOUBLE
  bool has_shape = false;                ///< false: the file does not even say how many axes there are
  std::vector<std::int64_t> shape = {};  ///< -1: an axis whose size is not fixed, such as the batch
};

/// An ONNX model as a function and as a layer. A cheap handle; copies share the weights.
class Function {
 public:
  /// One input, one output. Throws hekla::Error where there are more, and as below.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;
  /// All inputs to all outputs, in the order of the file. The batch, and other sizes that the file leaves open, may differ
  /// from call to call. In training, Dropout drops, and BatchNormalization uses the batch's statistics and updates the moving
  /// ones unless the layer is frozen; in inference both do as the file says. Throws hekla::Error, naming the node, where the
  /// inputs do not fit.
  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs, const Mode& mode = {}) const;

  const std::string& name() const;
  const std::vector<Signature>& inputs() const;
  const std::vector<Signature>& outputs() const;
  /// The trained ones and the moving statistics of normalizations, under their names in the file and in its layout, as
  /// variables.
  const std::vector<NamedTensor>& weights() const;
  /// The variable of that name. Throws hekla::Error, listing the names, where there is none.
  const Tensor& weight(std::string_view name) const;

 private:
  struct State;
  friend Function load(const std::filesystem::path& path, const LoadOptions& options);
  explicit Function(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

/// Reads a model: opsets up to 24 (of those before 6, what has not changed since), IR versions 3 and up, elements inside of the file or beside it. f64 becomes f32, i64, i16
/// and i8 become i32, u64 and u16 become u32. Throws hekla::Error where the file is damaged; where operations, attributes
/// or types are not supported, one error lists all of them with the names of their nodes, before anything is computed.
Function load(const std::filesystem::path& path, const LoadOptions& options = {});

/// The operations of ONNX that load() converts, in alphabetical order.
std::vector<std::string_view> supported_operations();

}  // namespace hekla::onnx
