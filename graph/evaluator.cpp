// Evaluating tensors: finding the compiled form of a graph by its structure, and keeping values where they
// were computed.
#include "graph/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>

#include "graph/current.h"
#include "graph/error.h"
#include "graph/graph.h"
#include "graph/hash.h"
#include "graph/host_memory.h"
#include "graph/runtime_lock.h"
#include "graph/takes_memory.h"
#include "graph/visit.h"

namespace hekla {

namespace {

// Never destroyed: a device gives itself back at exit (backends/vulkan/at_exit.cpp).
std::shared_ptr<Evaluator>& default_slot() {
  static auto& device = *new std::shared_ptr<Evaluator>;
  return device;
}

HostArray filled(std::int64_t count, double number) {
  const bool fits_f32 = static_cast<float>(number) == number;
  HostArray array(fits_f32 ? HostArray::Format::f32 : HostArray::Format::f64, count);
  for (std::int64_t i = 0; i < count; ++i) array.set(i, number);
  return array;
}

// Of the host's memory, for all plans of a device that are kept.
constexpr std::size_t most_plan_bytes = std::size_t{512} << 20;

std::size_t bytes_of(const StructureKey& key, const Executable& executable) {
  const auto* sized = dynamic_cast<const TakesMemory*>(&executable);
  return key.size() * sizeof key[0] + (sized != nullptr ? sized->host_bytes() : 0);
}

// Doubles as f32 holds them; nothing where all of them are floats already.
std::optional<HostArray> rounded(const HostArray& elements) {
  if (elements.format() != HostArray::Format::f64) return std::nullopt;
  HostArray floats(HostArray::Format::f32, elements.count());
  bool exact = true;
  for (std::int64_t i = 0; i < elements.count(); ++i) {
    const double number = elements.at(i);
    floats.set(i, number);
    exact &= floats.at(i) == number || std::isnan(number);
  }
  if (exact) return std::nullopt;
  return floats;
}

// A number that is the same in every element, such as an optimizer's moments at the start, needs no kernel: a
// driver would compile one for each size.
HostArray initial_elements(const Tensor& initial, const std::shared_ptr<Evaluator>& device) {
  const Node& node = initial.node();
  if (node.op->kind == Kind::constant)
    return filled(node.shape.count(), convert(node.attributes.number, node.dtype));
  return evaluate({.outputs = {initial}}, device)[0].to_host();
}

Tensor leaf_of(const Node& node, std::shared_ptr<Value> value) {
  return make_leaf(data_op, node.shape, node.dtype, std::move(value), node.label);
}

}  // namespace

std::shared_ptr<Evaluator> default_device() {
  const RuntimeLock lock;
  if (!default_slot()) default_slot() = open_device("");
  return default_slot();
}

void set_default_device(std::shared_ptr<Evaluator> device) {
  const RuntimeLock lock;
  default_slot().swap(device);
}

// Values
// ---------------------------------------------------------------------------------------------------------

Value::Value(HostArray host) : host_(std::make_shared<HostArray>(std::move(host))), made_(latest_change()) {}

Value::Value(Tensor initial) : initial_(std::move(initial)), made_(latest_change()) {}

Value::Value(std::shared_ptr<Evaluator> owner, std::shared_ptr<Storage> storage, Moment made)
    : made_(made), checked_(made) {
  copies_.push_back({std::move(owner), std::move(storage)});
}

std::shared_ptr<Storage> Value::on(const std::shared_ptr<Evaluator>& device, const Node& node) {
  for (const Copy& copy : copies_) {
    if (copy.device == device) return copy.storage;
  }
  if (initial_.defined()) {
    // Through the host, so that no other holder of the initial value shares the memory that updates will
    // write.
    if (initial_.node().label.empty()) initial_.label(node.label);  // what a failure to find memory will name
    host_ = std::make_shared<HostArray>(initial_elements(initial_, device));
    initial_ = {};
  }
  std::shared_ptr<Storage> storage = device->upload(host_ ? *host_ : to_host(node), node.dtype, node.label);
  copies_.push_back({device, storage});
  return storage;
}

HostArray Value::to_host(const Node& node) {
  if (host_) {
    const std::optional<HostArray> floats = node.dtype == DType::f32 ? rounded(*host_) : std::nullopt;
    if (!floats) return *host_;
    const std::shared_ptr<Evaluator> device = copies_.empty() ? default_device() : copies_.front().device;
    return device->keeps_doubles() ? *host_ : *floats;
  }
  if (copies_.empty()) on(default_device(), node);
  const Copy& copy = copies_.front();
  return copy.device->download(*copy.storage, node.dtype, node.shape.count());
}

void Value::assign(HostArray host) {
  const RuntimeLock lock;
  initial_ = {};
  copies_.clear();
  host_ = std::make_shared<HostArray>(std::move(host));
  made_ = next_change();
}

void Value::change_on(const std::shared_ptr<Evaluator>& device) {
  host_.reset();
  std::erase_if(copies_, [&](const Copy& copy) { return copy.device != device; });
  made_ = next_change();
}

// Structure
// ------------------------------------------------------------------------------------------------------

Structure structure_of(const Computation& computation, bool stop_at_values) {
  std::vector<Tensor> roots = computation.outputs;
  for (const Update& update : computation.updates) {
    roots.push_back(update.variable);
    roots.push_back(update.value);
  }
  Structure structure;
  structure.key.reserve(1000);  // of a small model's step
  NodeMap<std::uint64_t> position;
  const auto position_of = [&](const Tensor& tensor) { return *position.find(tensor.get()); };
  std::uint64_t visited = 0;
  const auto ends_at = [&](const Node& node) { return is_leaf(node, stop_at_values); };
  visit_in_order(roots, ends_at, [&](const Tensor& tensor, bool leaf) {
    const Node* node = tensor.get();
    structure.key.push_back(leaf ? 0 : reinterpret_cast<std::uintptr_t>(node->op));
    structure.key.push_back(static_cast<std::uint64_t>(node->dtype) << 8 |
                            static_cast<std::uint64_t>(node->shape.rank()));
    for (const std::int64_t size : node->shape) structure.key.push_back(static_cast<std::uint64_t>(size));
    if (leaf) {
      structure.leaves.push_back(node);
    } else {
      structure.key.push_back(node->attributes.integers.size());
      for (const std::int64_t integer : node->attributes.integers) {
        structure.key.push_back(static_cast<std::uint64_t>(integer));
      }
      if (node->op == &constant_op && may_be_data(node->attributes.number, node->dtype))
        structure.numbers.push_back({structure.key.size(), node->dtype});
      structure.key.push_back(std::bit_cast<std::uint64_t>(node->attributes.number));
      for (const Tensor& input : node->inputs) structure.key.push_back(position_of(input));
    }
    position.add(node).first = visited++;
  });
  structure.key.push_back(computation.outputs.size());
  for (const Tensor& root : roots) structure.key.push_back(position_of(root));
  return structure;
}

void check_updates(std::span<const Update> updates) {
  NodeSet seen;
  for (const Update& update : updates) {
    if (!update.variable.defined() || update.variable.node().op->kind != Kind::variable) {
      throw Error(fmt::format("[update] {} is not a variable; only variables can be given a new value.",
                              describe(update.variable)));
    }
    if (!update.value.defined() || !(update.value.shape() == update.variable.shape()) ||
        update.value.dtype() != update.variable.dtype()) {
      throw Error(
          fmt::format("[update] variable {} cannot take {}; the new value must have the variable's shape and "
                      "dtype.",
                      describe(update.variable), describe(update.value)));
    }
    if (!seen.add(update.variable.get())) {
      throw Error(
          fmt::format("[update] variable {} is given two new values; one run updates a variable once.",
                      describe(update.variable)));
    }
  }
}

std::vector<std::shared_ptr<Storage>> storages_of(std::span<const Node* const> leaves,
                                                  const std::shared_ptr<Evaluator>& device) {
  std::vector<std::shared_ptr<Storage>> storages;
  storages.reserve(leaves.size());
  for (const Node* leaf : leaves) {
    if (!leaf->value) {
      throw Error(fmt::format(
          "[input] {}{}{}{} has no value: it stands for what a program is fed with, such as a "
          "model's batch; feed it to the compiled program, and inside of models and losses use "
          "operations instead of values.",
          leaf->label, leaf->label.empty() ? "" : " ", name(leaf->dtype), to_string(leaf->shape)));
    }
    storages.push_back(leaf->value->on(device, *leaf));
  }
  return storages;
}

// Evaluation
// -----------------------------------------------------------------------------------------------------

std::shared_ptr<Executable> PlanCache::find(const StructureKey& key) {
  const auto [first, last] = by_hash_.equal_range(HashWords()(key));
  for (auto found = first; found != last; ++found) {
    if (found->second->key != key) continue;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->executable;
  }
  return nullptr;
}

void PlanCache::insert(StructureKey key, std::shared_ptr<Executable> executable) {
  std::size_t bytes = bytes_of(key, *executable);
  for (const Entry& entry : entries_) bytes += bytes_of(entry.key, *entry.executable);
  while (!entries_.empty() && (entries_.size() >= capacity_ || bytes > most_plan_bytes)) {
    const auto oldest = std::prev(entries_.end());
    bytes -= bytes_of(oldest->key, *oldest->executable);
    const auto [first, last] = by_hash_.equal_range(HashWords()(oldest->key));
    by_hash_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == oldest; }));
    entries_.erase(oldest);
  }
  const std::size_t hash = HashWords()(key);
  entries_.push_front({std::move(key), std::move(executable)});
  by_hash_.emplace(hash, entries_.begin());
}

