// Evaluates programs that fuzz.py made, on the device that HEKLA_DEVICE names. It reads a JSON object per
// line (see fuzz.py) and writes one per line: the bits of every result in double precision, or the error.
//   hekla_fuzz_runner < programs > results
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hekla.h"

namespace hekla {

namespace {

using nlohmann::json;
using Inputs = std::vector<Tensor>;
using Maker = std::function<Tensor(const Inputs& in, const json& node)>;

// Programs that share a plan: it has fewer and larger kernels, so fewer shaders are compiled.
constexpr std::size_t batch = 8;

DType dtype_of(const json& node) {
  static const std::map<std::string, DType> all{
      {"f32", f32}, {"i32", i32}, {"u32", u32}, {"u8", u8}, {"bool", boolean}};
  return all.at(node.at("dtype"));
}

std::vector<std::int64_t> sizes_of(const json& node, const char* name) {
  return node.at(name).get<std::vector<std::int64_t>>();
}

std::vector<int> axes_of(const json& node) { return node.at("axes").get<std::vector<int>>(); }

KeepDims keep_of(const json& node) { return node.at("keep").get<bool>() ? KeepDims::yes : KeepDims::no; }

double number_of(const json& node, const char* name) {
  return std::bit_cast<float>(node.at(name).get<std::uint32_t>());
}

// Elements by their 32 bits; bytes and booleans by their value.
Tensor leaf(const json& node) {
  const auto bits = node.at("bits").get<std::vector<std::uint32_t>>();
  const Shape shape(sizes_of(node, "shape"));
  switch (dtype_of(node)) {
    case DType::f32: {
      std::vector<float> elements;
      for (const std::uint32_t each : bits) elements.push_back(std::bit_cast<float>(each));
      return variable(tensor(elements, shape));
    }
    case DType::i32: {
      std::vector<std::int32_t> elements;
      for (const std::uint32_t each : bits) elements.push_back(std::bit_cast<std::int32_t>(each));
      return variable(tensor(elements, shape));
    }
    case DType::u32:
      return variable(tensor(bits, shape));
    default:
      return cast(variable(tensor(bits, shape)), dtype_of(node));
  }
}

// A constant in every element, which the compiler folds.
Tensor filled(const json& node) {
  const std::uint32_t bits = node.at("bits").at(0);
  const double number = dtype_of(node) == f32   ? static_cast<double>(std::bit_cast<float>(bits))
                        : dtype_of(node) == i32 ? std::bit_cast<std::int32_t>(bits)
                                                : bits;
  return full(Shape(sizes_of(node, "shape")), number, dtype_of(node));
}

Tensor sliced(const Tensor& x, const json& node) {
  std::vector<Range> ranges;
  for (const json& range : node.at("ranges")) {
    const auto limit = [&](int i) {
      return range[i].is_null() ? Range::whole : range[i].get<std::int64_t>();
    };
    ranges.push_back({limit(0), limit(1), range[2].get<std::int64_t>()});
  }
  return slice(x, ranges);
}

Tensor padded(const Tensor& x, const json& node) {
  std::vector<Padding> paddings;
  for (const json& each : node.at("paddings")) paddings.push_back({.low = each[0], .high = each[1]});
  return pad(x, paddings, number_of(node, "value"));
}

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);
using Reduction = Tensor (*)(const Tensor&, const Axes&, KeepDims);
using AlongAxis = Tensor (*)(const Tensor&, int);

const std::map<std::string, Unary>& unary() {
  static const std::map<std::string, Unary> all{
      {"negate", negate},
      {"abs", abs},
      {"sign", sign},
      {"exp", exp},
      {"expm1", expm1},
      {"log", log},
      {"log1p", log1p},
      {"sqrt", sqrt},
      {"rsqrt", rsqrt},
      {"square", square},
      {"sin", sin},
      {"cos", cos},
      {"tan", tan},
      {"asin", asin},
      {"acos", acos},
      {"atan", atan},
      {"sinh", sinh},
      {"cosh", cosh},
      {"tanh", tanh},
      {"sigmoid", sigmoid},
      {"softplus", softplus},
      {"erf", erf},
      {"floor", floor},
      {"ceil", ceil},
      {"round", round},
      {"relu", relu},
      {"relu6", relu6},
      {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); }},
      {"elu", [](const Tensor& x) { return elu(x); }},
      {"gelu", [](const Tensor& x) { return gelu(x); }},
      {"silu", silu},
      {"softsign", softsign},
      {"hard_sigmoid", hard_sigmoid},
      {"log_sigmoid", log_sigmoid},
      {"log2", log2},
      {"log10", log10},
      {"exp2", exp2},
      {"asinh", asinh},
      {"acosh", acosh},
      {"atanh", atanh},
      {"erfc", erfc},
      {"trunc", trunc},
      {"frac", frac},
      {"reciprocal", reciprocal},
      {"nan_to_num", [](const Tensor& x) { return nan_to_num(x); }},
      {"logical_not", logical_not},
      {"flip", [](const Tensor& x) { return flip(x); }},
      {"flatten", flatten},
  };
  return all;
}

