// Graphs as text and as Graphviz.
#include "graph/print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unordered_map>

namespace hekla {

namespace {

std::string node_text(const Node& node) {
  std::string text = fmt::format("{}{} {}", name(node.dtype), to_string(node.shape), node.op->name);
  if (node.op->kind == Kind::constant) return text + fmt::format(" {}", constant_value(node));
  if (!node.attributes.integers.empty())
    text += fmt::format("({})", fmt::join(node.attributes.integers, ","));
  if (!node.label.empty()) text += fmt::format(" \"{}\"", node.label);
  return text;
}

}  // namespace

std::string to_text(std::span<const Tensor> roots) {
  std::string text;
  std::unordered_map<const Node*, std::size_t> number;
  for (const Node* node : topological_order(roots)) {
    text += fmt::format("%{} = {}", number.size(), node_text(*node));
    for (const Tensor& input : node->inputs) text += fmt::format(" %{}", number.at(input.get()));
    text += "\n";
    number.emplace(node, number.size());
  }
  return text;
}

std::string to_text(const Tensor& root) { return to_text({&root, 1}); }

std::string to_dot(std::span<const Tensor> roots) {
  std::string text = "digraph hekla {\n  node [shape=box, fontname=monospace];\n";
  std::unordered_map<const Node*, std::size_t> number;
  for (const Node* node : topological_order(roots)) {
    const std::string label = node_text(*node);
    std::string escaped;
    for (const char c : label) {
      if (c == '"' || c == '\\') escaped += '\\';
      escaped += c;
    }
    const char* style = is_storage(node->op->kind)     ? ", style=filled, fillcolor=lightblue"
                        : node->op->kind == Kind::view ? ", style=dashed"
                                                       : "";
    text += fmt::format("  n{} [label=\"{}\"{}];\n", number.size(), escaped, style);
    for (const Tensor& input : node->inputs)
      text += fmt::format("  n{} -> n{};\n", number.at(input.get()), number.size());
    number.emplace(node, number.size());
  }
  return text + "}\n";
}

std::string to_dot(const Tensor& root) { return to_dot({&root, 1}); }

}  // namespace hekla
