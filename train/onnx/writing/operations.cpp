// Operations by their descriptors.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "graph/origin.h"
#include "ops/bitwise.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/error_function.h"
#include "ops/exponential.h"
#include "ops/gather.h"
#include "ops/identity.h"
#include "ops/logarithm.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/trigonometry.h"
#include "ops/view.h"
#include "train/onnx/writing/graph_writer.h"
#include "train/onnx/writing/views.h"

namespace hekla::onnx {

namespace {

using Names = std::vector<std::string>;

// The order in which the operands of x lie already.
std::vector<int> common_order(GraphWriter& writer, const Tensor& x) {
  for (const Tensor& input : x.node().inputs) {
    if (!writer.is_known(input) && input.shape() == x.shape() && !writer.order_of(input).empty())
      return writer.order_of(input);
  }
  return {};
}

// What is known, in that order; axes of size 1 in front are left out.
std::string known_in_order(GraphWriter& writer, const Tensor& x, const std::vector<int>& order) {
  Shape full;
  for (int axis = x.rank(); axis < static_cast<int>(order.size()); ++axis) full.push_back(1);
  for (const std::int64_t size : x.shape()) full.push_back(size);
  const Shape stored = permute(reshape(x, full), order).shape();
  int first = 0;
  while (first < stored.rank() && stored[first] == 1) ++first;
  const Shape trimmed(std::vector<std::int64_t>(stored.begin() + first, stored.end()));
  return writer.known(fmt::format("{}", fmt::join(order, ",")), x,
                      [&] { return reshape(permute(reshape(x, full), order), trimmed); });
}

// Operands of an elementwise operation. What ONNX broadcasts by itself is not repeated.
Names operands(GraphWriter& writer, const Tensor& x, const std::vector<int>& order) {
  Names names;
  Shape covered;
  for (const Tensor& input : x.node().inputs) {
    const Tensor y = writer.unbroadcast(input);
    covered = broadcast_shapes(covered, y.shape(), "onnx::save");
    if (order.empty())
      names.push_back(writer.plain(y));
    else if (writer.is_known(y))
      names.push_back(known_in_order(writer, y, order));
    else
      names.push_back(writer.in_order(input, order));
  }
  // All operands are repeated: one of them must show the shape.
  if (!(covered == x.shape()) && order.empty()) names[0] = writer.plain(x.node().inputs[0]);
  return names;
}

// The channels of a bias, where b is one for channels last.
Tensor bias_of(GraphWriter& writer, const Tensor& b, std::int64_t channels) {
  const Tensor y = writer.unbroadcast(b);
  if (!writer.is_known(y) || y.count() != channels || y.rank() == 0 || y.size(-1) != channels) return {};
  return y;
}

// Conv and Gemm take a bias themselves.
bool add_bias(GraphWriter& writer, const Tensor& x) {
  for (int i = 0; i < 2; ++i) {
    const Tensor& product = x.node().inputs[static_cast<std::size_t>(i)];
    const Tensor& added = x.node().inputs[static_cast<std::size_t>(1 - i)];
    if (x.rank() == 0 || writer.is_known(product) || !writer.is_read_once(product) ||
        !(product.shape() == x.shape()))
      continue;
    const Tensor bias = bias_of(writer, added, x.size(-1));
    if (!bias.defined()) continue;
    const std::vector<int> order = writer.order_of(product);
    const bool channels_second = order.size() > 2 && order[1] == x.rank() - 1;
    const std::string name = channels_second ? writer.in_order(product, order) : writer.plain(product);
    NodeProto* maker = writer.maker(name);
    if (maker == nullptr || maker->input.size() != 2) continue;
    const bool is_conv = (maker->op_type == "Conv" || maker->op_type == "ConvTranspose") && channels_second;
    if (!is_conv && !(maker->op_type == "MatMul" && x.rank() == 2 && order.empty())) continue;
    const std::string vector = writer.known("bias", bias, [&] { return reshape(bias, {x.size(-1)}); });
    maker = writer.maker(name);
    if (!is_conv) maker->op_type = "Gemm";
    maker->input.push_back(vector);
    writer.set(x, name, order);
    return true;
  }
  return false;
}

// Elementwise operations that are several of ONNX's.
bool write_composed(GraphWriter& writer, const Tensor& x, const Names& n, const std::vector<int>& order) {
  const Op* op = x.node().op;
  const auto is = [&](std::initializer_list<const Op*> ops) {
    return std::ranges::find(ops, op) != ops.end();
  };
  const auto number = [&](double value) { return writer.scalar(value, DType::f32); };
  std::string y;
  if (is({&expm1_op}))
    y = writer.add("Sub", {writer.add("Exp", n), number(1)});
  else if (is({&log1p_op}))
    y = writer.add("Log", {writer.add("Add", {n[0], number(1)})});
  else if (is({&log2_op, &log10_op}))
    y = writer.add(
        "Mul", {writer.add("Log", n), number(op == &log2_op ? std::numbers::log2e : std::numbers::log10e)});
  else if (is({&exp2_op}))
    y = writer.add("Pow", {number(2), n[0]});
  else if (is({&erfc_op}))
    y = writer.add("Sub", {number(1), writer.add("Erf", n)});
  else if (is({&hypot_op}))
    y = writer.add("Sqrt",
                   {writer.add("Add", {writer.add("Mul", {n[0], n[0]}), writer.add("Mul", {n[1], n[1]})})});
  else if (is({&modulo_op}))
    y = writer.add("Sub", {n[0], writer.add("Mul", {writer.add("Floor", {writer.add("Div", n)}), n[1]})});
  else if (is({&floor_divide_op}))
    y = writer.add("Floor", {writer.add("Div", n)});
  else if (is({&fmod_op, &fmod_integers_op}))
    y = writer.add("Mod", n, {attribute("fmod", std::int64_t{1})});
  else if (is({&cast_op, &to_f32_op, &to_i32_op, &to_u32_op, &to_u8_op, &narrow_op, &to_f16_op, &to_bf16_op}))
    y = writer.add("Cast", n, {attribute("to", static_cast<std::int64_t>(element_type(x.dtype())))});
  else
    return false;
  writer.set(x, y, order);
  return true;
}

bool passes_on(const Op* op) { return op == &identity_op || op == &stop_gradient_op || op == &tie_in_op; }

bool write_elementwise(GraphWriter& writer, const Tensor& x) {
  const Op* op = x.node().op;
  if (op == &add_op && add_bias(writer, x)) return true;
  const std::vector<int> order = common_order(writer, x);
  if (passes_on(op)) {
    writer.set(x,
               order.empty() ? writer.plain(x.node().inputs[0]) : writer.in_order(x.node().inputs[0], order),
               order);
    return true;
  }
  // Bits are ONNX's since opset 18.
  const bool is_of_bits = op == &bitwise_and_op || op == &bitwise_or_op || op == &bitwise_xor_op;
  if (is_of_bits && writer.opset() < 18) return false;
  const Names names = operands(writer, x, order);
  if (op->onnx.empty()) return write_composed(writer, x, names, order);
  writer.set(x, writer.add(op->onnx, names), order);
  return true;
}

std::string as_type(GraphWriter& writer, const std::string& name, ElementType type) {
  return writer.add("Cast", {name}, {attribute("to", static_cast<std::int64_t>(type))});
}

bool write_reduction(GraphWriter& writer, const Tensor& x) {
  const Op* op = x.node().op;
  if (op != &sum_op && op != &max_op) return false;
  const Tensor& input = x.node().inputs[0];
  const std::vector<int> order = writer.is_known(input) ? std::vector<int>() : writer.order_of(input);
  std::vector<std::int64_t> axes;
  for (const std::int64_t axis : reduced_axes(x.node()))
    axes.push_back(order.empty() ? axis : std::ranges::find(order, static_cast<int>(axis)) - order.begin());
  std::ranges::sort(axes);
  std::string y = order.empty() ? writer.plain(input) : writer.in_order(input, order);
  // Runtimes reduce no unsigned integers.
  const bool is_unsigned = x.dtype() == DType::u32;
  if (is_unsigned) y = as_type(writer, y, ElementType::i64);
  const std::string op_type = op == &sum_op ? "ReduceSum" : "ReduceMax";
  y = op == &sum_op || writer.opset() >= 18 ? writer.add(op_type, {y, writer.integers(axes)})
                                            : writer.add(op_type, {y}, {attribute("axes", axes)});
  if (is_unsigned) y = as_type(writer, y, ElementType::u32);
  writer.set(x, y, order);
  return true;
}

std::string as_i32(GraphWriter& writer, const Tensor& indices) {
  const std::string name = writer.plain(indices);
  if (indices.dtype() == DType::i32) return name;
  return as_type(writer, name, ElementType::i32);
}

bool write_gather(GraphWriter& writer, const Tensor& x) {
  const Op* op = x.node().op;
  const auto axis = static_cast<std::int64_t>(gather_axis(x.node()));
  if (op != &gather_op && op != &take_along_axis_op) return false;
  const std::string table = writer.plain(x.node().inputs[0]);
  writer.set(x, writer.add(op == &gather_op ? "Gather" : "GatherElements",
                           {table, as_i32(writer, x.node().inputs[1])}, {attribute("axis", axis)}));
  return true;
}

}  // namespace

std::string as_f32(GraphWriter& writer, const Tensor& factor) {
  const std::string name = writer.plain(factor);
  if (factor.dtype() == DType::f32) return name;
  return as_type(writer, name, ElementType::f32);
}

bool write_operation(GraphWriter& writer, const Tensor& x) {
  switch (x.node().op->kind) {
    case Kind::elementwise: return write_elementwise(writer, x);
    case Kind::reduce: return write_reduction(writer, x);
    case Kind::view: return write_view(writer, x);
    case Kind::matmul:
      writer.set(
          x, writer.add("MatMul", {as_f32(writer, x.node().inputs[0]), as_f32(writer, x.node().inputs[1])}));
      return true;
    case Kind::gather: return write_gather(writer, x);
    case Kind::constant: return true;  // written by whoever reads it
    case Kind::iota: return write_positions(writer, x);
    case Kind::loop: return write_loop(writer, x);
    case Kind::storage:
    case Kind::variable:
    case Kind::custom: return false;
  }
  return false;
}

}  // namespace hekla::onnx
