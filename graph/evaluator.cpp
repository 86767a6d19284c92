// Evaluating tensors: finding the compiled form of a graph by its structure, and keeping values where they
// were computed.
#include "graph/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "graph/error.h"
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

// A number that is the same in every element, such as an optimizer's moments at the start, needs no kernel: a
// driver would compile one for each size.
HostArray initial_elements(const Tensor& initial, const std::shared_ptr<Evaluator>& device) {
  const Node& node = initial.node();
  if (node.op->kind == Kind::constant)
    return filled(node.shape.count(), convert(node.attributes.number, node.dtype));
  evaluate({.outputs = {initial}}, device);
  return node.value->to_host(node);
}

}  // namespace

const std::shared_ptr<Evaluator>& default_device() {
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

Value::Value(std::shared_ptr<Evaluator> owner, std::shared_ptr<Storage> storage) {
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
  if (host_) return *host_;
  if (copies_.empty()) on(default_device(), node);
  const Copy& copy = copies_.front();
  return copy.device->download(*copy.storage, node.dtype, node.shape.count());
}

void Value::assign(HostArray host) {
  const RuntimeLock lock;
  initial_ = {};
  copies_.clear();
  host_ = std::make_shared<HostArray>(std::move(host));
}

void Value::keep_only(const std::shared_ptr<Evaluator>& device) {
  host_.reset();
  std::erase_if(copies_, [&](const Copy& copy) { return copy.device != device; });
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
  visit_in_order(roots, stop_at_values, [&](const Tensor& tensor) {
    const Node* node = tensor.get();
    const bool leaf = is_storage(node->op->kind) || (stop_at_values && node->value != nullptr);
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

void evaluate(const Computation& computation, const std::shared_ptr<Evaluator>& chosen) try {
  check_updates(computation.updates);
  const RuntimeLock lock;
  Computation missing{.updates = computation.updates};
  for (const Tensor& output : computation.outputs) {
    if (!output.defined()) throw Error("[evaluate] an empty tensor has no value; assign it one first.");
    const bool known = output.node().value != nullptr || is_storage(output.node().op->kind);
    if (!known) missing.outputs.push_back(output);
  }
  if (missing.outputs.empty() && missing.updates.empty()) return;

  const std::shared_ptr<Evaluator> device = chosen ? chosen : default_device();
  Structure structure = structure_of(missing, true);
  std::shared_ptr<Executable> executable = device->plans.find(structure.key);
  if (!executable) {
    executable = device->prepare(missing, true);
    device->plans.insert(std::move(structure.key), executable);
  }
  const std::vector<std::shared_ptr<Storage>> leaves = storages_of(structure.leaves, device);
  for (const Update& update : missing.updates) update.variable.node().value->keep_only(device);
  const std::vector<std::shared_ptr<Storage>> results = executable->run(leaves, 1);
  for (std::size_t i = 0; i < results.size(); ++i) {
    missing.outputs[i].node().value = std::make_shared<Value>(device, results[i]);
  }
} catch (const std::bad_alloc&) {
  throw no_host_memory("evaluate", "the plan or the values of this computation");
}

const Tensor& Tensor::eval() const {
  evaluate({.outputs = {*this}});
  return *this;
}

Tensor Tensor::detach() const {
  const RuntimeLock lock;
  eval();
  // A variable's memory changes under its updates; the leaf must keep the value of this moment.
  std::shared_ptr<Value> value =
      is_storage(node_->op->kind) ? std::make_shared<Value>(to_host()) : node_->value;
  return make_leaf(data_op, shape(), dtype(), std::move(value), node_->label);
}

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
