// Invariants of every plan, however large the graph: nothing is lost, lifetimes in the arena do not overlap,
// and little memory is wasted.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "graph/compiler/plan.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/compiler/random_graph.h"

namespace hekla::testing {

using namespace compiler;

namespace {

struct Life {
  const Slot* slot;
  std::size_t first;
  std::size_t last;
};

std::vector<Life> lives_in_arena(const Plan& plan) {
  std::vector<Life> lives;
  for (std::size_t slot = 0; slot < plan.slots.size(); ++slot) {
    if (plan.slots[slot].place != Slot::Place::arena) continue;
    std::vector<std::size_t> users;
    for (std::size_t k = 0; k < plan.kernels.size(); ++k) {
      const Kernel& kernel = plan.kernels[k];
      const auto writes = [&](const Store& store) { return store.slot == static_cast<int>(slot); };
      if (std::any_of(kernel.stores.begin(), kernel.stores.end(), writes) ||
          std::count(kernel.operands.begin(), kernel.operands.end(), static_cast<int>(slot)) > 0)
        users.push_back(k);
    }
    if (!users.empty()) lives.push_back({&plan.slots[slot], users.front(), users.back()});
  }
  return lives;
}

std::int64_t most_alive(const Plan& plan, std::int64_t alignment) {
  const std::vector<Life> lives = lives_in_arena(plan);
  std::int64_t most = 0;
  for (std::size_t k = 0; k < plan.kernels.size(); ++k) {
    std::int64_t alive = 0;
    for (const Life& life : lives) {
      if (life.first <= k && k <= life.last)
        alive += (life.slot->bytes() + alignment - 1) / alignment * alignment;
    }
    most = std::max(most, alive);
  }
  return most;
}

bool overlap(const Life& a, const Life& b) {
  return a.first <= b.last && b.first <= a.last && a.slot->offset < b.slot->offset + b.slot->bytes() &&
         b.slot->offset < a.slot->offset + a.slot->bytes();
}

std::set<int> written(const Plan& plan) {
  std::set<int> slots;
  for (const Kernel& kernel : plan.kernels) {
    for (const Store& store : kernel.stores) slots.insert(store.slot);
  }
  return slots;
}

// Graphs that reach all of the compiler's limits.
Plan plan_of_random_graph(std::uint32_t seed) {
  const RandomGraph graph = random_graph(seed, 10 + static_cast<int>(seed) % 7 * 30);
  return make_plan(collect({.outputs = graph.outputs, .updates = graph.updates}),
                   {.device = {.max_statements = 20, .max_folds = 2, .longest_reduction = 64}});
}

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("a chain of 20,000 nodes is planned") {
    Tensor x = variable(zeros({64}));
    for (int i = 0; i < 20'000; ++i) x = i % 2 ? tanh(x) : sigmoid(x);
    const Plan plan = make_plan(collect({.outputs = {x}}), {});
    CHECK(plan.kernels.size() < 20'000 / 100);
    CHECK(plan.arena_bytes == 2 * 64 * 4);
  }

  TEST_CASE("a sum of 2,500 independent pieces is planned") {
    const Tensor x = variable(zeros({4, 8}));
    Tensor total = sum(x);
    for (int i = 0; i < 2'500; ++i) total = total + sum(tanh(x * (i + 1)) * sigmoid(x - i));
    const Plan plan = make_plan(collect({.outputs = {total}}), {});
    CHECK(written(plan).contains(plan.output_slots[0]));
    CHECK(plan.kernels.size() < 2'500);
  }

  TEST_CASE("every output is written, whatever is merged") {
    for (std::uint32_t seed = 170; seed < 200; ++seed) {
      CAPTURE(seed);
      const Plan plan = plan_of_random_graph(seed);
      const std::set<int> slots = written(plan);
      for (const int output : plan.output_slots) CHECK(slots.contains(output));
    }
  }

  TEST_CASE("what is in use at the same time does not overlap") {
    for (std::uint32_t seed = 0; seed < 30; ++seed) {
      CAPTURE(seed);
      const Plan plan = plan_of_random_graph(seed);
      const std::vector<Life> lives = lives_in_arena(plan);
      for (const Life& a : lives) {
        CHECK(a.slot->offset + a.slot->bytes() <= plan.arena_bytes);
        for (const Life& b : lives) CHECK((&a == &b || !overlap(a, b)));
      }
    }
  }

  TEST_CASE("working memory is little more than what is in use at once") {
    for (const bool fused : {true, false}) {
      for (const double momentum : {0.0, 0.9}) {
        CAPTURE(fused);
        CAPTURE(momentum);
        const TrainingStep step(Model::mlp, momentum);
        const PlanOptions options{.fuse = fused};
        const Plan plan = make_plan(collect(step.computation()), options);
        const double most = static_cast<double>(most_alive(plan, options.device.arena_alignment));
        CHECK(static_cast<double>(plan.arena_bytes) >= most);
        CHECK(static_cast<double>(plan.arena_bytes) <= 1.15 * most);
      }
    }
  }
}

}  // namespace hekla::testing
