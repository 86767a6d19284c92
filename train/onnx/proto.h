// An ONNX model as its file has it, under the names of its schema (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
// What hekla has no use for is left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/dtype.h"
#include "graph/shape.h"
#include "graph/tensor.h"
#include "train/files/elements.h"
#include "train/files/source.h"

namespace hekla::onnx {

/// The type of a tensor's elements by its number in the schema.
enum class ElementType : std::int32_t {
  undefined = 0,
  f32 = 1,
  u8 = 2,
  i8 = 3,
  u16 = 4,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  text = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  bf16 = 16,
};

/// "FLOAT", "INT64"; "type 17" for those that hekla does not know.
std::string name(ElementType type);
/// How files store such elements, or nothing for a type without a counterpart among hekla's.
std::optional<files::StoredType> stored_type(ElementType type);
/// The type under which a dtype is written.
ElementType element_type(DType dtype);

struct TensorProto {
  std::string name = {};
  ElementType type = ElementType::undefined;
  Shape shape = {};
  Tensor tensor = {};  ///< empty where hekla has no such type or `integers` do not fit into 32 bits
  std::vector<std::int64_t> integers = {};  ///< where there is no `tensor`: the elements of a 64-bit type
  /// When written: where the elements lie, in place of the elements.
  std::optional<std::map<std::string, std::string>> external = {};
};

struct GraphProto;

struct AttributeProto {
  enum class Type : std::int32_t {
    undefined = 0,
    f32 = 1,
    integer = 2,
    text = 3,
    tensor = 4,
    graph = 5,
    floats = 6,
    integers = 7,
    texts = 8,
    tensors = 9,
    graphs = 10,
    sparse_tensor = 11,
    sparse_tensors = 12,
    type = 13,
    types = 14,
  };
  std::string name = {};
  Type type = Type::undefined;
  std::string ref_attr_name = {};  ///< in a function: the attribute of its caller that stands here
  float f = 0;
  std::int64_t i = 0;
  std::string s = {};
  std::vector<float> floats = {};
  std::vector<std::int64_t> ints = {};
  std::vector<std::string> strings = {};
  std::vector<TensorProto> tensors = {};  ///< one of Type::tensor
  std::vector<GraphProto> graphs = {};    ///< one of Type::graph
};

struct NodeProto {
  std::string name = {};
  std::string op_type = {};
  std::string domain = {};
  std::vector<std::string> input = {};  ///< "" where an optional one is left out
  std::vector<std::string> output = {};
  std::vector<AttributeProto> attribute = {};
  std::string doc_string = {};
};

/// An axis: its size, or the name of one that is not known.
struct Dimension {
  std::int64_t size = -1;  ///< -1: not known
  std::string name = {};
};

struct ValueInfoProto {
  std::string name = {};
  bool is_tensor = true;  ///< false: a sequence, a map or an optional value
  ElementType type = ElementType::undefined;
  std::optional<std::vector<Dimension>> shape = {};
};

struct GraphProto {
  std::string name = {};
  std::string doc_string = {};
  std::vector<NodeProto> node = {};
  std::vector<TensorProto> initializer = {};
  std::vector<std::string> sparse_initializer = {};  ///< their names
  std::vector<ValueInfoProto> input = {};
  std::vector<ValueInfoProto> output = {};
  std::vector<ValueInfoProto> value_info = {};
};

/// The version of the operations of each domain; "ai.onnx" is called "".
using Opsets = std::map<std::string, std::int64_t, std::less<>>;

struct FunctionProto {
  std::string name = {};
  std::string domain = {};
  std::string overload = {};
  std::vector<std::string> input = {};
  std::vector<std::string> output = {};
  std::vector<std::string> attribute = {};           ///< without defaults
  std::vector<AttributeProto> attribute_proto = {};  ///< with defaults
  std::vector<NodeProto> node = {};
  Opsets opset_import = {};
};

struct ModelProto {
  std::int64_t ir_version = 0;
  std::string producer_name = {};
  std::string producer_version = {};
  std::string doc_string = {};
  Opsets opset_import = {};
  GraphProto graph = {};
  std::vector<FunctionProto> functions = {};
  std::vector<std::pair<std::string, std::string>> metadata_props = {};
};

/// Reads a model. Elements that lie in other files are read from `folder`. Throws hekla::Error naming the file and the
/// reason where it is damaged. Every message that is read is checked to be well-formed; the graph is not.
ModelProto read_model(files::Source& source, const std::filesystem::path& folder);

/// Reads a file that holds a single tensor, as the data of ONNX's own tests.
TensorProto read_tensor(files::Source& source);

/// The bytes of the model's file, without functions.
std::string written(const ModelProto& model);

}  // namespace hekla::onnx
