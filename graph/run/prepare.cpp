#include "graph/run/prepare.h"

#include <algorithm>
#include <bit>
#include <map>

#include "graph/compiler/graph.h"
#include "graph/hash.h"

namespace hekla {

namespace {

// A structure's numbers, each once, in the order of their first use as in collect(), and the cache key
// without their values.
struct Abstracted {
  StructureKey key;
  std::vector<double> values;
};

Abstracted abstracted(const Structure& structure) {
  Abstracted result{.key = structure.key, .values = {}};
  std::map<std::pair<std::uint64_t, DType>, std::size_t> known;
  for (const auto& [place, dtype] : structure.numbers) {
    const auto [found, is_new] = known.try_emplace({structure.key[place], dtype}, known.size());
    if (is_new) result.values.push_back(std::bit_cast<double>(structure.key[place]));
    // The number's place replaces its value, as bits that no constant that is structure has: a NaN with its
    // own payload.
    result.key[place] = ~static_cast<std::uint64_t>(found->second);
  }
  return result;
}

}  // namespace

Prepared prepare(const Computation& computation, Structure& structure, Evaluator& device) {
  CompiledComputations& compiled = *device.compiled_;
  const auto with_numbers = [](std::shared_ptr<Executable> executable, std::span<const double> values) {
    std::vector<compiler::NumberArray> numbers = executable->number_leaves(values);
    return Prepared{std::move(executable), std::move(numbers)};
  };
  if (auto known = compiled.plans.find(structure.key)) return {std::move(known), {}};
  Abstracted now = abstracted(structure);
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
  compiler::Graph graph = compiler::collect(computation, structure.leaves);
  for (std::size_t i = 0; i < changed.size(); ++i) graph.numbers[i].is_data = changed[i];
  std::shared_ptr<Executable> executable = device.prepare(graph);
  compiled.plans.insert(std::move(any ? now.key : structure.key), executable);
  return with_numbers(std::move(executable), now.values);
}

}  // namespace hekla