const std::map<std::string, Binary>& binary() {
  static const std::map<std::string, Binary> all{
      {"add", add},
      {"subtract", subtract},
      {"multiply", multiply},
      {"divide", divide},
      {"modulo", modulo},
      {"floor_divide", floor_divide},
      {"pow", pow},
      {"maximum", maximum},
      {"minimum", minimum},
      {"fmod", fmod},
      {"atan2", atan2},
      {"hypot", hypot},
      {"bitwise_and", bitwise_and},
      {"bitwise_or", bitwise_or},
      {"bitwise_xor", bitwise_xor},
      {"left_shift", left_shift},
      {"right_shift", right_shift},
      {"less", less},
      {"less_equal", less_equal},
      {"greater", greater},
      {"greater_equal", greater_equal},
      {"equal", equal},
      {"not_equal", not_equal},
      {"logical_and", logical_and},
      {"logical_or", logical_or},
      {"logical_xor", logical_xor},
      {"matmul", [](const Tensor& a, const Tensor& b) { return matmul(a, b); }},
  };
  return all;
}

const std::map<std::string, Reduction>& reductions() {
  static const std::map<std::string, Reduction> all{
      {"sum", sum},
      {"mean", mean},
      {"max", max},
      {"min", min},
      {"prod", prod},
      {"any", any},
      {"all", hekla::all},
      {"variance", [](const Tensor& x, const auto& axes, KeepDims keep) { return variance(x, axes, keep); }},
      {"std", [](const Tensor& x, const auto& axes, KeepDims keep) { return hekla::std(x, axes, keep); }},
      {"logsumexp", logsumexp},
      {"norm", [](const Tensor& x, const auto& axes, KeepDims keep) { return norm(x, 2, axes, keep); }},
      {"norm_inf",
       [](const Tensor& x, const auto& axes, KeepDims keep) { return norm(x, INFINITY, axes, keep); }},
  };
  return all;
}

const std::map<std::string, AlongAxis>& along_axis() {
  static const std::map<std::string, AlongAxis> all{
      {"softmax", softmax},
      {"log_softmax", log_softmax},
      {"cumsum", cumsum},
      {"logcumsumexp", logcumsumexp},
      {"cummax", [](const Tensor& x, int axis) { return cummax(x, axis).values; }},
      {"cummin", [](const Tensor& x, int axis) { return cummin(x, axis).values; }},
      {"argcummax", [](const Tensor& x, int axis) { return cummax(x, axis).indices; }},
      {"argmax", [](const Tensor& x, int axis) { return argmax(x, axis); }},
      {"argmin", [](const Tensor& x, int axis) { return argmin(x, axis); }},
      {"sort", [](const Tensor& x, int axis) { return sort(x, axis); }},
      {"argsort", [](const Tensor& x, int axis) { return argsort(x, axis); }},
      {"sort_descending", [](const Tensor& x, int axis) { return sort(x, axis, Order::descending); }},
  };
  return all;
}

