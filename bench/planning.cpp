// The cost of planning as graphs grow, and the host cost of a loop that rebuilds the same graph. The latter
// is measured in parts: building and freeing the graph, hashing its structure (the key of the compiled plan),
// and the whole loop on a device that does nothing.
//   cmake --preset release && cmake --build build/release --target bench_planning &&
//   build/release/bench/bench_planning
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/support/measure.h"
#include "graph/compiler/capture.h"
#include "graph/compiler/plan.h"
#include "graph/compiler/schedule.h"
#include "graph/run/current.h"
#include "hekla.h"

namespace hekla::bench {

using namespace compiler;

namespace {

std::size_t nodes_of(const Computation& computation) {
  std::vector<Tensor> roots = computation.outputs;
  for (const Update& update : computation.updates) roots.push_back(update.value);
  return topological_order(roots).size();
}

// Variables that are reused when a graph over them is rebuilt.
class Leaves {
 public:
  Tensor next(const Shape& shape) {
    if (used_ == made_.size()) made_.push_back(variable(ones(shape) * 0.1));
    return made_[used_++];
  }
  void rewind() { used_ = 0; }

 private:
  std::vector<Tensor> made_;
  std::size_t used_ = 0;
};

Computation chain(std::size_t nodes, Leaves& leaves) {
  Tensor x = leaves.next({64});
  for (std::size_t i = 1; i < nodes; ++i) x = i % 2 ? tanh(x) : sigmoid(x);
  return {.outputs = {x}};
}

// A training step of a deep MLP: per layer two products for the gradients besides the forward one.
Computation mlp(std::size_t nodes, Leaves& leaves) {
  constexpr std::size_t nodes_per_layer = 23;
  Tensor x = leaves.next({8, 16});
  std::vector<Tensor> weights;
  for (std::size_t layer = 0; layer * nodes_per_layer < nodes; ++layer) {
    const Tensor kernel = leaves.next({16, 16});
    const Tensor bias = leaves.next({16});
    x = relu(matmul(x, kernel) + bias);
    weights.insert(weights.end(), {kernel, bias});
  }
  const Tensor loss = mean(square(x));
  const std::vector<Tensor> gradients = grad(loss, weights);
  std::vector<Update> updates;
  for (std::size_t i = 0; i < weights.size(); ++i)
    updates.push_back({weights[i], weights[i] - 0.1 * gradients[i]});
  return {.outputs = {loss}, .updates = updates};
}

// Many independent pieces, summed pairwise.
Computation wide(std::size_t nodes, Leaves& leaves) {
  constexpr std::size_t nodes_per_piece = 8;
  std::vector<Tensor> pieces;
  for (std::size_t i = 0; i * nodes_per_piece < nodes; ++i) {
    const Tensor x = leaves.next({4, 8});
    pieces.push_back(sum(tanh(x * sigmoid(x)), {1}));
  }
  while (pieces.size() > 1) {
    std::vector<Tensor> sums;
    for (std::size_t i = 0; i + 1 < pieces.size(); i += 2) sums.push_back(pieces[i] + pieces[i + 1]);
    if (pieces.size() % 2) sums.push_back(pieces.back());
    pieces = std::move(sums);
  }
  return {.outputs = {pieces[0]}};
}

// Views, reductions, products and elementwise operations over random earlier values.
Computation mixed(std::size_t nodes, Leaves& leaves) {
  std::mt19937 random(1);
  std::vector<Tensor> values;
  for (int i = 0; i < 8; ++i) values.push_back(leaves.next({16, 16}));
  const auto any = [&] {
    const std::size_t reach = random() % 4 ? std::min<std::size_t>(8, values.size()) : values.size();
    return values[values.size() - 1 - random() % reach];
  };
  for (std::size_t made = values.size(); made < nodes;) {
    const Tensor x = any();
    switch (random() % 8) {
      case 0:
        values.push_back(transpose(x));
        made += 1;
        break;
      case 1:
        values.push_back(x - mean(x, {1}, KeepDims::yes));
        made += 5;
        break;
      case 2:
        values.push_back(matmul(x, any()));
        made += 1;
        break;
      case 3:
        values.push_back(reshape(reshape(x, {4, 64}) * 0.5, {16, 16}));
        made += 5;
        break;
      default:
        values.push_back(tanh(x) + any());
        made += 2;
    }
  }
  Tensor last = values.back();
  for (std::size_t i = values.size() - 8; i < values.size(); ++i) last = last + values[i];
  return {.outputs = {last}};
}

struct Family {
  const char* name;
  Computation (*build)(std::size_t nodes, Leaves& leaves);
};
constexpr Family families[] = {{"chain", chain}, {"mlp step", mlp}, {"wide", wide}, {"mixed", mixed}};

// The passes of make_plan one by one: the time of each in milliseconds, and the number of kernels.
std::map<std::string, double> time_of_passes(const Computation& computation) {
  std::map<std::string, double> counters;
  const auto pass = [&](const std::string& name, const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    counters[name + "_ms"] = time.count();
  };
  const PlanOptions options;
  const FuseOptions fuse_options;
  Graph graph;
  Fusion fusion;
  Plan plan;
  const Capture captured = capture(computation);
  pass("1_collect", [&] { graph = collect(computation, captured); });
  pass("2_rewrite", [&] {
    graph = split_long_loops(simplify(merge_common_subexpressions(graph)), options.device);
    graph = separate_roots(merge_common_subexpressions(graph));
  });
  pass("3_fuse", [&] { fusion = fuse(graph, fuse_options); });
  pass("4_schedule", [&] {
    plan = schedule(graph, fusion, fuse_options.bindings, fuse_options.device,
                    [&](const Graph& body) { return make_plan(body, options); });
  });
  pass("5_arena", [&] {
    plan.arena_bytes = place_in_arena(plan.slots, plan.kernels, plan.loops, options.device.arena_alignment);
  });
  pass("6_barriers", [&] { plan.barrier_before = place_barriers(plan.slots, plan.kernels, plan.loops); });
  counters["kernels"] = static_cast<double>(plan.kernels.size());
  return counters;
}

// A device that executes nothing: what remains is the host's cost.
class Idle : public Evaluator, public Executable {
 public:
  std::string name() const override { return "idle"; }
  std::shared_ptr<Storage> upload(const HostArray&, DType, const std::string&) override {
    return std::make_shared<Storage>();
  }
  HostArray download(const Storage&, DType, std::int64_t count) override {
    return {HostArray::Format::f32, count};
  }
  std::shared_ptr<Executable> prepare(const Graph& graph) override {
    outputs_ = graph.outputs.size();
    return {std::shared_ptr<void>(), this};
  }
  std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>>, int) override {
    return std::vector<std::shared_ptr<Storage>>(outputs_, std::make_shared<Storage>());
  }
  std::string describe() const override { return {}; }

