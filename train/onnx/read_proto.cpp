// Reading the messages of an ONNX file.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "train/onnx/proto.h"
#include "train/onnx/wire.h"

namespace hekla::onnx {

namespace {

std::string normalized(std::string domain) { return domain == "ai.onnx" ? std::string() : domain; }

std::pair<std::string, std::string> read_entry(WireReader entry) {
  std::pair<std::string, std::string> result;
  while (entry.next()) {
    if (entry.field() == 1) result.first = entry.text();
    if (entry.field() == 2) result.second = entry.text();
  }
  return result;
}

void append_bytes(std::vector<std::byte>& bytes, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
}

// The fields of a tensor's message before they become elements.
struct RawTensor {
  TensorProto tensor;
  std::vector<std::uint64_t> sizes;
  std::optional<std::span<const std::byte>> raw;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::uint64_t> integers;
  std::map<std::string, std::string> external;
  bool is_external = false;

  // The elements that stand in fields of numbers, as raw data would have them.
  std::vector<std::byte> typed(files::StoredType type) const {
    std::vector<std::byte> bytes;
    for (const float number : floats) append_bytes(bytes, std::bit_cast<std::uint32_t>(number), 4);
    for (const double number : doubles) append_bytes(bytes, std::bit_cast<std::uint64_t>(number), 8);
    for (const std::uint64_t number : integers) append_bytes(bytes, number, files::size_of(type));
    return bytes;
  }
};

class Reader {
 public:
  Reader(files::Source& source, std::filesystem::path folder) : source_(source), folder_(std::move(folder)) {}

  ModelProto model(WireReader message) {
    ModelProto model;
    while (message.next()) {
      switch (message.field()) {
        case 1: model.ir_version = message.integer(); break;
        case 2: model.producer_name = message.text(); break;
        case 3: model.producer_version = message.text(); break;
        case 6: model.doc_string = message.text(); break;
        case 7: model.graph = graph(message.message()); break;
        case 8: import_opset(message.message(), model.opset_import); break;
        case 14: model.metadata_props.push_back(read_entry(message.message())); break;
        case 25: model.functions.push_back(function(message.message())); break;
        default: break;
      }
    }
    return model;
  }

  TensorProto tensor(WireReader message) {
    RawTensor read;
    while (message.next()) {
      switch (message.field()) {
        case 1: message.append_to(read.sizes); break;
        case 2: read.tensor.type = static_cast<ElementType>(message.integer()); break;
        case 4: message.append_to(read.floats); break;
        case 5: message.append_to(read.integers); break;
        case 7: message.append_to(read.integers); break;
        case 8: read.tensor.name = message.text(); break;
        case 9: read.raw = message.bytes(); break;
        case 10: message.append_to(read.doubles); break;
        case 11: message.append_to(read.integers); break;
        case 13: read.external.insert(read_entry(message.message())); break;
        case 14: read.is_external = message.integer() == 1; break;
        default: break;
      }
    }
    fill(read);
    return std::move(read.tensor);
  }

 private:
  static void import_opset(WireReader message, Opsets& opsets) {
    std::string domain;
    std::int64_t version = 0;
    while (message.next()) {
      if (message.field() == 1) domain = message.text();
      if (message.field() == 2) version = message.integer();
    }
    opsets[normalized(std::move(domain))] = version;
  }

  GraphProto graph(WireReader message) {
    GraphProto graph;
    while (message.next()) {
      switch (message.field()) {
        case 1: graph.node.push_back(node(message.message())); break;
        case 2: graph.name = message.text(); break;
        case 5: graph.initializer.push_back(tensor(message.message())); break;
        case 10: graph.doc_string = message.text(); break;
        case 11: graph.input.push_back(value_info(message.message())); break;
        case 12: graph.output.push_back(value_info(message.message())); break;
        case 13: graph.value_info.push_back(value_info(message.message())); break;
        case 15: graph.sparse_initializer.push_back(sparse_name(message.message())); break;
        default: break;
      }
    }
    return graph;
  }

  FunctionProto function(WireReader message) {
    FunctionProto function;
    while (message.next()) {
      switch (message.field()) {
        case 1: function.name = message.text(); break;
        case 4: function.input.push_back(message.text()); break;
        case 5: function.output.push_back(message.text()); break;
        case 6: function.attribute.push_back(message.text()); break;
        case 7: function.node.push_back(node(message.message())); break;
        case 9: import_opset(message.message(), function.opset_import); break;
        case 10: function.domain = normalized(message.text()); break;
        case 11: function.attribute_proto.push_back(attribute(message.message())); break;
        case 13: function.overload = message.text(); break;
        default: break;
      }
    }
    return function;
  }

  NodeProto node(WireReader message) {
    NodeProto node;
    while (message.next()) {
      switch (message.field()) {
        case 1: node.input.push_back(message.text()); break;
        case 2: node.output.push_back(message.text()); break;
        case 3: node.name = message.text(); break;
        case 4: node.op_type = message.text(); break;
        case 5: node.attribute.push_back(attribute(message.message())); break;
        case 6: node.doc_string = message.text(); break;
        case 7: node.domain = normalized(message.text()); break;
        default: break;
      }
    }
    return node;
  }