namespace {

// A structure's numbers, each once, in the order of their first use as collect() has them, and the key
// without them.
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
    // Which number it is, as bits that no number that is structure has: a NaN with a payload of its own.
    result.key[place] = ~static_cast<std::uint64_t>(found->second);
  }
  return result;
}

}  // namespace

Prepared prepare(const Computation& computation, bool stop_at_values, Structure& structure,
                 Evaluator& device) {
  const auto with_numbers = [](std::shared_ptr<Executable> executable, std::span<const double> values) {
    std::vector<HostArray> numbers = elements_of(executable->number_leaves(), executable->numbers(), values);
    return Prepared{std::move(executable), std::move(numbers)};
  };
  if (auto known = device.plans.find(structure.key)) return {std::move(known), {}};
  Abstracted now = abstracted(structure);
  const std::vector<bool>& changed = device.numbers.changed(HashWords()(now.key), now.values);
  const bool any = std::find(changed.begin(), changed.end(), true) != changed.end();
  if (any) {
    // No key of a structure begins like this, as that of a node with its operation and dtype.
    now.key.insert(now.key.begin(), ~std::uint64_t{0});
    for (std::size_t i = 0; i < changed.size(); ++i) {
      now.key.push_back(changed[i]);
      if (!changed[i]) now.key.push_back(std::bit_cast<std::uint64_t>(now.values[i]));
    }
    if (auto known = device.plans.find(now.key)) return with_numbers(std::move(known), now.values);
  }
  Graph graph = collect(computation, stop_at_values);
  for (std::size_t i = 0; i < changed.size(); ++i) graph.numbers[i].is_data = changed[i];
  std::shared_ptr<Executable> executable = device.prepare(graph);
  device.plans.insert(std::move(any ? now.key : structure.key), executable);
  return with_numbers(std::move(executable), now.values);
}

