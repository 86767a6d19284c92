// See check_names.h.
#include "train/onnx/check_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "train/onnx/builder.h"

namespace hekla::onnx {

namespace {

class Names {
 public:
  explicit Names(const files::Source& source) : source_(source) {}

  void check(const GraphProto& graph) {
    scopes_.emplace_back();
    for (const ValueInfoProto& input : graph.input) add(input.name, "the inputs");
    for (const TensorProto& initializer : graph.initializer) add_initializer(initializer.name, graph);
    for (const std::string& sparse : graph.sparse_initializer) add_initializer(sparse, graph);
    check(graph.node);
    for (const ValueInfoProto& output : graph.output) {
      if (!knows(output.name))
        source_.fail(fmt::format("nothing makes the output {} of the graph {}.",
                                 files::in_quotes(output.name), files::in_quotes(graph.name)));
    }
    scopes_.pop_back();
  }

  void check(const FunctionProto& function) {
    scopes_.emplace_back();
    for (const std::string& input : function.input) add(input, "the inputs");
    check(function.node);
    for (const std::string& output : function.output) {
      if (!knows(output))
        source_.fail(fmt::format("nothing makes the output {} of the function {}.", files::in_quotes(output),
                                 files::in_quotes(function.name)));
    }
    scopes_.pop_back();
  }

 private:
  // What makes each value.
  using Makers = std::unordered_map<std::string, std::string>;

  bool knows(const std::string& name) const {
    return std::ranges::any_of(scopes_, [&](const Makers& scope) { return scope.contains(name); });
  }

  void add(const std::string& name, const std::string& maker) {
    const auto [place, is_new] = scopes_.back().emplace(name, maker);
    if (!is_new)
      source_.fail(fmt::format("the value {} is made twice, by {} and by {}.", files::in_quotes(name),
                               place->second, maker));
  }

  // An input may have one, as its default.
  void add_initializer(const std::string& name, const GraphProto& graph) {
    const auto [place, is_new] = scopes_.back().emplace(name, "the initializers");
    if (!is_new && place->second == "the initializers")
      source_.fail(fmt::format("two initializers of the graph {} are called {}.",
                               files::in_quotes(graph.name), files::in_quotes(name)));
    place->second = "the initializers";
  }

  void check(const std::vector<NodeProto>& nodes) {
    for (const NodeProto& node : nodes) {
      for (const std::string& input : node.input) {
        if (!input.empty() && !knows(input)) fail_unmade(input, node, nodes);
      }
      for (const AttributeProto& attribute : node.attribute) {
        for (const GraphProto& graph : attribute.graphs) check(graph);
      }
      for (const std::string& output : node.output) {
        if (!output.empty()) add(output, describe(node));
      }
    }
  }

  [[noreturn]] void fail_unmade(const std::string& name, const NodeProto& reader,
                                const std::vector<NodeProto>& nodes) const {
    const auto maker = std::ranges::find_if(nodes, [&](const NodeProto& node) {
      return std::ranges::find(node.output, name) != node.output.end();
    });
    if (maker == nodes.end())
      source_.fail(
          fmt::format("{} reads {}, which nothing makes.", describe(reader), files::in_quotes(name)));
    if (&*maker == &reader)
      source_.fail(fmt::format("{} reads its own result {}.", describe(reader), files::in_quotes(name)));
    source_.fail(
        fmt::format("{} reads {}, which {} makes further down; nodes have to stand in the order in which "
                    "they are computed.",
                    describe(reader), files::in_quotes(name), describe(*maker)));
  }

  const files::Source& source_;
  std::vector<Makers> scopes_ = {};
};

}  // namespace

void check_names(const ModelProto& model, const files::Source& source) {
  Names names(source);
  names.check(model.graph);
  for (const FunctionProto& function : model.functions) names.check(function);
}

}  // namespace hekla::onnx
