// What planning costs as graphs grow, pass by pass, and what a loop that rebuilds the same graph costs the
// host. A number (default 100000) bounds the size of the graphs.
//   cmake --preset release && cmake --build build/release --target bench_planning &&
//   build/release/bench/bench_planning
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "graph/plan.h"
#include "graph/schedule.h"
#include "hekla.h"

namespace {

using namespace hekla;

std::size_t nodes_of(const Computation& computation) {
  std::vector<Tensor> roots = computation.outputs;
  for (const Update& update : computation.updates) roots.push_back(update.value);
  return topological_order(roots).size();
}

// Variables that stay when a graph over them is built again.
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

// A deep MLP with a training step: per layer two products for the gradients beside the forward one.
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

// Many independent pieces, added up pair by pair.
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

// Views, folds, products and elementwise operations over values old and new.
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

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

struct Family {
  const char* name;
  Computation (*build)(std::size_t nodes, Leaves& leaves);
};
constexpr Family families[] = {{"chain", chain}, {"mlp step", mlp}, {"wide", wide}, {"mixed", mixed}};

// The passes of make_plan one by one: what each takes, in milliseconds.
std::string time_of_passes(const Computation& computation) {
  const PlanOptions options;
  Graph graph;
  Fusion fusion;
  Plan plan;
  std::string text;
  const auto pass = [&](const std::function<void()>& work) {
    text += fmt::format("{:>9.2f}", milliseconds(work));
  };
  pass([&] { graph = collect(computation, false); });
  pass([&] {
    graph = split_long_loops(simplify(merge_common_subexpressions(graph)), options.loops);
    graph = separate_roots(merge_common_subexpressions(graph));
  });
  pass([&] { fusion = fuse(graph, options.fuse); });
  pass([&] { plan = schedule(graph, fusion); });
  pass([&] { plan.arena_bytes = place_in_arena(plan.slots, plan.kernels, options.alignment); });
  pass([&] { plan.barrier_before = place_barriers(plan.slots, plan.kernels); });
  return text;
}

void report_planning(std::size_t largest) {
  fmt::print("{:<10}{:>8}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>9}{:>8}\n", "planning", "nodes",
             "kernels", "collect", "rewrite", "fuse", "schedule", "arena", "barriers", "total ms", "ns/node",
             "ratio");
  for (const Family& family : families) {
    double smallest = 0;  // ns per node of the smallest graph
    for (std::size_t size = 1000; size <= largest; size *= 10) {
      Leaves leaves;
      const Computation computation = family.build(size, leaves);
      const auto nodes = static_cast<double>(nodes_of(computation));
      Plan plan;
      double best = 1e300;
      for (std::size_t runs = 0; runs < std::max<std::size_t>(2, 20'000 / size); ++runs) {
        best = std::min(best, milliseconds([&] { plan = make_plan(computation, false, {}); }));
      }
      const double per_node = best * 1e6 / nodes;
      if (smallest == 0) smallest = per_node;
      fmt::print("{:<10}{:>8}{:>9}{}{:>10.2f}{:>9.0f}{:>8.2f}\n", family.name, nodes, plan.kernels.size(),
                 time_of_passes(computation), best, per_node, per_node / smallest);
      std::fflush(stdout);
    }
  }
}

// A device on which nothing is to be done: what remains is the host's part.
class Idle : public Evaluator, public Executable {
 public:
  std::string name() const override { return "idle"; }
  std::shared_ptr<Storage> upload(const HostArray&, DType, const std::string&) override {
    return std::make_shared<Storage>();
  }
  HostArray download(const Storage&, DType, std::int64_t count) override {
    return {HostArray::Format::f32, count};
  }
  std::shared_ptr<Executable> prepare(const Computation& computation, bool) override {
    ++compiled;
    outputs_ = computation.outputs.size();
    return {std::shared_ptr<void>(), this};
  }
  std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>>, int) override {
    return std::vector<std::shared_ptr<Storage>>(outputs_, std::make_shared<Storage>());
  }
  std::string describe() const override { return {}; }

  int compiled = 0;

 private:
  std::size_t outputs_ = 0;
};

// A loop that builds the same graph anew and evaluates it: building and freeing alone, the key alone, and all
// of it on a device that does nothing.
void report_dynamic() {
  fmt::print("\n{:<10}{:>8}{:>9}{:>11}{:>9}{:>11}\n", "ns/node", "nodes", "build", "structure", "loop",
             "compiled");
  for (const Family& family : families) {
    Leaves leaves;
    const auto build = [&] {
      leaves.rewind();
      return family.build(1000, leaves);
    };
    const Computation computation = build();
    const auto nodes = static_cast<double>(nodes_of(computation));
    const auto per_node = [&](const std::function<void()>& work) {
      const auto repeat = [&](int times) {
        for (int i = 0; i < times; ++i) work();
      };
      return bench::best_step_seconds(repeat, 0.02, 20) * 1e9 / nodes;
    };
    const double building = per_node([&] { build(); });
    const double structure = per_node([&] { structure_of(computation, true); });
    const auto idle = std::make_shared<Idle>();
    evaluate(build(), idle);  // also the initial values of the leaves
    idle->compiled = 0;
    const double loop = per_node([&] { evaluate(build(), idle); });
    fmt::print("{:<10}{:>8}{:>9.0f}{:>11.0f}{:>9.0f}{:>11}\n", family.name, nodes, building, structure, loop,
               idle->compiled);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  report_planning(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000);
  report_dynamic();
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_planning: {}\n", error.what());
  return 1;
}
