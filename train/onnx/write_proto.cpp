// Writing the messages of an ONNX file.
#include "train/onnx/proto.h"
#include "train/onnx/wire.h"

namespace hekla::onnx {

namespace {

WireWriter message(const GraphProto& graph);

WireWriter message(const TensorProto& tensor) {
  WireWriter writer;
  writer.packed(1, std::vector<std::int64_t>(tensor.shape.begin(), tensor.shape.end()));
  writer.integer(2, static_cast<std::int64_t>(tensor.type));
  writer.text(8, tensor.name);
  if (tensor.external) {
    for (const auto& [key, value] : *tensor.external) {
      WireWriter entry;
      entry.text(1, key);
      entry.text(2, value);
      writer.message(13, entry);
    }
    writer.integer(14, 1);
  } else if (tensor.tensor.defined()) {
    writer.bytes(9, files::encode(tensor.tensor));
  } else {
    writer.packed(7, tensor.integers);
  }
  return writer;
}

WireWriter message(const AttributeProto& attribute) {
  using Type = AttributeProto::Type;
  WireWriter writer;
  writer.text(1, attribute.name);
  switch (attribute.type) {
    case Type::f32: writer.f32(2, attribute.f); break;
    case Type::integer: writer.integer(3, attribute.i); break;
    case Type::text: writer.text(4, attribute.s); break;
    case Type::tensor: writer.message(5, message(attribute.tensors[0])); break;
    case Type::graph: writer.message(6, message(attribute.graphs[0])); break;
    case Type::floats: writer.packed(7, attribute.floats); break;
    case Type::integers: writer.packed(8, attribute.ints); break;
    case Type::texts:
      for (const std::string& text : attribute.strings) writer.text(9, text);
      break;
    default: break;  // hekla writes no others
  }
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
  if (!node.doc_string.empty()) writer.text(6, node.doc_string);
  if (!node.domain.empty()) writer.text(7, node.domain);
  return writer;
}

WireWriter message(const ValueInfoProto& value) {
  WireWriter tensor;
  tensor.integer(1, static_cast<std::int64_t>(value.type));
  if (value.shape) {
    WireWriter shape;
    for (const Dimension& dimension : *value.shape) {
      WireWriter axis;
      if (dimension.size >= 0) axis.integer(1, dimension.size);
      if (dimension.size < 0 && !dimension.name.empty()) axis.text(2, dimension.name);
      shape.message(1, axis);
    }
    tensor.message(2, shape);
  }
  WireWriter type;
  type.message(1, tensor);
  WireWriter writer;
  writer.text(1, value.name);
  writer.message(2, type);
  return writer;
}

WireWriter message(const GraphProto& graph) {
  WireWriter writer;
  for (const NodeProto& node : graph.node) writer.message(1, message(node));
  writer.text(2, graph.name);
  for (const TensorProto& initializer : graph.initializer) writer.message(5, message(initializer));
  if (!graph.doc_string.empty()) writer.text(10, graph.doc_string);
  for (const ValueInfoProto& input : graph.input) writer.message(11, message(input));
  for (const ValueInfoProto& output : graph.output) writer.message(12, message(output));
  for (const ValueInfoProto& value : graph.value_info) writer.message(13, message(value));
  return writer;
}

}  // namespace

std::string written(const ModelProto& model) {
  WireWriter writer;
  writer.integer(1, model.ir_version);
  writer.text(2, model.producer_name);
  writer.text(3, model.producer_version);
  if (!model.doc_string.empty()) writer.text(6, model.doc_string);
  writer.message(7, message(model.graph));
  for (const auto& [domain, version] : model.opset_import) {
    WireWriter opset;
    opset.text(1, domain);
    opset.integer(2, version);
    writer.message(8, opset);
  }
  for (const auto& [key, value] : model.metadata_props) {
    WireWriter entry;
    entry.text(1, key);
    entry.text(2, value);
    writer.message(14, entry);
  }
  return writer.written();
}

}  // namespace hekla::onnx
