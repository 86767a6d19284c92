// See prune.h.
#include "train/onnx/prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <unordered_set>

namespace hekla::onnx {

namespace {

void append_names(const NodeProto& node, std::vector<std::string>& names) {
  names.insert(names.end(), node.input.begin(), node.input.end());
  for (const AttributeProto& attribute : node.attribute) {
    for (const GraphProto& graph : attribute.graphs) {
      for (const NodeProto& inner : graph.node) append_names(inner, names);
      // A branch may hand on a value of the graph around it.
      for (const ValueInfoProto& output : graph.output) names.push_back(output.name);
    }
  }
}

// The names of all values.
std::unordered_set<std::string> made_in(const GraphProto& graph) {
  std::unordered_set<std::string> made;
  for (const ValueInfoProto& input : graph.input) made.insert(input.name);
  for (const TensorProto& initializer : graph.initializer) made.insert(initializer.name);
  for (const NodeProto& node : graph.node) made.insert(node.output.begin(), node.output.end());
  return made;
}

ValueInfoProto declared(const GraphProto& graph, const std::string& name) {
  for (const auto* values : {&graph.output, &graph.value_info, &graph.input}) {
    const auto found = std::ranges::find(*values, name, &ValueInfoProto::name);
    if (found != values->end()) return *found;
  }
  return {.name = name};
}

}  // namespace

std::vector<std::string> names_read(const NodeProto& node) {
  std::vector<std::string> names;
  append_names(node, names);
  return names;
}

void prune(ModelProto& model, const std::vector<std::string>& outputs, const files::Source& source) {
  GraphProto& graph = model.graph;
  if (!outputs.empty()) {
    const std::unordered_set<std::string> made = made_in(graph);
    std::vector<ValueInfoProto> wanted;
    for (const std::string& name : outputs) {
      if (!made.contains(name))
        source.fail(fmt::format("no node makes the output {} that is asked for.", files::in_quotes(name)));
      wanted.push_back(declared(graph, name));
    }
    graph.output = std::move(wanted);
  }
  std::unordered_set<std::string> needed;
  for (const ValueInfoProto& output : graph.output) needed.insert(output.name);
  std::vector<NodeProto> kept;
  for (NodeProto& node : graph.node | std::views::reverse) {
    const bool is_needed =
        std::ranges::any_of(node.output, [&](const std::string& name) { return needed.contains(name); });
    if (!is_needed) continue;
    for (std::string& name : names_read(node)) needed.insert(std::move(name));
    kept.push_back(std::move(node));
  }
  std::ranges::reverse(kept);
  graph.node = std::move(kept);
  std::unordered_set<std::string> dropped;
  std::erase_if(graph.initializer, [&](const TensorProto& each) {
    const bool is_needed = needed.contains(each.name);
    if (!is_needed) dropped.insert(each.name);
    return !is_needed;
  });
  // An initializer may be declared as an input, too, which would otherwise have to be given now.
  std::erase_if(graph.input, [&](const ValueInfoProto& each) { return dropped.contains(each.name); });
}

}  // namespace hekla::onnx
