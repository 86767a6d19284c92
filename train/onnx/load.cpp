// See load.h.
#include "train/onnx/load.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "graph/error.h"
#include "ops/cast.h"
#include "train/files/source.h"
#include "train/layers/layer.h"
#include "train/onnx/builder.h"
#include "train/onnx/call.h"
#include "train/onnx/check.h"
#include "train/onnx/check_names.h"
#include "train/onnx/element_type.h"
#include "train/onnx/prune.h"
#include "train/onnx/weights.h"

namespace hekla::onnx {

struct Function::State {
  std::string file;
  ModelProto model;
  std::vector<Signature> inputs;
  std::vector<Signature> outputs;
  std::shared_ptr<LayerState> layer;
  std::vector<Weight> weights;
  std::vector<NamedTensor> variables;

  // What stands for the initializers in a call: the variables, or what replaces them.
  std::map<std::string, Tensor> weights_in(const LayerCall& call) const {
    std::map<std::string, Tensor> values;
    for (const Weight& weight : weights) {
      const Tensor value =
          call.weight(weight.name, weight.shape,
                      [&](const Shape&, const RandomKey&) { return cast(weight.initial, DType::f32); },
                      {.trainable = weight.trainable});
      values.emplace(weight.name, cast(value, weight.dtype));
    }
    return values;
  }
};

namespace {

Signature signature(const ValueInfoProto& value) {
  Signature result{.name = value.name};
  if (const auto type = stored_type(value.type)) result.dtype = files::dtype_of(*type);
  result.has_shape = value.shape.has_value();
  if (value.shape) {
    for (const Dimension& dimension : *value.shape) result.shape.push_back(dimension.size);
  }
  return result;
}

std::string to_string(const Signature& signature) {
  if (!signature.has_shape) return std::string(name(signature.dtype));
  std::vector<std::string> sizes;
  for (const std::int64_t size : signature.shape) sizes.push_back(size < 0 ? "?" : std::to_string(size));
  return fmt::format("{}[{}]", name(signature.dtype), fmt::join(sizes, ","));
}

bool fits(const Tensor& x, const Signature& signature) {
  if (x.dtype() != signature.dtype) return false;
  if (!signature.has_shape) return true;
  if (x.rank() != static_cast<int>(signature.shape.size())) return false;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const std::int64_t size = signature.shape[static_cast<std::size_t>(axis)];
    if (size >= 0 && size != x.size(axis)) return false;
  }
  return true;
}

}  // namespace

Tensor Function::operator()(const Tensor& x, const Mode& mode) const {
  if (state_->outputs.size() != 1)
    throw Error(fmt::format("[{}] gives {} outputs; call it with a vector of its inputs.", name(),
                            state_->outputs.size()));
  return (*this)(std::vector<Tensor>{x}, mode)[0];
}

std::vector<Tensor> Function::operator()(const std::vector<Tensor>& inputs, const Mode& mode) const {
  LayerCall call(state_->layer, mode, inputs);
  const std::vector<Signature>& expected = state_->inputs;
  if (inputs.size() != expected.size())
    throw Error(fmt::format("[{}] is given {} inputs; {} has {}.", name(), inputs.size(), state_->file,
                            expected.size()));
  const GraphProto& graph = state_->model.graph;
  const std::vector<const ValueInfoProto*> graph_inputs = required_inputs(graph);
  std::vector<Operand> arguments;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor x = is_literal(inputs[i]) ? cast(inputs[i], expected[i].dtype) : inputs[i];
    if (!fits(x, expected[i]))
      throw Error(fmt::format("[{}] the input '{}' is {}; {} takes {}.", name(), expected[i].name,
                              describe(x), state_->file, to_string(expected[i])));
    arguments.emplace_back(computed(x), graph_inputs[i]->type);
  }
  const std::map<std::string, Tensor> weights = state_->weights_in(call);
  std::vector<Tensor> outputs;
  try {
    const Builder builder(state_->model, weights, call.is_frozen() ? Mode::inference() : mode);
    for (const Operand& output : builder.convert(graph, std::move(arguments))) {
      if (!output.tensor.defined())
        throw Error("an output holds integers of more than 32 bits; hekla computes with i32.");
      const ElementType declared = graph.output[outputs.size()].type;
      outputs.push_back(stored_type(declared) ? cast(output.tensor, dtype_of(declared)) : output.tensor);
    }
  } catch (const Error& error) {
    throw Error(fmt::format("[{}] {}, {}", name(), state_->file, error.what()));
  }
  return call.done(std::move(outputs));
}

const std::string& Function::name() const { return state_->layer->name(); }
const std::vector<Signature>& Function::inputs() const { return state_->inputs; }
const std::vector<Signature>& Function::outputs() const { return state_->outputs; }
const std::vector<NamedTensor>& Function::weights() const { return state_->variables; }

const Tensor& Function::weight(std::string_view name) const {
  if (const Tensor* found = find(state_->variables, name)) return *found;
  std::vector<std::string_view> names;
  for (const NamedTensor& weight : state_->variables) names.push_back(weight.name);
  throw Error(
      fmt::format("[{}] has no weight '{}'; it has: {}.", this->name(), name, fmt::join(names, ", ")));
}

Function load(const std::filesystem::path& path, const LoadOptions& options) {
  auto state = std::make_shared<Function::State>();
  state->file = path.string();
  files::Source source("onnx::load", path);
  state->model = read_model(source, path.parent_path());
  check_names(state->model, source);
  prune(state->model, options.outputs, source);
  untie(state->model.graph);
  check(state->model, source);
  for (const ValueInfoProto* input : required_inputs(state->model.graph))
    state->inputs.push_back(signature(*input));
  for (const ValueInfoProto& output : state->model.graph.output) state->outputs.push_back(signature(output));
  state->layer =
      std::make_shared<LayerState>("ONNX", options.name.empty() ? path.stem().string() : options.name);
  state->weights = take_weights(state->model, options.is_trainable);
  const LayerCall call(state->layer, Mode::inference(), {});
  state->weights_in(call);
  // LayerState lists trained weights first.
  const std::vector<Tensor> variables = state->layer->weights();
  std::ranges::stable_sort(state->weights, std::greater(), &Weight::trainable);
  for (std::size_t i = 0; i < variables.size(); ++i)
    state->variables.push_back({state->weights[i].name, variables[i]});
  for (Weight& weight : state->weights) weight.initial = {};
  return Function(std::move(state));
}

std::vector<std::string_view> supported_operations() { return converted_operations(); }

}  // namespace hekla::onnx
