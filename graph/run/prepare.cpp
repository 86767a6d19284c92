#include "graph/run/prepare.h"

#include <algorithm>
#include <bit>

#include "graph/compiler/graph.h"
#include "graph/hash.h"

namespace hekla {

namespace {

// A computation's numbers and the cache key without their values.
struct Abstracted {
  compiler::StructureKey key;
  std::vector<double> values;
};

Abstracted abstracted(const compiler::Capture& captured) {
  const compiler::Capture::Numbers numbers = captured.numbers();
  Abstracted result{.key = captured.key, .values = {}};
  for (const Node* constant : numbers.distinct) result.values.push_back(constant->attributes.number);
  for (std::size_t use = 0; use < captured.number_uses.size(); ++use) {
    // The number replaces its value, as bits that no constant that is structure has: a NaN with its own
    // payload.
    result.key[captured.number_uses[use].place] = ~static_cast<std::uint64_t>(numbers.of_use[use]);
  }
  return result;
}

}  // namespace

Prepared prepare(const Computation& computation, compiler::Capture& captured, Evaluator& device) {
  CompiledComputations& compiled = *device.compiled_;
  const auto with_numbers = [](std::shared_ptr<Executable> executable, std::span<const double> values) {
    std::vector<compiler::NumberArray> numbers = executable->number_leaves(values);
    return Prepared{std::move(executable), std::move(numbers)};
  };
  if (auto known = compiled.plans.find(captured.key)) return {std::move(known), {}};
  Abstracted now = abstracted(captured);
  const std::vector<bool>& changed = compiled.numbers.changed(HashWords()(now.key), now.values);
  const bool any = std::find(changed.begin(), changed.end(), true) != changed.end();
  if (any) {
    // A unique first word: no key of a structure begins like this, because those begin with a node's
    // operation and dtype.
    now.key.insert(now.key.begin(), ~std::uint64_t{0});
    for (std::size_t i = 0; i < changed.size(); ++i) {
      now.key.push_back(changed[i]);
      if (!changed[i]) now.key.push_back(std::bit_cast<std::uint64_t>(now.values[i]));
    }
    if (auto known = compiled.plans.find(now.key)) return with_numbers(std::move(known), now.values);
  }
  compiler::Graph graph = compiler::collect(computation, captured);
  for (std::size_t i = 0; i < changed.size(); ++i) graph.numbers[i].is_data = changed[i];
  std::shared_ptr<Executable> executable = device.prepare(graph);
  compiled.plans.insert(std::move(any ? now.key : captured.key), executable);
  return with_numbers(std::move(executable), now.values);
}

}  // namespace hekla
