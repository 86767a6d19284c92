// Damages valid ONNX files at random, loads them and runs what loads: each has to work or to be refused with a
// hekla::Error, within ten seconds and 4 GB.
//
//   hekla_onnx_fuzz --count 2000 --seed 1 [--only NUMBER] [FOLDER..]
//
// FOLDER: cases of ONNX's test suite, beside hekla's own small models. What fails is left in the file that is named.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "backends/device.h"
#include "graph/error.h"
#include "graph/loop.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/random.h"
#include "tests/onnx/models.h"
#include "tests/support/address_space_limit.h"
#include "train/onnx/load.h"
#include "train/onnx/proto.h"

namespace hekla::testing {

namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

constexpr int seconds_for_a_file = 10;  // of the processor
constexpr rlim_t most_memory = rlim_t{4} << 30;
constexpr double most_elements = 100'000;  // of all tensors of a model that is run

std::size_t below(Random& random, std::size_t n) { return random() % n; }

template <class T>
auto& any_of(Random& random, T& list) {
  return list[below(random, std::size(list))];
}

std::int64_t edge(Random& random) {
  static constexpr std::array<std::int64_t, 20> edges = {0,
                                                         1,
                                                         -1,
                                                         2,
                                                         -2,
                                                         3,
                                                         5,
                                                         -7,
                                                         16,
                                                         100,
                                                         4097,
                                                         65536,
                                                         -65536,
                                                         std::numeric_limits<std::int32_t>::max(),
                                                         std::numeric_limits<std::int32_t>::min(),
                                                         std::int64_t{1} << 31,
                                                         std::int64_t{1} << 32,
                                                         std::int64_t{1} << 62,
                                                         std::numeric_limits<std::int64_t>::max(),
                                                         std::numeric_limits<std::int64_t>::min()};
  return any_of(random, edges);
}

float edge_number(Random& random) {
  static constexpr std::array<float, 9> edges = {0,
                                                 1,
                                                 -1,
                                                 0.5f,
                                                 1e-38f,
                                                 3e38f,
                                                 std::numeric_limits<float>::infinity(),
                                                 -2.5f,
                                                 std::numeric_limits<float>::quiet_NaN()};
  return any_of(random, edges);
}

// ---- bytes

void change_bytes(Random& random, std::string& bytes) {
  if (bytes.empty()) return;
  const std::size_t at = below(random, bytes.size());
  const std::size_t length = std::min(bytes.size() - at, 1 + below(random, 40));
  switch (below(random, 7)) {
    case 0:
      bytes[at] = static_cast<char>(random());
      break;
    case 1:
      bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(random, 8));
      break;
    case 2:
      bytes.insert(at, 1, static_cast<char>(random()));
      break;
    case 3:
      bytes.erase(at, length);
      break;
    case 4:
      bytes.insert(below(random, bytes.size()), bytes.substr(at, length));
      break;
    // A number, or the length of a field, that is far larger.
    case 5:
      bytes.replace(at, 1, "\xff\xff\xff\xff\x0f");
      break;
    default:
      bytes.resize(at);
      break;
  }
}

// ---- structure

std::vector<onnx::GraphProto*> graphs_in(onnx::GraphProto& graph) {
  std::vector<onnx::GraphProto*> all{&graph};
  for (onnx::NodeProto& node : graph.node) {
    for (onnx::AttributeProto& attribute : node.attribute) {
      for (onnx::GraphProto& inner : attribute.graphs) {
        const auto more = graphs_in(inner);
        all.insert(all.end(), more.begin(), more.end());
      }
    }
  }
  return all;
}

// Some value that the graph knows; "" and unknown ones, too.
std::string some_name(Random& random, const onnx::GraphProto& graph) {
  std::vector<std::string> names{"", "unknown"};
  for (const onnx::ValueInfoProto& each : graph.input) names.push_back(each.name);
  for (const onnx::TensorProto& each : graph.initializer) names.push_back(each.name);
  for (const onnx::NodeProto& each : graph.node)
    names.insert(names.end(), each.output.begin(), each.output.end());
  return any_of(random, names);
}

void change_attribute(Random& random, onnx::NodeProto& node) {
  using Type = onnx::AttributeProto::Type;
  if (node.attribute.empty() || below(random, 4) == 0) {
    static constexpr std::array names = {"axis",    "axes",         "keepdims", "group",     "pads",
                                         "strides", "kernel_shape", "perm",     "dilations", "to",
                                         "mode",    "auto_pad",     "value",    "epsilon"};
    const std::string name = any_of(random, names);
    node.attribute.push_back(
        below(random, 2) == 0 ? attribute(name, edge(random))
                              : attribute(name, std::vector<std::int64_t>(below(random, 5), edge(random))));
    return;
  }
  onnx::AttributeProto& changed = any_of(random, node.attribute);
  switch (changed.type) {
    case Type::integer:
      changed.i = edge(random);
      break;
    case Type::f32:
      changed.f = edge_number(random);
      break;
    case Type::text:
      changed.s = below(random, 2) == 0 ? "" : "linear";
      break;
    case Type::integers:
      if (changed.ints.empty() || below(random, 4) == 0)
        changed.ints.push_back(edge(random));
      else if (below(random, 4) == 0)
        changed.ints.pop_back();
      else
        any_of(random, changed.ints) = edge(random);
      break;
    default:
      node.attribute.erase(node.attribute.begin() +
                           static_cast<std::ptrdiff_t>(below(random, node.attribute.size())));
  }
}

