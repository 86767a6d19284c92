#include "graph/run/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "graph/error.h"
#include "graph/run/runtime_lock.h"

namespace hekla {

namespace {

HostArray filled(std::int64_t count, double number) {
  const bool fits_f32 = static_cast<float>(number) == number;
  HostArray array(fits_f32 ? HostArray::Format::f32 : HostArray::Format::f64, count);
  for (std::int64_t i = 0; i < count; ++i) array.set(i, number);
  return array;
}

// Doubles rounded to f32; nothing where all of them are floats already.
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

// A constant initial value, such as an optimizer's moments, is filled in without a kernel: a driver would
// compile one for each size.
HostArray initial_elements(const Tensor& initial, const std::shared_ptr<Evaluator>& device) {
  const Node& node = initial.node();
  if (node.op->kind == Kind::constant)
    return filled(node.shape.count(), convert(constant_value(node), node.dtype));
  return evaluate({.outputs = {initial}}, device)[0].to_host();
}

}  // namespace

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
    // Copied through the host, so that updates never write to memory that another holder of the initial value
    // shares.
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

}  // namespace hekla
