// Validity of held values by timestamps (moments). The variables below a value are collected only when one
// has changed while the value was held: most values are freed before that.
#include "graph/run/current.h"

#include <algorithm>
#include <atomic>

#include "graph/run/value.h"
#include "graph/visit.h"

namespace hekla {

namespace {

std::atomic<Moment> changes = 0;

}  // namespace

Moment latest_change() { return changes; }
Moment next_change() { return ++changes; }

bool is_current(const Node& node) {
  return node.value != nullptr && (is_storage(node.op->kind) || node.value->is_current_for(node));
}

bool Value::is_current_for(const Node& node) {
  const Moment now = latest_change();
  if (checked_ == now) return true;
  if (!sources_known_) find_sources(node);
  for (const Value* variable : sources_) {
    if (variable->made_ > made_) return false;
  }
  checked_ = now;
  return true;
}

void Value::find_sources(const Node& node) {
  const auto is_known = [](const Node& below) {
    return below.value != nullptr && !is_storage(below.op->kind) && below.value->sources_known_;
  };
  std::vector<const Value*> found;
  visit_in_order(node.inputs, is_known, [&](const Tensor& tensor, bool known) {
    const Node& below = tensor.node();
    if (known) found.insert(found.end(), below.value->sources_.begin(), below.value->sources_.end());
    if (below.op->kind == Kind::variable) found.push_back(below.value.get());
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  sources_ = std::move(found);
  sources_known_ = true;
}

}  // namespace hekla