std::vector<Tensor> evaluate(const Computation& computation, const std::shared_ptr<Evaluator>& chosen) try {
  check_updates(computation.updates);
  const RuntimeLock lock;
  Computation missing{.updates = computation.updates};
  std::vector<Tensor> values;
  values.reserve(computation.outputs.size());
  for (const Tensor& output : computation.outputs) {
    if (!output.defined()) throw Error("[evaluate] an empty tensor has no value; assign it one first.");
    const Node& node = output.node();
    // A variable's memory will be written to; its value of this moment is a copy.
    const bool copied = node.op->kind == Kind::variable;
    if (node.op->kind == Kind::storage) {
      values.push_back(output);
    } else if (!copied && is_current(node)) {
      values.push_back(leaf_of(node, node.value));
    } else {
      values.emplace_back();
      missing.outputs.push_back(output);
    }
  }
  if (missing.outputs.empty() && missing.updates.empty()) return values;

  const std::shared_ptr<Evaluator> device = chosen ? chosen : default_device();
  const Moment start = latest_change();
  Structure structure = structure_of(missing, true);
  const Prepared prepared = prepare(missing, true, structure, *device);
  std::vector<std::shared_ptr<Storage>> leaves = storages_of(structure.leaves, device);
  for (std::size_t i = 0; i < prepared.numbers.size(); ++i) {
    const DType dtype = prepared.executable->number_leaves()[i].dtype;
    leaves.push_back(device->upload(prepared.numbers[i], dtype, "numbers"));
  }
  for (const Update& update : missing.updates) update.variable.node().value->change_on(device);
  const std::vector<std::shared_ptr<Storage>> results = prepared.executable->run(leaves, 1);
  std::size_t next = 0;
  for (Tensor& value : values) {
    if (value.defined()) continue;
    const Node& node = missing.outputs[next].node();
    const auto computed = std::make_shared<Value>(device, results[next++], start);
    if (node.op->kind != Kind::variable) node.value = computed;
    value = leaf_of(node, computed);
  }
  return values;
} catch (const std::bad_alloc&) {
  throw no_host_memory("evaluate", "the plan or the values of this computation");
}

const Tensor& Tensor::eval() const {
  if (!defined() || !is_storage(node_->op->kind)) evaluate({.outputs = {*this}});
  return *this;
}

Tensor Tensor::detach() const { return evaluate({.outputs = {*this}})[0]; }

HostArray Tensor::to_host() const try {
  const RuntimeLock lock;
  eval();
  const Node* leaf = node_.get();
  if (!node_->value) storages_of({&leaf, 1}, nullptr);  // throws
  return node_->value->to_host(*node_);
} catch (const std::bad_alloc&) {
  throw no_host_memory("to_host", describe(*this));
}

double Tensor::single() const {
  if (count() != 1) {
    throw Error(
        fmt::format("[item] {} has {} elements; item() takes a tensor with one element, to_vector() any.",
                    describe(*this), count()));
  }
  return to_host().at(0);
}

}  // namespace hekla
