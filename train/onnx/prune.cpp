// See prune.h.
#include "train/onnx/prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <unordered_map>
#include <unordered_set>

#include "train/onnx/builder.h"

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

// What makes each value: "an input", or the node. Fails where two do.
std::unordered_map<std::string, std::string> makers(const GraphProto& graph, const files::Source& source) {
  std::unordered_map<std::string, std::string> made;
  const auto add = [&](const std::string& name, const std::string& maker) {
    const auto [place, is_new] = made.emplace(name, maker);
    if (!is_new)
      source.fail(fmt::format("the value {} is made twice, by {} and by {}.", files::in_quotes(name),
                              place->second, maker));
  };
  for (const ValueInfoProto& input : graph.input) add(input.name, "the inputs");
  std::unordered_set<std::string> initializers;
  for (const TensorProto& initializer : graph.initializer) {
    if (!initializers.insert(initializer.name).second)
      source.fail(fmt::format("two initializers are called {}.", files::in_quotes(initializer.name)));
    made.emplace(initializer.name, "the initializers");
  }
  for (const NodeProto& node : graph.node) {
    for (const std::string& output : node.output) {
      if (!output.empty()) add(output, describe(node));
    }
  }
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
  const auto made = makers(graph, source);
  if (!outputs.empty()) {
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
