// See models.h.
#include "tests/onnx/models.h"

#include <bit>

#include "ops/create.h"
#include "train/onnx/wire.h"

namespace hekla::testing {

using namespace onnx;
using Type = AttributeProto::Type;

namespace {

AttributeProto empty_attribute(std::string_view name, Type type) {
  return {.name = std::string(name), .type = type};
}

// The numbers -1, -0.75, .., 1, repeated.
Tensor weights(const Shape& shape) {
  std::vector<float> elements;
  for (std::int64_t i = 0; i < shape.count(); ++i) elements.push_back(static_cast<float>(i * 5 % 9 - 4) / 4);
  return tensor(std::span<const float>(elements), shape);
}

WireWriter message(const AttributeProto& attribute) {
  WireWriter writer;
  writer.text(1, attribute.name);
  if (attribute.type == Type::f32) writer.f32(2, attribute.f);
  if (attribute.type == Type::integer) writer.integer(3, attribute.i);
  if (!attribute.ref_attr_name.empty()) writer.text(21, attribute.ref_attr_name);
  writer.integer(20, static_cast<std::int64_t>(attribute.type));
  return writer;
}

WireWriter message(const NodeProto& node) {
  WireWriter writer;
  for (const std::string& input : node.input) writer.text(1, input);
  for (const std::string& output : node.output) writer.text(2, output);
  writer.text(3, node.name);
  writer.text(4, node.op_type);
  for (const AttributeProto& attribute : node.attribute) writer.message(5, message(attribute));
  writer.text(7, node.domain);
  return writer;
}

WireWriter message(const FunctionProto& function) {
  WireWriter writer;
  writer.text(1, function.name);
  for (const std::string& input : function.input) writer.text(4, input);
  for (const std::string& output : function.output) writer.text(5, output);
  for (const std::string& attribute : function.attribute) writer.text(6, attribute);
  for (const NodeProto& node : function.node) writer.message(7, message(node));
  for (const auto& [domain, version] : function.opset_import) {
    WireWriter opset;
    opset.text(1, domain);
    opset.integer(2, version);
    writer.message(9, opset);
  }
  writer.text(10, function.domain);
  for (const AttributeProto& attribute : function.attribute_proto) writer.message(11, message(attribute));
  return writer;
}

ModelProto recurrent() {
  return model_of(
      {.inputs = {value("x", {3, 2, 2})},
       .initializers = {initializer("w", weights({1, 8, 2})), initializer("r", weights({1, 8, 2}))},
       .nodes = {node("LSTM", {"x", "w", "r"}, {"y", "h"}, {attribute("hidden_size", std::int64_t{2})}),
                 node("Split", {"y"}, {"first", "others"},
                      {attribute("axis", std::int64_t{0}), attribute("num_outputs", std::int64_t{2})}),
                 node("Softmax", {"first"}, {"p"})},
       .outputs = {shapeless("p"), shapeless("h")}});
}

ModelProto indices() {
  return model_of(
      {.inputs = {value("table", {4, 3}), value("at", {2}, ElementType::i64)},
       .initializers = {int64s("starts", {0, 1}), int64s("ends", {9223372036854775807, -1}),
                        int64s("axes", {0, 1}), int64s("steps", {2, 1}), int64s("pads", {1, 0, 0, 2})},
       .nodes = {node("Gather", {"table", "at"}, {"rows"}), node("Pad", {"rows", "pads"}, {"padded"}),
                 node("Slice", {"padded", "starts", "ends", "axes", "steps"}, {"part"}),
                 node("Transpose", {"part"}, {"turned"},
                      {attribute("perm", std::vector<std::int64_t>{1, 0})}),
                 node("TopK", {"turned", "k"}, {"best", "where"}),
                 node("ReduceSum", {"best", "axes"}, {"sum"}, {attribute("keepdims", std::int64_t{0})}),
                 node("CumSum", {"turned", "axis"}, {"running"})},
       .outputs = {shapeless("sum"), shapeless("where", ElementType::i64), shapeless("running")}});
}

ModelProto with_k(ModelProto model) {
  model.graph.initializer.push_back(int64s("k", {1}));
  model.graph.initializer.push_back(int64("axis", 0));
  return model;
}

}  // namespace

AttributeProto attribute(std::string_view name, std::int64_t value) {
  AttributeProto made = empty_attribute(name, Type::integer);
  made.i = value;
  return made;
}

AttributeProto attribute(std::string_view name, float value) {
  AttributeProto made = empty_attribute(name, Type::f32);
  made.f = value;
  return made;
}

AttributeProto attribute(std::string_view name, std::string_view value) {
  AttributeProto made = empty_attribute(name, Type::text);
  made.s = value;
  return made;
}

AttributeProto attribute(std::string_view name, std::vector<std::int64_t> values) {
  AttributeProto made = empty_attribute(name, Type::integers);
  made.ints = std::move(values);
  return made;
}

AttributeProto attribute(std::string_view name, TensorProto value) {
  AttributeProto made = empty_attribute(name, Type::tensor);
  made.tensors.push_back(std::move(value));
  return made;
}

AttributeProto attribute(std::string_view name, GraphProto value) {
  AttributeProto made = empty_attribute(name, Type::graph);
  made.graphs.push_back(std::move(value));
  return made;
}

AttributeProto reference_attribute(std::string_view name, Type type, std::string_view referred) {
  AttributeProto made = empty_attribute(name, type);
  made.ref_attr_name = referred;
  return made;
}

NodeProto node(std::string_view op_type, Names inputs, Names outputs, Attributes attributes,
               std::string_view name) {
  return {.name = std::string(name),
          .op_type = std::string(op_type),
          .input = std::move(inputs),
          .output = std::move(outputs),
          .attribute = std::move(attributes)};
}

TensorProto initializer(std::string_view name, const Tensor& elements) {
  return {.name = std::string(name),
          .type = element_type(elements.dtype()),
          .shape = elements.shape(),
          .tensor = elements};
}

TensorProto int64s(std::string_view name, std::vector<std::int64_t> elements) {
  const Shape shape{static_cast<std::int64_t>(elements.size())};
  return {
      .name = std::string(name), .type = ElementType::i64, .shape = shape, .integers = std::move(elements)};
}

TensorProto int64(std::string_view name, std::int64_t element) {
  return {.name = std::string(name), .type = ElementType::i64, .integers = {element}};
}

TensorProto doubles(std::string_view name, const std::vector<double>& elements) {
  std::vector<std::uint32_t> halves;
  for (const double element : elements) {
    const auto bits = std::bit_cast<std::uint64_t>(element);
    halves.push_back(static_cast<std::uint32_t>(bits));
    halves.push_back(static_cast<std::uint32_t>(bits >> 32));
  }
  return {.name = std::string(name),
          .type = ElementType::f64,
          .shape = {static_cast<std::int64_t>(elements.size())},
          .tensor = tensor(halves)};
}

ValueInfoProto value(std::string_view name, const std::vector<std::int64_t>& sizes, ElementType type) {
  ValueInfoProto made = shapeless(name, type);
  made.shape.emplace();
  for (const std::int64_t size : sizes) made.shape->push_back({.size = size, .name = size < 0 ? "N" : ""});
  return made;
}

ValueInfoProto shapeless(std::string_view name, ElementType type) {
  return {.name = std::string(name), .type = type};
}

GraphProto graph_of(Graph parts) {
  return {.name = "graph",
          .node = std::move(parts.nodes),
          .initializer = std::move(parts.initializers),
          .input = std::move(parts.inputs),
          .output = std::move(parts.outputs)};
}

ModelProto model_of(Graph parts, std::int64_t opset) {
  return {.ir_version = 10,
          .producer_name = "test",
          .opset_import = {{"", opset}},
          .graph = graph_of(std::move(parts))};
}

std::string written(const ModelProto& model, const std::vector<FunctionProto>& functions) {
  WireWriter added;
  for (const FunctionProto& function : functions) added.message(25, message(function));
  return onnx::written(model) + added.written();
}

ModelProto mlp() {
  const Attributes transposed{attribute("transB", std::int64_t{1})};
  return model_of({.inputs = {value("x", {-1, 3})},
                   .initializers = {initializer("w1", weights({4, 3})), initializer("b1", weights({4})),
                                    initializer("w2", weights({2, 4})), initializer("b2", weights({2}))},
                   .nodes = {node("Gemm", {"x", "w1", "b1"}, {"hidden"}, transposed, "first"),
                             node("Relu", {"hidden"}, {"active"}),
                             node("Gemm", {"active", "w2", "b2"}, {"y"}, transposed, "second")},
                   .outputs = {value("y", {-1, 2})}});
}

ModelProto conv_net() {
  using Sizes = std::vector<std::int64_t>;
  return model_of(
      {.inputs = {value("x", {-1, 2, 6, 6})},
       .initializers = {initializer("kernel", weights({3, 2, 3, 3})), initializer("bias", weights({3})),
                        initializer("scale", tensor({1.5, 0.5, 1.0})), initializer("shift", weights({3})),
                        initializer("mean", tensor({0.5, -0.25, 0.0})),
                        initializer("variance", tensor({1.0, 2.0, 0.5})),
                        initializer("ratio", full({}, 0.5))},
       .nodes = {node("Conv", {"x", "kernel", "bias"}, {"c"}, {attribute("pads", Sizes{1, 1, 1, 1})},
                      "conv1"),
                 node("BatchNormalization", {"c", "scale", "shift", "mean", "variance"}, {"n"}, {}, "norm1"),
                 node("Relu", {"n"}, {"r"}),
                 node("MaxPool", {"r"}, {"p"},
                      {attribute("kernel_shape", Sizes{2, 2}), attribute("strides", Sizes{2, 2})}),
                 node("Dropout", {"p", "ratio"}, {"d"}), node("GlobalAveragePool", {"d"}, {"g"}),
                 node("Flatten", {"g"}, {"y"})},
       .outputs = {value("y", {-1, 3})}});
}

ModelProto branches(bool condition) {
  const auto branch = [](const char* op, double operand) {
    return attribute(operand == 1 ? "then_branch" : "else_branch",
                     graph_of({.inputs = {},
                               .initializers = {initializer("operand", full({}, operand))},
                               .nodes = {node(op, {"x", "operand"}, {"result"})},
                               .outputs = {shapeless("result")}}));
  };
  return model_of({.inputs = {value("x", {-1, 3})},
                   .initializers = {initializer("c", tensor(std::vector<bool>{condition}))},
                   .nodes = {node("If", {"c"}, {"y"}, {branch("Add", 1), branch("Mul", 2)}, "choice")},
                   .outputs = {value("y", {-1, 3})}});
}

ModelProto loop(std::int64_t count) {
  const GraphProto body = graph_of(
      {.inputs = {value("i", {}, ElementType::i64), value("go", {}, ElementType::boolean), value("v", {3})},
       .initializers = {initializer("one", full({}, 1))},
       .nodes = {node("Identity", {"go"}, {"go_on"}), node("Mul", {"v", "x"}, {"product"}),
                 node("Add", {"product", "one"}, {"next"}), node("Identity", {"next"}, {"each"})},
       .outputs = {value("go_on", {}, ElementType::boolean), value("next", {3}), value("each", {3})}});
  return model_of(
      {.inputs = {value("x", {3})},
       .initializers = {int64("count", count)},
       .nodes = {node("Loop", {"count", "", "x"}, {"last", "all"}, {attribute("body", body)}, "loop1")},
       .outputs = {value("last", {3}), shapeless("all")}});
}

ModelProto running_sums() {
  const GraphProto body =
      graph_of({.inputs = {value("before", {2}), value("row", {2})},
                .nodes = {node("Add", {"before", "row"}, {"sum"}), node("Identity", {"sum"}, {"each"})},
                .outputs = {value("sum", {2}), value("each", {2})}});
  return model_of(
      {.inputs = {value("x", {5, 2})},
       .initializers = {initializer("zero", tensor({0.0, 0.0}))},
       .nodes = {node("Scan", {"zero", "x"}, {"last", "all"},
                      {attribute("body", body), attribute("num_scan_inputs", std::int64_t{1})}, "scan1")},
       .outputs = {value("last", {2}), value("all", {5, 2})}});
}

ModelProto computed_shape() {
  return model_of({.inputs = {value("x", {-1, 4})},
                   .initializers = {int64s("zero", {0}), int64s("rest", {2, 2})},
                   .nodes = {node("Shape", {"x"}, {"sizes"}), node("Gather", {"sizes", "zero"}, {"n"}),
                             node("Concat", {"n", "rest"}, {"shape"}, {attribute("axis", std::int64_t{0})}),
                             node("Reshape", {"x", "shape"}, {"y"}, {}, "reshape1")},
                   .outputs = {value("y", {-1, 2, 2})}});
}

std::string with_functions() {
  const FunctionProto scaled{
      .name = "Scaled",
      .domain = "local",
      .input = {"v"},
      .output = {"w"},
      .attribute = {"factor"},
      .node = {node("Constant", {}, {"f"}, {reference_attribute("value_float", Type::f32, "factor")}),
               node("Mul", {"v", "f"}, {"w"})},
      .opset_import = {{"", 21}}};
  NodeProto inner = node("Scaled", {"a"}, {"b"}, {reference_attribute("factor", Type::f32, "slope")});
  inner.domain = "local";
  const FunctionProto affine{
      .name = "Affine",
      .domain = "local",
      .input = {"a"},
      .output = {"c"},
      .attribute = {"slope"},
      .attribute_proto = {attribute("offset", 1.0f)},
      .node = {inner, node("Constant", {}, {"o"}, {reference_attribute("value_float", Type::f32, "offset")}),
               node("Add", {"b", "o"}, {"c"})},
      .opset_import = {{"", 21}, {"local", 1}}};
  NodeProto outer = node("Affine", {"x"}, {"y"}, {attribute("slope", 2.0f)}, "affine1");
  outer.domain = "local";
  ModelProto model = model_of({.inputs = {value("x", {3})}, .nodes = {outer}, .outputs = {value("y", {3})}});
  model.opset_import["local"] = 1;
  return written(model, {affine, scaled});
}

std::vector<std::pair<std::string, std::string>> small_models() {
  return {{"mlp", onnx::written(mlp())},
          {"conv_net", onnx::written(conv_net())},
          {"branches", onnx::written(branches(true))},
          {"loop", onnx::written(loop(3))},
          {"running_sums", onnx::written(running_sums())},
          {"computed_shape", onnx::written(computed_shape())},
          {"functions", with_functions()},
          {"recurrent", onnx::written(recurrent())},
          {"indices", onnx::written(with_k(indices()))}};
}

}  // namespace hekla::testing