  AttributeProto attribute(WireReader message) {
    AttributeProto attribute;
    while (message.next()) {
      switch (message.field()) {
        case 1: attribute.name = message.text(); break;
        case 2: attribute.f = message.f32(); break;
        case 3: attribute.i = message.integer(); break;
        case 4: attribute.s = message.text(); break;
        case 5: attribute.tensors.push_back(tensor(message.message())); break;
        case 6: attribute.graphs.push_back(graph(message.message())); break;
        case 7: message.append_to(attribute.floats); break;
        case 8: message.append_to(attribute.ints); break;
        case 9: attribute.strings.push_back(message.text()); break;
        case 10: attribute.tensors.push_back(tensor(message.message())); break;
        case 11: attribute.graphs.push_back(graph(message.message())); break;
        case 20: attribute.type = static_cast<AttributeProto::Type>(message.integer()); break;
        case 21: attribute.ref_attr_name = message.text(); break;
        default: break;
      }
    }
    return attribute;
  }

  static std::string sparse_name(WireReader message) {
    std::string name;
    while (message.next()) {
      if (message.field() != 1) continue;
      WireReader values = message.message();
      while (values.next()) {
        if (values.field() == 8) name = values.text();
      }
    }
    return name;
  }

  ValueInfoProto value_info(WireReader message) {
    ValueInfoProto value;
    while (message.next()) {
      if (message.field() == 1) value.name = message.text();
      if (message.field() == 2) read_type(message.message(), value);
    }
    return value;
  }

  static void read_type(WireReader message, ValueInfoProto& value) {
    value.is_tensor = false;
    while (message.next()) {
      if (message.field() != 1) continue;
      value.is_tensor = true;
      WireReader type = message.message();
      while (type.next()) {
        if (type.field() == 1) value.type = static_cast<ElementType>(type.integer());
        if (type.field() == 2) value.shape = read_shape(type.message());
      }
    }
  }

  static std::vector<Dimension> read_shape(WireReader message) {
    std::vector<Dimension> shape;
    while (message.next()) {
      if (message.field() != 1) continue;
      Dimension dimension;
      WireReader field = message.message();
      while (field.next()) {
        if (field.field() == 1) dimension.size = std::max<std::int64_t>(field.integer(), -1);
        if (field.field() == 2) dimension.name = field.text();
      }
      shape.push_back(std::move(dimension));
    }
    return shape;
  }

  void fill(RawTensor& read) {
    TensorProto& tensor = read.tensor;
    const std::string& name = tensor.name;
    tensor.shape = files::checked_shape(source_, name, read.sizes);
    const std::optional<files::StoredType> type = stored_type(tensor.type);
    if (!type) return;
    const std::uint64_t size = static_cast<std::uint64_t>(tensor.shape.count()) * files::size_of(*type);
    std::vector<std::byte> held;
    std::span<const std::byte> bytes;
    if (read.is_external) {
      held = external(read, size);
      bytes = held;
    } else if (read.raw) {
      bytes = *read.raw;
    } else {
      held = read.typed(*type);
      bytes = held;
    }
    if (bytes.size() != size)
      source_.fail(fmt::format("tensor {}: {} bytes of elements are there; {} of shape {} take {}.",
                               files::in_quotes(name), bytes.size(), onnx::name(tensor.type),
                               to_string(tensor.shape), size));
    if (size > 0 && tensor.type == ElementType::i64 && !fits<std::int32_t>(bytes)) {
      for (std::size_t at = 0; at < bytes.size(); at += 8)
        tensor.integers.push_back(static_cast<std::int64_t>(files::little_endian(bytes.subspan(at, 8))));
      return;
    }
    tensor.tensor = files::decode(source_, name, bytes, *type, tensor.shape);
  }

  template <class T>
  static bool fits(std::span<const std::byte> bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      const auto value = static_cast<std::int64_t>(files::little_endian(bytes.subspan(at, 8)));
      if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) return false;
    }
    return true;
  }

  std::vector<std::byte> external(const RawTensor& read, std::uint64_t size) {
    const auto fail = [&](const std::string& what) {
      source_.fail(fmt::format("tensor {}: {}", files::in_quotes(read.tensor.name), what));
    };
    const auto number = [&](const char* key, std::uint64_t otherwise) {
      const auto found = read.external.find(key);
      if (found == read.external.end()) return otherwise;
      std::uint64_t value = 0;
      for (const char digit : found->second) {
        if (digit < '0' || digit > '9' || value > (std::uint64_t{1} << 58))
          fail(fmt::format("its {} is {}; a number of bytes is needed.", key,
                           files::in_quotes(found->second)));
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
      }
      return value;
    };
    const auto location = read.external.find("location");
    if (location == read.external.end()) fail("its elements lie in another file, which it does not name.");
    const std::filesystem::path path = std::filesystem::path(location->second).lexically_normal();
    // A model from elsewhere must not make files of this machine readable.
    if (path.empty() || path.is_absolute() || *path.begin() == "..")
      fail(fmt::format("its elements lie in {}; only files in the folder of the model are read.",
                       files::in_quotes(location->second)));
    if (number("length", size) != size)
      fail(fmt::format("{} bytes of elements are there; {} of shape {} take {}.", number("length", size),
                       onnx::name(read.tensor.type), to_string(read.tensor.shape), size));
    files::Source file("onnx::load", folder_ / path);
    return file.read(number("offset", 0), size);
  }

  files::Source& source_;
  std::filesystem::path folder_;
};

}  // namespace

ModelProto read_model(files::Source& source, const std::filesystem::path& folder) {
  const std::vector<std::byte> bytes = source.read(0, source.size());
  return Reader(source, folder).model(WireReader(source, bytes));
}

TensorProto read_tensor(files::Source& source) {
  const std::vector<std::byte> bytes = source.read(0, source.size());
  return Reader(source, {}).tensor(WireReader(source, bytes));
}

}  // namespace hekla::onnx