void change_node(Random& random, onnx::GraphProto& graph) {
  if (graph.node.empty()) return;
  static const std::vector<std::string_view> operations = onnx::supported_operations();
  onnx::NodeProto& node = any_of(random, graph.node);
  switch (below(random, 8)) {
    case 0:
      node.op_type = any_of(random, operations);
      break;
    case 1:
      if (!node.input.empty()) any_of(random, node.input) = some_name(random, graph);
      break;
    case 2:
      node.input.push_back(some_name(random, graph));
      break;
    case 3:
      if (!node.input.empty()) node.input.pop_back();
      break;
    case 4:
      if (below(random, 2) == 0 || node.output.empty())
        node.output.push_back(some_name(random, graph));
      else
        node.output.pop_back();
      break;
    default:
      change_attribute(random, node);
      break;
  }
}

void change_initializer(Random& random, onnx::GraphProto& graph) {
  if (graph.initializer.empty()) return;
  onnx::TensorProto& changed = any_of(random, graph.initializer);
  if (below(random, 3) == 0) {
    changed.type = static_cast<onnx::ElementType>(below(random, 18));
  } else if (changed.type == onnx::ElementType::i64 || below(random, 4) == 0) {
    const std::size_t size =
        below(random, 3) == 0 ? below(random, 5) : static_cast<std::size_t>(changed.shape.count());
    std::vector<std::int64_t> elements(std::min<std::size_t>(size, 64));
    for (std::int64_t& element : elements)
      element = below(random, 2) == 0 ? edge(random) : static_cast<std::int64_t>(below(random, 5));
    changed = int64s(changed.name, elements);
  } else {
    graph.input.push_back(value(changed.name, {2, 3}));
  }
}

std::vector<onnx::Dimension> some_shape(Random& random) {
  std::vector<onnx::Dimension> shape(below(random, 6));
  for (onnx::Dimension& axis : shape)
    axis.size = below(random, 6) == 0 ? edge(random) : static_cast<std::int64_t>(below(random, 6)) - 1;
  return shape;
}

void change_structure(Random& random, onnx::ModelProto& model) {
  const std::vector<onnx::GraphProto*> graphs = graphs_in(model.graph);
  onnx::GraphProto& graph = *graphs[below(random, graphs.size())];
  switch (below(random, 12)) {
    case 0:
      if (!graph.input.empty()) {
        onnx::ValueInfoProto& input = any_of(random, graph.input);
        if (below(random, 2) == 0)
          input.type = static_cast<onnx::ElementType>(below(random, 17));
        else
          input.shape = some_shape(random);
      }
      break;
    case 1:
      if (!graph.node.empty()) graph.node.push_back(any_of(random, graph.node));
      break;
    case 2:
      if (!graph.node.empty()) graph.node.erase(graph.node.begin());
      break;
    case 3:
      if (graph.node.size() > 1) std::swap(any_of(random, graph.node), any_of(random, graph.node));
      break;
    case 4:
      model.opset_import[""] = static_cast<std::int64_t>(below(random, 26));
      break;
    case 5:
      if (!graph.output.empty()) any_of(random, graph.output).name = some_name(random, graph);
      break;
    case 6:
    case 7:
      change_initializer(random, graph);
      break;
    default:
      change_node(random, graph);
      break;
  }
}

// ---- running

// Of all tensors, and of the bodies of loops once for each iteration.
double elements_of(const std::vector<Tensor>& roots) {
  double sum = 0;
  for (const Node* node : topological_order(roots)) {
    sum += static_cast<double>(node->shape.count());
    if (node->loop) sum += static_cast<double>(node->loop->count) * elements_of(node->loop->results);
  }
  return sum;
}

Tensor some_tensor(Random& random, DType dtype, const Shape& shape) {
  std::vector<double> elements;
  for (std::int64_t i = 0; i < shape.count(); ++i)
    elements.push_back(is_float(dtype) ? static_cast<double>(random() % 17) / 8 - 1
                                       : static_cast<double>(random() % 3));
  const Tensor numbers = cast(tensor(elements, shape), dtype);
  return below(random, 2) == 0 ? numbers : variable(numbers);
}