const std::map<std::string, Maker>& others() {
  static const std::map<std::string, Maker> all{
      {"leaf", [](const Inputs&, const json& node) { return leaf(node); }},
      {"filled", [](const Inputs&, const json& node) { return filled(node); }},
      {"where", [](const Inputs& in, const json&) { return where(in[0], in[1], in[2]); }},
      {"cast", [](const Inputs& in, const json& node) { return cast(in[0], dtype_of(node)); }},
      {"clip", [](const Inputs& in,
                  const json& node) { return clip(in[0], number_of(node, "low"), number_of(node, "high")); }},
      {"reshape",
       [](const Inputs& in, const json& node) { return reshape(in[0], Shape(sizes_of(node, "shape"))); }},
      {"broadcast_to", [](const Inputs& in,
                          const json& node) { return broadcast_to(in[0], Shape(sizes_of(node, "shape"))); }},
      {"permute", [](const Inputs& in, const json& node) { return permute(in[0], axes_of(node)); }},
      {"slice", [](const Inputs& in, const json& node) { return sliced(in[0], node); }},
      {"pad", [](const Inputs& in, const json& node) { return padded(in[0], node); }},
      {"roll",
       [](const Inputs& in, const json& node) {
         return roll(in[0], node.at("shift").get<std::int64_t>(), node.at("axis").get<int>());
       }},
      {"concat", [](const Inputs& in, const json& node) { return concat(in, node.at("axis").get<int>()); }},
      {"take", [](const Inputs& in, const json& node) { return take(in[0], in[1], node.at("axis")); }},
  };
  return all;
}

Tensor make(const json& node, const Inputs& in) {
  const std::string op = node.at("op");
  if (const auto found = unary().find(op); found != unary().end()) return found->second(in.at(0));
  if (const auto found = binary().find(op); found != binary().end()) return found->second(in.at(0), in.at(1));
  if (const auto found = reductions().find(op); found != reductions().end())
    return found->second(in.at(0), axes_of(node), keep_of(node));
  if (const auto found = along_axis().find(op); found != along_axis().end())
    return found->second(in.at(0), node.at("axis").get<int>());
  return others().at(op)(in, node);
}

// The outputs of a program: values of nodes, and the gradients of a sum.
struct Program {
  std::vector<Tensor> results;
  std::string error;
};

Program build(const json& program) {
  Program built;
  try {
    std::vector<Tensor> nodes;
    for (const json& node : program.at("nodes")) {
      Inputs in;
      for (const int input : node.at("in")) in.push_back(nodes.at(static_cast<std::size_t>(input)));
      nodes.push_back(make(node, in));
    }
    const auto of = [&](const json& number) { return nodes.at(number.get<std::size_t>()); };
    for (const json& output : program.at("outputs")) built.results.push_back(of(output));
    if (!program.at("gradients").empty()) {
      std::vector<Tensor> leaves;
      for (const json& each : program.at("gradients")) leaves.push_back(of(each));
      for (const Tensor& gradient : grad(sum(built.results.at(0)), leaves)) built.results.push_back(gradient);
    }
  } catch (const Error& error) {
    built.error = error.what();
  }
  return built;
}

json described(const Tensor& tensor) {
  json bits = json::array();
  for (const double each : tensor.to_vector<double>()) bits.push_back(std::bit_cast<std::uint64_t>(each));
  return {{"shape", std::vector<std::int64_t>(tensor.shape().begin(), tensor.shape().end())},
          {"dtype", name(tensor.dtype())},
          {"bits", bits}};
}

void print(Program& program) {
  json line;
  try {
    line["results"] = json::array();
    if (program.error.empty()) {
      for (const Tensor& result : program.results) line["results"].push_back(described(result));
    }
  } catch (const Error& error) {
    program.error = error.what();
  }
  if (!program.error.empty()) line["error"] = program.error;
  std::cout << line.dump() << "\n";
}

void run(const std::vector<json>& programs) {
  std::vector<Program> built;
  Computation together;
  for (const json& program : programs) {
    built.push_back(build(program));
    const Program& last = built.back();
    if (last.error.empty())
      together.outputs.insert(together.outputs.end(), last.results.begin(), last.results.end());
  }
  try {
    evaluate(together);
  } catch (const Error&) {
    // Each program is computed on its own when it is printed, so that the error is attributed to the right
    // one.
  }
  for (Program& program : built) print(program);
}

}  // namespace

}  // namespace hekla

int main() {
  std::vector<nlohmann::json> waiting;
  for (std::string line; std::getline(std::cin, line);) {
    waiting.push_back(nlohmann::json::parse(line));
    if (waiting.size() == hekla::batch) {
      hekla::run(waiting);
      waiting.clear();
    }
  }
  hekla::run(waiting);
}
