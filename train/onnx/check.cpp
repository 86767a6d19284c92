// See check.h.
#include "train/onnx/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "train/onnx/builder.h"
#include "train/onnx/call.h"

namespace hekla::onnx {

namespace {

constexpr std::int64_t first_opset = 1;
constexpr std::int64_t last_opset = 24;
constexpr std::size_t most_named = 5;

class Check {
 public:
  Check(const ModelProto& model) : model_(model) {}

  std::string complaints() {
    if (model_.opset_import.empty()) complain("operations of no version (opset_import)", "the model");
    check_opsets(model_.opset_import, "the model");
    for (const ValueInfoProto& input : required_pointers(model_.graph)) check_value(input);
    check_graph(model_.graph);
    std::vector<std::string> lines;
    for (const auto& [complaint, places] : found_) {
      std::vector<std::string> named(
          places.begin(), places.begin() + static_cast<std::ptrdiff_t>(std::min(places.size(), most_named)));
      if (places.size() > most_named) named.push_back(fmt::format("{} more", places.size() - most_named));
      lines.push_back(fmt::format("{}: {}", complaint, fmt::join(named, ", ")));
    }
    return fmt::format("{}", fmt::join(lines, "\n  "));
  }

 private:
  static std::vector<ValueInfoProto> required_pointers(const GraphProto& graph) {
    std::vector<ValueInfoProto> inputs;
    for (const ValueInfoProto* input : required_inputs(graph)) inputs.push_back(*input);
    return inputs;
  }

  void complain(std::string complaint, std::string place) {
    found_[std::move(complaint)].push_back(std::move(place));
  }

  void check_opsets(const Opsets& opsets, const std::string& place) {
    const auto found = opsets.find("");
    if (found == opsets.end() || (found->second >= first_opset && found->second <= last_opset)) return;
    complain(fmt::format("opset {} (those from {} to {} are read)", found->second, first_opset, last_opset),
             place);
  }

  void check_value(const ValueInfoProto& value) {
    const std::string place = fmt::format("input {}", files::in_quotes(value.name));
    if (!value.is_tensor)
      complain("values that are no tensors", place);
    else if (!stored_type(value.type))
      complain(fmt::format("elements of {}", name(value.type)), place);
  }

  void check_tensor(const TensorProto& tensor, const std::string& place) {
    if (!tensor.tensor.defined() && tensor.integers.empty())
      complain(fmt::format("elements of {}", name(tensor.type)), place);
  }

  void check_graph(const GraphProto& graph) {
    for (const std::string& sparse : graph.sparse_initializer)
      complain("sparse initializers", files::in_quotes(sparse));
    for (const TensorProto& initializer : graph.initializer)
      check_tensor(initializer, fmt::format("initializer {}", files::in_quotes(initializer.name)));
    for (const NodeProto& node : graph.node) check_node(node);
  }

  // Each once, however often it is called.
  void check_function(const FunctionProto& function, const std::string& place) {
    const std::string called = files::in_quotes(function.name);
    if (std::ranges::find(calls_, &function) != calls_.end()) {
      complain(fmt::format("the function {}, which calls itself", called), place);
    } else if (calls_.size() == deepest_calls) {
      complain(fmt::format("functions that call each other more than {} deep", deepest_calls), place);
    } else if (checked_.insert(&function).second) {
      calls_.push_back(&function);
      check_opsets(function.opset_import, "the function " + called);
      for (const NodeProto& node : function.node) check_node(node);
      calls_.pop_back();
    }
  }

  void check_node(const NodeProto& node) {
    const std::string place = describe(node);
    for (const AttributeProto& attribute : node.attribute) {
      for (const TensorProto& tensor : attribute.tensors) check_tensor(tensor, place);
      for (const GraphProto& graph : attribute.graphs) check_graph(graph);
    }
    if (const FunctionProto* function = find_function(model_, node)) {
      check_function(*function, place);
      return;
    }
    const std::string operation = node.domain.empty() ? node.op_type : node.domain + "." + node.op_type;
    const Conversion* conversion = find_conversion(node.domain, node.op_type);
    if (conversion == nullptr) {
      complain("operation " + operation, place);
      return;
    }
    for (const AttributeProto& attribute : node.attribute) {
      if (std::ranges::find(conversion->attributes, attribute.name) == conversion->attributes.end())
        complain(fmt::format("attribute {} of {}", files::in_quotes(attribute.name), operation), place);
    }
  }

  const ModelProto& model_;
  std::map<std::string, std::vector<std::string>> found_;
  std::set<const FunctionProto*> checked_;
  std::vector<const FunctionProto*> calls_;  // those that the present node is inside of
};

}  // namespace

void check(const ModelProto& model, const files::Source& source) {
  if (model.graph.output.empty()) source.fail("holds no graph with outputs; it is no ONNX model.");
  const std::string complaints = Check(model).complaints();
  if (!complaints.empty())
    source.fail(fmt::format("asks for what hekla does not support:\n  {}", complaints));
}

}  // namespace hekla::onnx