// Whether it was run to its end.
bool run(Random& random, const onnx::Function& function) {
  std::vector<Tensor> inputs;
  for (const onnx::Signature& each : function.inputs()) {
    std::vector<std::int64_t> sizes;
    double count = 1;
    for (const std::int64_t size : each.shape) {
      sizes.push_back(size < 0 ? 2 : size);
      count *= static_cast<double>(sizes.back());
    }
    if (count > most_elements) return false;
    inputs.push_back(some_tensor(random, each.dtype, Shape(sizes)));
  }
  const std::vector<Tensor> outputs =
      function(inputs, below(random, 4) == 0 ? Mode::training(random_key(1)) : Mode::inference());
  if (elements_of(outputs) > most_elements) return false;
  evaluate({.outputs = outputs});
  return true;
}

struct Counts {
  std::int64_t files = 0, refused = 0, loaded = 0, run = 0;
};

void try_file(Random& random, const fs::path& path, Counts& counts) {
  ++counts.files;
  try {
    const onnx::Function function = onnx::load(path);
    ++counts.loaded;
    if (run(random, function)) ++counts.run;
  } catch (const Error&) {
    ++counts.refused;
  }
}

// ---- what goes wrong without an exception

std::array<char, 200> last_words{};

void report_signal(int) {
  const ssize_t written =
      ::write(STDERR_FILENO, last_words.data(), std::char_traits<char>::length(last_words.data()));
  ::_exit(written > 0 ? 3 : 4);
}

void watch(std::int64_t number, const fs::path& path) {
  std::snprintf(last_words.data(), last_words.size(),
                "number %lld crashed or took longer than %d s: %.120s\n", static_cast<long long>(number),
                seconds_for_a_file, path.c_str());
  const itimerval limit{.it_interval = {}, .it_value = {.tv_sec = seconds_for_a_file, .tv_usec = 0}};
  ::setitimer(ITIMER_PROF, &limit, nullptr);
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> corpus(const std::vector<std::string>& folders) {
  std::vector<std::string> files;
  for (auto& [name, bytes] : small_models()) files.push_back(std::move(bytes));
  for (const std::string& folder : folders) files.push_back(content(fs::path(folder) / "model.onnx"));
  return files;
}

std::string damaged(Random& random, std::string bytes) {
  if (below(random, 3) > 0) {
    files::Source source("onnx::load", "corpus", std::as_bytes(std::span(bytes)));
    onnx::ModelProto model = onnx::read_model(source, {});
    // Files with functions lose them.
    if (model.functions.empty()) {
      for (std::size_t i = 0; i <= below(random, 4); ++i) change_structure(random, model);
      bytes = onnx::written(model);
      if (below(random, 8) > 0) return bytes;
    }
  }
  for (std::size_t i = 0; i <= below(random, 4); ++i) change_bytes(random, bytes);
  return bytes;
}

}  // namespace

}  // namespace hekla::testing

int main(int argc, char** argv) {
  using namespace hekla;
  using namespace hekla::testing;
  CLI::App app{"Damages ONNX files and loads them"};
  std::vector<std::string> folders;
  std::int64_t count = 2000, only = -1;
  std::uint64_t seed = 1;
  std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("hekla_onnx_fuzz_{}.onnx", ::getpid())).string();
  app.add_option("folders", folders, "cases of ONNX's test suite")->check(CLI::ExistingDirectory);
  app.add_option("--count", count, "how many files");
  app.add_option("--seed", seed, "of what is done to them");
  app.add_option("--only", only, "the file of this number alone");
  app.add_option("--file", path, "where they are written");
  CLI11_PARSE(app, argc, argv);

  set_default_device(open_device("reference"));
  const std::vector<std::string> files = corpus(folders);
  if (test::memory_can_be_limited) {
    const rlimit limit{most_memory, most_memory};
    setrlimit(RLIMIT_AS, &limit);
    for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) std::signal(signal, report_signal);
  }
  std::signal(SIGPROF, report_signal);
  Counts counts;
  for (std::int64_t number = only < 0 ? 0 : only; number < (only < 0 ? count : only + 1); ++number) {
    Random random(seed * 1'000'003 + static_cast<std::uint64_t>(number));
    const std::string bytes = damaged(random, any_of(random, files));
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    watch(number, path);
    try {
      try_file(random, path, counts);
    } catch (const std::exception& error) {
      fmt::print(stderr, "number {} ({}): an error of another type: {}\n", number, path, error.what());
      return 2;
    }
  }
  ::setitimer(ITIMER_PROF, nullptr, nullptr);
  std::filesystem::remove(path);
  fmt::print("{} files: {} run, {} loaded, {} refused\n", counts.files, counts.run, counts.loaded,
             counts.refused);
  return 0;
}
