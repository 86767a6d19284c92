// Small ONNX models, made field by field as an exporter makes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/tensor.h"
#include "train/onnx/proto.h"

namespace hekla::testing {

using Names = std::vector<std::string>;
using Attributes = std::vector<onnx::AttributeProto>;

onnx::AttributeProto attribute(std::string_view name, std::int64_t value);
onnx::AttributeProto attribute(std::string_view name, float value);
onnx::AttributeProto attribute(std::string_view name, std::string_view value);
onnx::AttributeProto attribute(std::string_view name, std::vector<std::int64_t> values);
onnx::AttributeProto attribute(std::string_view name, onnx::TensorProto value);
onnx::AttributeProto attribute(std::string_view name, onnx::GraphProto value);
/// In a function: the caller's attribute `referred`.
onnx::AttributeProto reference_attribute(std::string_view name, onnx::AttributeProto::Type type,
                                         std::string_view referred);

onnx::NodeProto node(std::string_view op_type, Names inputs, Names outputs, Attributes attributes = {},
                     std::string_view name = {});

/// Elements as FLOAT, INT32, .. have them.
onnx::TensorProto initializer(std::string_view name, const Tensor& elements);
/// INT64, a vector.
onnx::TensorProto int64s(std::string_view name, std::vector<std::int64_t> elements);
/// INT64, one number.
onnx::TensorProto int64(std::string_view name, std::int64_t element);
/// DOUBLE, a vector.
onnx::TensorProto doubles(std::string_view name, const std::vector<double>& elements);

/// Of sizes below 0, "N" is the name.
onnx::ValueInfoProto value(std::string_view name, const std::vector<std::int64_t>& sizes,
                           onnx::ElementType type = onnx::ElementType::f32);
/// Of a type alone, without a shape.
onnx::ValueInfoProto shapeless(std::string_view name, onnx::ElementType type = onnx::ElementType::f32);

struct Graph {
  std::vector<onnx::ValueInfoProto> inputs;
  std::vector<onnx::TensorProto> initializers = {};
  std::vector<onnx::NodeProto> nodes;
  std::vector<onnx::ValueInfoProto> outputs;
};
onnx::GraphProto graph_of(Graph parts);
onnx::ModelProto model_of(Graph parts, std::int64_t opset = 21);

/// The bytes of a file with these functions, too.
std::string written(const onnx::ModelProto& model, const std::vector<onnx::FunctionProto>& functions);

/// [N,3] -> [N,2] by two Gemm and Relu: the weights "w1" [4,3], "b1" [4], "w2" [2,4] and "b2" [2].
onnx::ModelProto mlp();
/// [N,2,6,6] -> [N,3] by Conv, BatchNormalization, Relu, MaxPool, GlobalAveragePool, Flatten and Dropout.
onnx::ModelProto conv_net();
/// x [N,3] and the flag c: x + 1 where c is set, x * 2 otherwise.
onnx::ModelProto branches(bool condition);
/// x [3] `count` times multiplied by itself plus one; every value stacked, too.
onnx::ModelProto loop(std::int64_t count);
/// Running sums of x [5,2].
onnx::ModelProto running_sums();
/// x [N,4] reshaped to [N,2,2] by a shape that is computed.
onnx::ModelProto computed_shape();
/// The file of a model with a function that calls another with an attribute of its own caller: x * 2 + 1.
std::string with_functions();

/// A file for each of these and more.
std::vector<std::pair<std::string, std::string>> small_models();

}  // namespace hekla::testing
