// See not_finite.h.
#include "train/model/not_finite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/reduce.h"
#include "train/layers/layer.h"
#include "train/model/layer_names.h"

namespace hekla {

namespace {

// Negated, so that NaN, for which every comparison is false, counts.
Tensor has_wild(const Tensor& x) { return any(!(abs(x) <= 3.4028234e38)); }

struct Copies {
  std::vector<Update> take, restore;
  std::vector<Tensor> floats;
};

Copies copies_of(const Computation& step) {
  Copies copies;
  for (const Update& update : step.updates) {
    const Tensor& x = update.variable;
    const Tensor copy = variable(zeros_like(x), x.node().label + "/copy");
    copies.take.push_back({copy, x});
    copies.restore.push_back({x, copy});
    if (x.dtype() == DType::f32) copies.floats.push_back(x);
  }
  return copies;
}

Tensor any_wild(const std::vector<Tensor>& tensors) {
  Tensor wild = constant(0, {}, DType::boolean);
  for (const Tensor& tensor : tensors) wild = wild || has_wild(tensor);
  return wild;
}

// Those of `feeds` that the outputs depend on.
Program::Feeds feeds_of(const std::vector<Tensor>& outputs, Program::Feeds feeds) {
  const std::vector<const Node*> used = topological_order(outputs);
  std::erase_if(feeds, [&](const auto& feed) {
    return std::find(used.begin(), used.end(), feed.first.get()) == used.end();
  });
  return feeds;
}

enum class Wildness { none, infinite, nan };

Wildness wildness_of(float element) {
  return std::isnan(element) ? Wildness::nan : std::isinf(element) ? Wildness::infinite : Wildness::none;
}

// The worst kind of value found, and its first position.
struct Finding {
  Wildness wildness = Wildness::none;
  std::size_t place = 0;
};

Finding look_at(const std::vector<float>& elements) {
  Finding found;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (const Wildness now = wildness_of(elements[i]); now > found.wildness)
      found = {.wildness = now, .place = i};
  }
  return found;
}

std::string place_in(const Shape& shape, std::size_t place) {
  std::vector<std::int64_t> position;
  for (const std::int64_t stride : strides_of(shape)) {
    position.push_back(static_cast<std::int64_t>(place) / stride);
    place %= static_cast<std::size_t>(stride);
  }
  return shape.rank() == 0 ? "" : fmt::format(", first at [{}]", fmt::join(position, ","));
}

std::string sentence(const Node& node, const Finding& found,
                     const std::unordered_map<const Node*, std::string>& layers) {
  const char* what = found.wildness == Wildness::nan ? "NaN" : "infinity";
  if (is_storage(node.op->kind))
    return fmt::format("{} {}{} holds {}{}", node.label.empty() ? "the data" : node.label, name(node.dtype),
                       to_string(node.shape), what, place_in(node.shape, found.place));
  std::string operands;
  for (const Tensor& input : node.inputs) operands += (operands.empty() ? "" : ", ") + describe(input);
  const auto layer = layers.find(&node);
  return fmt::format("the first {} comes from {}({}) {}", what, node.op->name, operands,
                     layer != layers.end() ? fmt::format("in layer '{}'", layer->second)
                                           : "in the loss, the gradients or the update");
}

}  // namespace

Snapshot::Snapshot(const Computation& step)
    : Snapshot([&] {
        const Copies copies = copies_of(step);
        return std::array{compile({.updates = copies.take}), compile({.updates = copies.restore}),
                          compile({.outputs = {any_wild(copies.floats)}})};
      }()) {}

Snapshot::Snapshot(const std::array<Program, 3>& programs)
    : take_(programs[0]), restore_(programs[1]), look_(programs[2]) {}

void Snapshot::take() { take_.run(); }
void Snapshot::restore() { restore_.run(); }
bool Snapshot::is_finite() { return look_.run()[0].item<int>() == 0; }

std::string first_not_finite(const TrainingStep& step, const Program::Feeds& feeds) {
  // Roots in this order, so that nodes on the way to the loss are examined before those of gradients.
  std::vector<Tensor> roots{step.loss};
  for (const Update& update : step.computation.updates) roots.push_back(update.value);
  std::vector<Tensor> nodes = tensors_in_order(roots);
  std::erase_if(nodes, [](const Tensor& t) { return !is_float(t.dtype()) || t.count() == 0; });

  const auto names = layers_of(step.layers);
  std::unordered_map<const Node*, Wildness> known;
  const Node* infinite = nullptr;
  Finding infinity;
  // In chunks, as each result is stored as a whole.
  constexpr std::size_t together = 16;
  for (std::size_t begin = 0; begin < nodes.size(); begin += together) {
    const std::size_t end = std::min(begin + together, nodes.size());
    Computation part;
    part.outputs.assign(nodes.begin() + static_cast<std::ptrdiff_t>(begin),
                        nodes.begin() + static_cast<std::ptrdiff_t>(end));
    const Program::Feeds fed = feeds_of(part.outputs, feeds);
    const std::vector<Tensor> values = compile(std::move(part)).run(fed);
    for (std::size_t i = begin; i < end; ++i) {
      const Node& node = nodes[i].node();
      const Finding found = look_at(values[i - begin].to_vector());
      const Wildness now = found.wildness;
      known[&node] = now;
      Wildness before = Wildness::none;
      for (const Tensor& input : node.inputs) {
        const auto of_input = known.find(input.get());
        if (of_input != known.end()) before = std::max(before, of_input->second);
      }
      if (now == Wildness::nan && before != Wildness::nan) {
        const std::string cause = sentence(node, found, names);
        return infinite ? fmt::format("{}; before it, {}", cause, sentence(*infinite, infinity, names))
                        : cause;
      }
      if (now == Wildness::infinite && before == Wildness::none && !infinite) {
        infinite = &node;
        infinity = found;
      }
    }
  }
  if (infinite) return sentence(*infinite, infinity, names);
  return "no operation of the step gives NaN or infinity when it is computed by itself";
}

}  // namespace hekla
