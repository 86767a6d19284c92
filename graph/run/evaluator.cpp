// Evaluating tensors, on a given device or on the default one.

#include <fmt/format.h>

#include <new>

#include "graph/error.h"
#include "graph/host_memory.h"
#include "graph/run/current.h"
#include "graph/run/prepare.h"
#include "graph/run/runtime_lock.h"
#include "graph/run/value.h"

namespace hekla {

namespace {

// Never destroyed, so that no destructor runs at exit: a device releases itself then
// (backends/vulkan/at_exit.cpp).
std::shared_ptr<Evaluator>& default_slot() {
  static auto& device = *new std::shared_ptr<Evaluator>;
  return device;
}

Tensor leaf_of(const Node& node, std::shared_ptr<Value> value) {
  return make_leaf(data_op, node.shape, node.dtype, std::move(value), node.label);
}

}  // namespace

std::vector<compiler::NumberArray> Executable::number_leaves(std::span<const double>) const { return {}; }

Evaluator::Evaluator() : compiled_(std::make_unique<CompiledComputations>()) {}
Evaluator::~Evaluator() = default;

std::size_t Evaluator::compiled_count() const { return compiled_->plans.size(); }
void Evaluator::forget_compiled() { *compiled_ = CompiledComputations(); }

std::shared_ptr<Evaluator> default_device() {
  const RuntimeLock lock;
  if (!default_slot()) default_slot() = open_device("");
  return default_slot();
}

void set_default_device(std::shared_ptr<Evaluator> device) {
  const RuntimeLock lock;
  default_slot().swap(device);
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
    // A variable's memory will be overwritten by updates, so its present value is a copy.
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
  compiler::Capture captured = compiler::capture(missing, is_current);
  const Prepared prepared = prepare(missing, captured, *device);
  std::vector<std::shared_ptr<Storage>> leaves = storages_of(captured.leaves, device);
  for (const compiler::NumberArray& numbers : prepared.numbers)
    leaves.push_back(device->upload(numbers.elements, numbers.dtype, "numbers"));
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
