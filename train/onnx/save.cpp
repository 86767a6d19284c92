// See save.h.
#include "train/onnx/save.h"

#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "train/files/atomic_file.h"
#include "train/model/layer_names.h"
#include "train/model/state.h"
#include "train/onnx/proto.h"
#include "train/onnx/writing/graph_writer.h"
#include "train/onnx/writing/pairs.h"

namespace hekla::onnx {

namespace {

constexpr std::int64_t first_opset = 13;
constexpr std::int64_t last_opset = 24;
// protobuf counts the bytes of a message in 31 bits.
constexpr std::uint64_t most_bytes_inside = (std::uint64_t{1} << 31) - (std::uint64_t{1} << 24);

// IR versions that runtimes of an opset's time read.
std::int64_t ir_version(std::int64_t opset) {
  return opset <= 17 ? 8 : opset <= 20 ? 9 : opset <= 22 ? 10 : 11;
}

std::string name_of(const std::vector<std::string>& names, std::size_t number, const char* otherwise) {
  if (number < names.size()) return names[number];
  return number == 0 ? otherwise : fmt::format("{}_{}", otherwise, number);
}

void check_names(const std::vector<std::string>& names, std::size_t count, const char* what) {
  if (!names.empty() && names.size() != count)
    throw Error(fmt::format("[onnx::save] {} {} names for {} {}s; give one for each.", names.size(), what,
                            count, what));
}

// A call of the function in inference.
struct Trace {
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  Mode mode = Mode::inference();
};

Trace trace(const Layer& function, const std::vector<Tensor>& like, std::int64_t batch) {
  Trace trace;
  for (const Tensor& each : like) {
    Shape shape = each.shape();
    if (batch > 0 && shape.rank() > 0) shape[0] = batch;
    trace.inputs.push_back(input("input", shape, each.dtype()));
  }
  const Walk walk(trace.mode);
  trace.outputs = function(trace.inputs, trace.mode);
  for (const Tensor& output : trace.outputs) {
    if (!output.defined()) throw Error("[onnx::save] the function returns an empty tensor.");
  }
  if (trace.outputs.empty()) throw Error("[onnx::save] the function returns no tensor.");
  return trace;
}

// Moves the elements of large initializers to a file beside the model.
void put_beside(GraphProto& graph, const std::filesystem::path& path) {
  const std::filesystem::path beside = path.string() + ".data";
  AtomicFile file(beside);
  constexpr std::uint64_t alignment = 64;
  constexpr std::size_t worth_moving = 1024;
  for (TensorProto& tensor : graph.initializer) {
    if (!tensor.tensor.defined()) continue;
    const std::vector<std::byte> bytes = files::encode(tensor.tensor);
    if (bytes.size() < worth_moving) continue;
    file.write(std::vector<std::byte>((alignment - file.size() % alignment) % alignment));
    tensor.external = {{"location", beside.filename().string()},
                       {"offset", std::to_string(file.size())},
                       {"length", std::to_string(bytes.size())}};
    file.write(bytes);
  }
  file.commit();
}

std::uint64_t bytes_of(const GraphProto& graph) {
  std::uint64_t bytes = 0;
  for (const TensorProto& tensor : graph.initializer) {
    if (tensor.tensor.defined())
      bytes += static_cast<std::uint64_t>(tensor.tensor.count()) * size_of(tensor.tensor.dtype());
  }
  return bytes;
}

void write(const Layer& function, const std::vector<Tensor>& like, const std::string& name,
           const std::filesystem::path& path, const SaveOptions& options) {
  if (options.opset < first_opset || options.opset > last_opset)
    throw Error(fmt::format("[onnx::save] opset {}; those from {} to {} are written.", options.opset,
                            first_opset, last_opset));
  if (options.batch < 0) throw Error(fmt::format("[onnx::save] a batch of {} examples.", options.batch));
  // Two batch sizes show what depends on them.
  constexpr std::int64_t batches[] = {2, 3};
  const bool any = options.batch == 0;
  const Trace first = trace(function, like, any ? batches[0] : options.batch);
  check_names(options.input_names, first.inputs.size(), "input");
  check_names(options.output_names, first.outputs.size(), "output");
  ModelProto model{.ir_version = ir_version(options.opset),
                   .producer_name = "hekla",
                   .producer_version = HEKLA_VERSION,
                   .doc_string = options.doc_string,
                   .opset_import = {{"", options.opset}}};
  try {
    const Trace second = any ? trace(function, like, batches[1]) : Trace{};
    const Pairs pairs =
        any ? Pairs(first.outputs, batches[0], second.outputs, batches[1]).with(first.inputs, second.inputs)
            : Pairs();
    const LayerNames layers = layers_of(first.mode.record().layers);
    GraphWriter writer(options.opset, pairs, layers);
    for (std::size_t i = 0; i < first.inputs.size(); ++i)
      writer.add_input(first.inputs[i], name_of(options.input_names, i, "input"));
    std::vector<std::string> outputs;
    for (std::size_t i = 0; i < first.outputs.size(); ++i)
      outputs.push_back(name_of(options.output_names, i, "output"));
    writer.write(first.outputs, outputs);
    model.graph = std::move(writer.graph);
  } catch (const Error& error) {
    throw Error(fmt::format("[onnx::save] {}: {}", path.string(), error.what()));
  }
  model.graph.name = name;
  for (const NodeProto& node : model.graph.node) {
    if (!node.domain.empty()) model.opset_import.emplace(node.domain, 1);
  }
  if (options.weights == Weights::beside || bytes_of(model.graph) > most_bytes_inside)
    put_beside(model.graph, path);
  write_file(path, written(model));
}

}  // namespace

void save(const Model& model, const std::filesystem::path& path, const SaveOptions& options) {
  const Network& network = built(state_of(model), "onnx::save");
  const Layer function(
      [&](const std::vector<Tensor>& inputs, const Mode& mode) { return network(inputs, mode); });
  write(function, network.inputs, options.name.empty() ? network.name : options.name, path, options);
}

void save(const Layer& function, const std::vector<Tensor>& inputs, const std::filesystem::path& path,
          const SaveOptions& options) {
  write(function, inputs, options.name.empty() ? path.stem().string() : options.name, path, options);
}

}  // namespace hekla::onnx
