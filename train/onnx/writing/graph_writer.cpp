// See graph_writer.h.
#include "train/onnx/writing/graph_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <ranges>
#include <utility>

#include "graph/error.h"
#include "graph/origin.h"
#include "graph/walk.h"
#include "ops/create.h"
#include "ops/view.h"
#include "train/onnx/prune.h"

namespace hekla::onnx {

namespace {

using Type = AttributeProto::Type;

// The variable that x shows the elements of, in another order or shape, or null.
const Node* shown_variable(const Tensor& x) {
  const Node* node = x.get();
  while (node->op == &permute_op || node->op == &reshape_op) node = node->inputs[0].get();
  return node->op->kind == Kind::variable ? node : nullptr;
}

}  // namespace

AttributeProto attribute(std::string name, std::int64_t integer) {
  return {.name = std::move(name), .type = Type::integer, .i = integer};
}
AttributeProto attribute(std::string name, double number) {
  return {.name = std::move(name), .type = Type::f32, .f = static_cast<float>(number)};
}
AttributeProto attribute(std::string name, std::string text) {
  return {.name = std::move(name), .type = Type::text, .s = std::move(text)};
}
AttributeProto attribute(std::string name, std::vector<std::int64_t> integers) {
  return {.name = std::move(name), .type = Type::integers, .ints = std::move(integers)};
}
AttributeProto attribute(std::string name, TensorProto tensor) {
  return {.name = std::move(name), .type = Type::tensor, .tensors = {std::move(tensor)}};
}
AttributeProto attribute(std::string name, GraphProto graph) {
  return {.name = std::move(name), .type = Type::graph, .graphs = {std::move(graph)}};
}

GraphWriter::GraphWriter(std::int64_t opset, const Pairs& pairs, const LayerNames& layers)
    : opset_(opset), pairs_(pairs), layers_(layers) {}

std::string GraphWriter::fresh(std::string base) {
  std::string name = base;
  for (int i = 1; !names_.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
  return name;
}

ValueInfoProto GraphWriter::declared(const Tensor& x, const std::string& name) const {
  std::vector<Dimension> shape;
  for (const Size& size : pairs_.sizes(x)) {
    if (!size.of_batch)
      shape.push_back({.size = size.number});
    else
      shape.push_back({.name = size.number == 1 ? "batch" : fmt::format("{}*batch", size.number)});
  }
  return {.name = name, .type = element_type(x.dtype()), .shape = std::move(shape)};
}

void GraphWriter::add_input(const Tensor& x, const std::string& name) {
  const std::string own = fresh(name);
  graph.input.push_back(declared(x, own));
  inputs_.insert(x.get());
  set(x, own);
  if (first_input_.empty()) first_input_ = own;
}

void GraphWriter::find_known(std::span<const Tensor> order) {
  for (const Tensor& x : order) {
    if (inputs_.contains(x.get()) || x.node().op == &input_op || pairs_.depends_on_batch(x)) continue;
    if (written_.contains(x.get())) continue;  // of the graph around this one
    if (std::ranges::all_of(x.node().inputs, [&](const Tensor& input) { return is_known(input); }))
      known_.insert(x.get());
  }
}

std::vector<Tensor> GraphWriter::needed(const std::vector<Tensor>& outputs) {
  // Operands of functions need not be among what their graphs read.
  const std::vector<Tensor> order = walk(outputs, [](const Tensor& x) {
    std::vector<Tensor> edges = x.node().inputs;
    if (const Origin* origin = x.node().origin.get())
      edges.insert(edges.end(), origin->inputs.begin(), origin->inputs.end());
    return edges;
  });
  find_known(order);
  std::vector<Tensor> needed;
  for (const Tensor& output : outputs) ++readers_[output.get()];
  for (const Tensor& x : order | std::views::reverse) {
    if (readers_[x.get()] == 0 || is_known(x) || written_.contains(x.get())) continue;
    for (const Tensor& source : sources(*this, x)) ++readers_[source.get()];
    needed.push_back(x);
  }
  std::ranges::reverse(needed);
  return needed;
}

void GraphWriter::write(const std::vector<Tensor>& outputs, const std::vector<std::string>& names) {
  std::map<std::string, std::vector<std::string>> refused;
  for (const Tensor& x : needed(outputs)) {
    const auto layer = layers_.find(x.get());
    layer_ = layer == layers_.end() ? "" : layer->second;
    if (!write_function(*this, x) && !write_operation(*this, x)) {
      refused[std::string(x.node().op->name)].push_back(layer_.empty() ? describe(x)
                                                                       : "layer '" + layer_ + "'");
      set(x, fresh("refused"));
    }
  }
  if (!refused.empty()) {
    std::vector<std::string> lines;
    for (const auto& [op, places] : refused)
      lines.push_back(fmt::format("{} ({})", op, fmt::join(places, ", ")));
    throw Error(
        fmt::format("ONNX of opset {} has no counterpart of: {}. An operation of your own may name one, see "
                    "Op::onnx.",
                    opset_, fmt::join(lines, "; ")));
  }
  layer_.clear();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string made = plain(outputs[i]);
    const std::string name = fresh(names[i]);
    const NodeProto* node = maker(made);
    const bool is_taken = std::ranges::find(graph.output, made, &ValueInfoProto::name) != graph.output.end();
    if (node == nullptr || is_taken)
      graph.node.push_back({.name = name, .op_type = "Identity", .input = {made}, .output = {name}});
    else
      rename(made, name);
    graph.output.push_back(declared(outputs[i], name));
  }
  drop_unread_initializers();
}

void GraphWriter::drop_unread_initializers() {
  std::set<std::string> read;
  for (const NodeProto& node : graph.node) {
    for (const std::string& name : names_read(node)) read.insert(name);
  }
  std::erase_if(graph.initializer, [&](const TensorProto& tensor) { return !read.contains(tensor.name); });
}

void GraphWriter::rename(const std::string& from, const std::string& to) {
  for (NodeProto& node : graph.node) {
    std::ranges::replace(node.input, from, to);
    std::ranges::replace(node.output, from, to);
    // Bodies of loops read names of the graph around them.
    for (AttributeProto& attribute : node.attribute) {
      for (GraphProto& body : attribute.graphs) {
        for (NodeProto& inside : body.node) std::ranges::replace(inside.input, from, to);
      }
    }
  }
  for (auto& [node, written] : written_) {
    if (written.name == from) written.name = to;
  }
  std::erase_if(graph.value_info, [&](const ValueInfoProto& value) { return value.name == from; });
}

const std::vector<int>& GraphWriter::order_of(const Tensor& x) {
  static const std::vector<int> own;
  const auto found = written_.find(x.get());
  return found == written_.end() ? own : found->second.order;
}

bool GraphWriter::is_read_once(const Tensor& x) const {
  const auto found = readers_.find(x.get());
  return found != readers_.end() && found->second == 1;
}

NodeProto* GraphWriter::maker(const std::string& name) {
  for (NodeProto& node : graph.node | std::views::reverse) {
    if (std::ranges::find(node.output, name) != node.output.end()) return &node;
  }
  return nullptr;
}

void GraphWriter::set(const Tensor& x, std::string name, std::vector<int> order) {
  bool in_order = true;
  for (std::size_t i = 0; i < order.size(); ++i) in_order = in_order && order[i] == static_cast<int>(i);
  if (in_order) order.clear();
  if (order.empty() && !inputs_.contains(x.get()) && declared_.insert(name).second)
    graph.value_info.push_back(declared(x, name));
  kept_.push_back(x);
  written_[x.get()] = {std::move(name), std::move(order)};
}

std::string GraphWriter::plain(const Tensor& x) {
  std::vector<int> own(static_cast<std::size_t>(x.rank()));
  std::iota(own.begin(), own.end(), 0);
  return in_order(x, own);
}

std::string GraphWriter::in_order(const Tensor& x, const std::vector<int>& order) {
  std::vector<int> own(static_cast<std::size_t>(x.rank()));
  std::iota(own.begin(), own.end(), 0);
  if (is_known(x)) {
    if (order == own) return initializer(x);
    std::string& name = reordered_[{x.get(), order}];
    if (name.empty()) name = initializer(permute(x, order));
    return name;
  }
  if (!written_.contains(x.get())) {
    // What is broadcast is written as far as somebody needs it whole.
    const Tensor y = unbroadcast(x);
    set(x, y.shape() == x.shape() ? plain(y) : add("Expand", {plain(y), shape(x)}));
  }
  const Written& written = written_.at(x.get());
  const std::vector<int>& stored = written.order.empty() ? own : written.order;
  if (stored == order) return written.name;
  std::string& name = reordered_[{x.get(), order}];
  if (!name.empty()) return name;
  std::vector<std::int64_t> places;
  for (const int axis : order) places.push_back(std::ranges::find(stored, axis) - stored.begin());
  std::string made = add("Transpose", {written.name}, {attribute("perm", std::move(places))});
  return reordered_[{x.get(), order}] = std::move(made);
}

Tensor GraphWriter::unbroadcast(const Tensor& x) {
  const Node& node = x.node();
  if (node.op == &broadcast_op) return unbroadcast(node.inputs[0]);
  const auto known = [&](const Tensor& made) {
    kept_.push_back(made);
    known_.insert(made.get());
    return made;
  };
  if (node.op->kind == Kind::constant && x.rank() > 0)
    return known(constant(pairs_.fixed_number(x), {}, x.dtype()));
  if (node.op->kind == Kind::iota && x.rank() > 1) {
    const int axis = iota_axis(node);
    if (pairs_.sizes(x)[static_cast<std::size_t>(axis)].of_batch) return x;
    Shape shape{x.size(axis)};
    for (int after = axis + 1; after < x.rank(); ++after) shape.push_back(1);
    return known(iota(shape, 0, x.dtype()));
  }
  return x;
}

std::string GraphWriter::add(std::string_view op_type, std::vector<std::string> inputs,
                             std::vector<AttributeProto> attributes, std::size_t outputs) {
  NodeProto node;
  node.name = fresh(layer_.empty() ? std::string(op_type) : fmt::format("{}/{}", layer_, op_type));
  const std::size_t colon = op_type.find(':');
  node.op_type = op_type.substr(colon == std::string_view::npos ? 0 : colon + 1);
  if (colon != std::string_view::npos) node.domain = op_type.substr(0, colon);
  node.input = std::move(inputs);
  node.attribute = std::move(attributes);
  for (std::size_t i = 0; i < outputs; ++i)
    node.output.push_back(i == 0 ? node.name : fresh(fmt::format("{}:{}", node.name, i)));
  graph.node.push_back(std::move(node));
  return graph.node.back().output[0];
}

std::string GraphWriter::integers(const std::vector<std::int64_t>& values) {
  std::string& name = integer_lists_[values];
  if (name.empty()) {
    name = fresh(fmt::format("integers_{}", fmt::join(values, "_")));
    graph.initializer.push_back({.name = name,
                                 .type = ElementType::i64,
                                 .shape = Shape{static_cast<std::int64_t>(values.size())},
                                 .integers = values});
  }
  return name;
}

std::string GraphWriter::scalar(double number, DType dtype) {
  std::string& name = scalars_[{number, dtype}];
  if (name.empty()) {
    const Tensor x = constant(number, {}, dtype);
    kept_.push_back(x);
    known_.insert(x.get());
    name = initializer(x);
  }
  return name;
}

std::string GraphWriter::initializer(const Tensor& x, const std::string& label) {
  const auto found = initializers_.find(x.get());
  if (found != initializers_.end()) return found->second;
  const Node* variable = shown_variable(x);
  std::string base = variable != nullptr ? variable->label : label;
  if (base.empty()) base = "constant";
  const std::string name = fresh(base);
  graph.initializer.push_back(
      {.name = name, .type = element_type(x.dtype()), .shape = x.shape(), .tensor = x.detach()});
  kept_.push_back(x);
  return initializers_[x.get()] = name;
}

std::string GraphWriter::known(const std::string& purpose, const Tensor& x,
                               const std::function<Tensor()>& make) {
  std::string& name = made_[{x.get(), purpose}];
  if (name.empty()) {
    const Node* variable = shown_variable(x);
    name = initializer(make(), variable != nullptr ? variable->label : "");
  }
  return name;
}

std::string GraphWriter::known_now(const Tensor& x) {
  known_.insert(x.get());
  return initializer(x);
}

const std::vector<std::string>* GraphWriter::noted(const Key& key) const {
  const auto found = noted_.find(key);
  return found == noted_.end() ? nullptr : &found->second;
}

void GraphWriter::note(const Key& key) { noted_[key] = graph.node.back().output; }

std::string GraphWriter::batch() {
  if (batch_.empty())
    batch_ =
        add("Gather", {add("Shape", {first_input_}), integers({0})}, {attribute("axis", std::int64_t{0})});
  return batch_;
}

std::string GraphWriter::shape(const Tensor& x) {
  const std::vector<Size> sizes = pairs_.sizes(x);
  std::vector<std::string> parts;
  std::vector<std::int64_t> fixed;
  const auto end_fixed = [&] {
    if (!fixed.empty()) parts.push_back(integers(fixed));
    fixed.clear();
  };
  for (const Size& size : sizes) {
    if (!size.of_batch) {
      fixed.push_back(size.number);
      continue;
    }
    end_fixed();
    parts.push_back(size.number == 1 ? batch() : add("Mul", {batch(), integers({size.number})}));
  }
  if (parts.empty()) return integers(fixed);
  end_fixed();
  return parts.size() == 1 ? parts[0] : add("Concat", parts, {attribute("axis", std::int64_t{0})});
}

GraphWriter GraphWriter::inner() {
  if (!pairs_.is_fixed()) batch();
  GraphWriter body = *this;
  body.graph = {};
  // Initializers of the graph around are visible inside; readers are counted anew.
  body.readers_.clear();
  return body;
}

}  // namespace hekla::onnx