 private:
  std::size_t outputs_ = 0;
};

Case per_node(std::size_t nodes, const std::function<void()>& work) {
  return {.run =
              [work](int steps) {
                for (int i = 0; i < steps; ++i) work();
              },
          .nodes = static_cast<double>(nodes)};
}

Case planning(const Family& family, std::size_t size) {
  Leaves leaves;
  const Computation computation = family.build(size, leaves);
  Case made = per_node(nodes_of(computation), [computation] { make_plan(collect(computation), {}); });
  made.counters = time_of_passes(computation);
  return made;
}

// A graph of 1,000 nodes over leaves that are reused.
struct Loop {
  explicit Loop(const Family& family)
      : build([family, leaves = std::make_shared<Leaves>()] {
          leaves->rewind();
          return family.build(1000, *leaves);
        }),
        nodes(nodes_of(build())) {}

  std::function<Computation()> build;
  std::size_t nodes;
};

}  // namespace

void add_benchmarks() {
  for (const Family& family : families) {
    for (const std::size_t size : {1000, 10'000, 100'000}) {
      add(fmt::format("planning/{}/{}", family.name, size), [=] { return planning(family, size); });
    }
  }
  for (const Family& family : families) {
    add(fmt::format("host/build/{}", family.name), [=] {
      const Loop loop(family);
      return per_node(loop.nodes, [loop] { loop.build(); });
    });
    add(fmt::format("host/structure/{}", family.name), [=] {
      const Loop loop(family);
      return per_node(loop.nodes, [graph = loop.build()] { capture(graph, is_current); });
    });
    add(fmt::format("host/loop/{}", family.name), [=] {
      const Loop loop(family);
      return per_node(loop.nodes, [loop, idle = std::make_shared<Idle>()] { evaluate(loop.build(), idle); });
    });
  }
}

}  // namespace hekla::bench
