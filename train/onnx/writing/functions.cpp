// Functions that ONNX has as one operation, by the origin that their results carry. Images are channels last here and
// channels second there.
#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "graph/origin.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/view.h"
#include "train/onnx/writing/graph_writer.h"

namespace hekla::onnx {

namespace {

using Integers = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

struct WrittenFunction {
  void (*write)(GraphWriter& writer, const Tensor& x, const Origin& origin);
  /// Whether ONNX can say it of these operands; null: always.
  bool (*applies)(const GraphWriter& writer, const Tensor& x, const Origin& origin) = nullptr;
};

// [n, spatial.., c] as [n, c, spatial..].
std::vector<int> channels_second(int rank) {
  std::vector<int> order{0, rank - 1};
  for (int axis = 1; axis < rank - 1; ++axis) order.push_back(axis);
  return order;
}

// [taps.., in, out] as [out, in, taps..].
std::vector<int> taps_last(int rank) {
  std::vector<int> order{rank - 1, rank - 2};
  for (int axis = 0; axis < rank - 2; ++axis) order.push_back(axis);
  return order;
}

// Number `k` of the `each` that there are for each axis.
Integers every(const Integers& all, std::size_t each, std::size_t k) {
  Integers picked;
  for (std::size_t at = k; at < all.size(); at += each) picked.push_back(all[at]);
  return picked;
}

Integers joined(Integers a, const Integers& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void write_convolution(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const Tensor& input = origin.inputs[0];
  const Tensor& kernel = origin.inputs[1];
  const int rank = input.rank();
  const Integers& all = origin.attributes.integers;
  const Integers taps(kernel.shape().begin(), kernel.shape().end() - 2);
  const std::string y = writer.add(
      "Conv", {writer.in_order(input, channels_second(rank)), writer.in_order(kernel, taps_last(rank))},
      {attribute("kernel_shape", taps), attribute("strides", every(all, 4, 0)),
       attribute("dilations", every(all, 4, 1)),
       attribute("pads", joined(every(all, 4, 2), every(all, 4, 3))),
       attribute("group", input.size(-1) / kernel.size(-2))});
  writer.set(x, y, channels_second(rank));
}

void write_conv_transpose(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const Tensor& input = origin.inputs[0];
  const Tensor& kernel = origin.inputs[1];
  const int rank = input.rank();
  const Integers& all = origin.attributes.integers;
  const Integers taps(kernel.shape().begin(), kernel.shape().end() - 2);
  const Integers strides = every(all, 3, 0);
  const Integers dilations = every(all, 3, 1);
  const Integers before = every(all, 3, 2);
  Integers after, added;
  for (int axis = 1; axis < rank - 1; ++axis) {
    const auto at = static_cast<std::size_t>(axis - 1);
    const std::int64_t full = (input.size(axis) - 1) * strides[at] + (taps[at] - 1) * dilations[at] + 1;
    const std::int64_t cut = full - before[at] - x.size(axis);
    after.push_back(std::max<std::int64_t>(cut, 0));
    added.push_back(std::max<std::int64_t>(-cut, 0));
  }
  const std::string y = writer.add(
      "ConvTranspose",
      {writer.in_order(input, channels_second(rank)), writer.in_order(kernel, taps_last(rank))},
      {attribute("kernel_shape", taps), attribute("strides", strides), attribute("dilations", dilations),
       attribute("pads", joined(before, after)), attribute("output_padding", added)});
  writer.set(x, y, channels_second(rank));
}

void write_pool(GraphWriter& writer, const Tensor& x, const Origin& origin, const char* op_type) {
  const Integers& all = origin.attributes.integers;
  const std::string y =
      writer.add(op_type, {writer.in_order(origin.inputs[0], channels_second(x.rank()))},
                 {attribute("kernel_shape", every(all, 4, 0)), attribute("strides", every(all, 4, 1)),
                  attribute("pads", joined(every(all, 4, 2), every(all, 4, 3)))});
  writer.set(x, y, channels_second(x.rank()));
}

void write_max_pool(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_pool(writer, x, origin, "MaxPool");
}
void write_average_pool(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_pool(writer, x, origin, "AveragePool");
}

std::vector<int> own_order(int rank) {
  std::vector<int> order(static_cast<std::size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// The order in which an operand lies, with its own axes spelled out.
std::vector<int> order_of(GraphWriter& writer, const Tensor& x) {
  const std::vector<int>& order = writer.order_of(x);
  return writer.is_known(x) || order.empty() ? own_order(x.rank()) : order;
}

std::int64_t place_of(const std::vector<int>& order, std::int64_t axis) {
  return std::ranges::find(order, static_cast<int>(axis)) - order.begin();
}

// An operation along one axis whose result has the shape of its operand.
void write_along(GraphWriter& writer, const Tensor& x, const Origin& origin, const char* op_type) {
  const std::vector<int> order = order_of(writer, origin.inputs[0]);
  const std::int64_t axis = place_of(order, origin.attributes.integers[0]);
  writer.set(x, writer.add(op_type, {writer.in_order(origin.inputs[0], order)}, {attribute("axis", axis)}),
             order);
}

void write_softmax(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_along(writer, x, origin, "Softmax");
}
void write_log_softmax(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_along(writer, x, origin, "LogSoftmax");
}

void write_activation(GraphWriter& writer, const Tensor& x, const Origin& origin, const char* op_type) {
  const std::vector<int> order = order_of(writer, origin.inputs[0]);
  writer.set(x,
             writer.add(op_type, {writer.in_order(origin.inputs[0], order)},
                        {attribute("alpha", origin.attributes.number)}),
             order);
}

void write_leaky_relu(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_activation(writer, x, origin, "LeakyRelu");
}
void write_elu(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_activation(writer, x, origin, "Elu");
}

std::string or_filled(GraphWriter& writer, const Tensor& vector, const Shape& shape, double number) {
  return vector.defined() ? writer.plain(vector) : writer.known_now(full(shape, number));
}

void write_batch_normalization(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const int axis = static_cast<int>(origin.attributes.integers[0]);
  // The features come second.
  std::vector<int> order{0, axis};
  for (int each = 1; each < x.rank(); ++each) {
    if (each != axis) order.push_back(each);
  }
  const Shape features{x.size(axis)};
  const std::vector<Tensor>& in = origin.inputs;
  const std::string y =
      writer.add("BatchNormalization",
                 {writer.in_order(in[0], order), or_filled(writer, in[3], features, 1),
                  or_filled(writer, in[4], features, 0), writer.plain(in[1]), writer.plain(in[2])},
                 {attribute("epsilon", origin.attributes.number)});
  writer.set(x, y, order);
}

bool normalizes_by_axis_beside_batch(const GraphWriter&, const Tensor& x, const Origin& origin) {
  return x.rank() >= 2 && origin.attributes.integers[0] > 0;
}

void write_layer_normalization(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const std::vector<Tensor>& in = origin.inputs;
  const std::int64_t first = origin.attributes.integers[0];
  const Shape features(std::span<const std::int64_t>(x.shape().begin() + first, x.shape().end()));
  Names inputs{writer.plain(in[0]), or_filled(writer, in[1], features, 1)};
  if (in[2].defined()) inputs.push_back(writer.plain(in[2]));
  writer.set(x, writer.add("LayerNormalization", std::move(inputs),
                           {attribute("axis", first), attribute("epsilon", origin.attributes.number)}));
}

// ONNX normalizes over all axes from one on.
bool normalizes_last_axes(const GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const Integers& axes = origin.attributes.integers;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != x.rank() - static_cast<std::int64_t>(axes.size() - i)) return false;
  }
  return writer.opset() >= 17;
}

void write_mean(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const Tensor& input = origin.inputs[0];
  const Integers& axes = origin.attributes.integers;
  const std::vector<int> order = order_of(writer, input);
  const bool keeps = x.rank() == input.rank();
  Integers places;
  for (const std::int64_t axis : axes) places.push_back(place_of(order, axis));
  std::ranges::sort(places);
  // Of the axes that stay, the numbers count without the others.
  std::vector<int> left;
  for (const int axis : order) {
    if (keeps) {
      left.push_back(axis);
    } else if (std::ranges::find(axes, axis) == axes.end()) {
      left.push_back(axis -
                     static_cast<int>(std::ranges::count_if(axes, [&](auto each) { return each < axis; })));
    }
  }
  const std::string name = writer.in_order(input, order);
  const AttributeProto keepdims = attribute("keepdims", std::int64_t{keeps ? 1 : 0});
  writer.set(x,
             writer.opset() >= 18 ? writer.add("ReduceMean", {name, writer.integers(places)}, {keepdims})
                                  : writer.add("ReduceMean", {name}, {attribute("axes", places), keepdims}),
             left);
}

void write_matmul(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  writer.set(x, writer.add("MatMul", {as_f32(writer, origin.inputs[0]), as_f32(writer, origin.inputs[1])}));
}

void set_as_i32(GraphWriter& writer, const Tensor& x, const std::string& integers) {
  writer.set(x,
             writer.add("Cast", {integers}, {attribute("to", static_cast<std::int64_t>(ElementType::i32))}));
}

void write_argmax(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const Tensor& input = origin.inputs[0];
  set_as_i32(writer, x,
             writer.add("ArgMax", {writer.plain(input)},
                        {attribute("axis", origin.attributes.integers[0]),
                         attribute("keepdims", std::int64_t{x.rank() == input.rank() ? 1 : 0})}));
}

void write_top_k(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  const Integers& all = origin.attributes.integers;
  writer.add("TopK", {writer.plain(origin.inputs[0]), writer.integers({all[0]})},
             {attribute("axis", all[1]), attribute("largest", all[2]), attribute("sorted", std::int64_t{1})},
             2);
  set_as_i32(writer, x, writer.output(1));
}

// Recurrent layers
// ------------------------------------------------------------------------

bool is_zero(const Tensor& x) {
  const Node* node = x.get();
  while (node->op == &broadcast_op) node = node->inputs[0].get();
  return node->op->kind == Kind::constant && constant_value(*node) == 0;
}

// [features, gates * units] as [1, gates * units, features], the gates in ONNX's order.
Tensor gates_first(const Tensor& kernel, const std::vector<std::size_t>& order) {
  const std::vector<Tensor> gates = split(kernel, static_cast<std::int64_t>(order.size()), -1);
  std::vector<Tensor> reordered;
  for (const std::size_t gate : order) reordered.push_back(gates[gate]);
  return expand_dims(transpose(concat(reordered, -1)), 0);
}

// ONNX adds two biases, [1, 2 * gates * units]. hekla's GRU has two as well, [2, gates * units].
Tensor both_biases(const Tensor& bias, const std::vector<std::size_t>& order) {
  const Tensor two = bias.rank() == 2 ? bias : stack({bias, zeros(bias.shape())});
  const std::vector<Tensor> gates = split(two, static_cast<std::int64_t>(order.size()), -1);
  std::vector<Tensor> reordered;
  for (const std::size_t gate : order) reordered.push_back(gates[gate]);
  return reshape(concat(reordered, -1), {1, -1});
}

void write_recurrence(GraphWriter& writer, const Tensor& x, const Origin& origin, const char* op_type,
                      const std::vector<std::size_t>& order, std::vector<AttributeProto> attributes) {
  const std::vector<Tensor>& in = origin.inputs;  // x, kernel, recurrent kernel, bias, states
  const bool backwards = origin.attributes.integers[0] != 0;
  const GraphWriter::Key key{in[0].get(), in[1].get(), in[2].get(), in[4].get(),
                             backwards ? in[0].get() : nullptr};
  if (writer.noted(key) == nullptr) {
    Names inputs{
        writer.in_order(in[0], {1, 0, 2}),
        writer.known(op_type, in[1], [&] { return gates_first(in[1], order); }),
        writer.known(op_type, in[2], [&] { return gates_first(in[2], order); }),
        in[3].defined() ? writer.known(op_type, in[3], [&] { return both_biases(in[3], order); }) : "", ""};
    for (std::size_t state = 4; state < in.size(); ++state)
      inputs.push_back(
          is_zero(in[state]) ? "" : writer.add("Unsqueeze", {writer.plain(in[state]), writer.integers({0})}));
    while (inputs.back().empty()) inputs.pop_back();
    attributes.push_back(attribute("hidden_size", in[2].size(0)));
    if (backwards) attributes.push_back(attribute("direction", std::string("reverse")));
    writer.add(op_type, std::move(inputs), std::move(attributes), in.size() - 3);
    writer.note(key);
  }
  const std::string y = (*writer.noted(key))[origin.result];
  const std::string squeezed = writer.add("Squeeze", {y, writer.integers({origin.result == 0 ? 1 : 0})});
  if (origin.result > 0) return writer.set(x, squeezed);
  // hekla has the times in the order in which they are computed.
  const std::string sequence =
      backwards ? writer.add("Slice", {squeezed, writer.integers({-1}), writer.integers({-most_positions}),
                                       writer.integers({0}), writer.integers({-1})})
                : squeezed;
  writer.set(x, sequence, {1, 0, 2});
}

// hekla has the gates of an LSTM as i, f, c, o.
void write_lstm(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_recurrence(writer, x, origin, "LSTM", {0, 3, 1, 2}, {});
}
void write_gru(GraphWriter& writer, const Tensor& x, const Origin& origin) {
  write_recurrence(writer, x, origin, "GRU", {0, 1, 2},
                   {attribute("linear_before_reset", origin.attributes.integers[1])});
}

bool has_known_weights(const GraphWriter& writer, const Tensor&, const Origin& origin) {
  for (std::size_t i = 1; i <= 3; ++i) {
    if (origin.inputs[i].defined() && !writer.is_known(origin.inputs[i])) return false;
  }
  return true;
}

const std::map<std::string_view, WrittenFunction>& functions() {
  static const std::map<std::string_view, WrittenFunction> table = {
      {"argmax", {write_argmax}},
      {"average_pool", {write_average_pool}},
      {"batch_normalization", {write_batch_normalization, normalizes_by_axis_beside_batch}},
      {"conv_transpose", {write_conv_transpose}},
      {"convolution", {write_convolution}},
      {"elu", {write_elu}},
      {"gru", {write_gru, has_known_weights}},
      {"layer_normalization", {write_layer_normalization, normalizes_last_axes}},
      {"leaky_relu", {write_leaky_relu}},
      {"log_softmax", {write_log_softmax}},
      {"lstm", {write_lstm, has_known_weights}},
      {"matmul", {write_matmul}},
      {"max_pool", {write_max_pool}},
      {"mean", {write_mean}},
      {"softmax", {write_softmax}},
      {"top_k", {write_top_k}},
  };
  return table;
}

}  // namespace

bool has_function(const GraphWriter& writer, const Tensor& x) {
  const Origin* origin = x.node().origin.get();
  if (origin == nullptr) return false;
  const auto found = functions().find(origin->function);
  if (found == functions().end()) return false;
  return found->second.applies == nullptr || found->second.applies(writer, x, *origin);
}

bool write_function(GraphWriter& writer, const Tensor& x) {
  if (!has_function(writer, x)) return false;
  const Origin& origin = *x.node().origin;
  functions().at(origin.function).write(writer, x, origin);
  return true;
}

std::vector<Tensor> sources(const GraphWriter& writer, const Tensor& x) {
  if (!has_function(writer, x)) return x.node().inputs;
  std::vector<Tensor> inputs = x.node().origin->inputs;
  std::erase_if(inputs, [](const Tensor& input) { return !input.defined(); });
  return inputs;
}

}  // namespace hekla::onnx
