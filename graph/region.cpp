// Regions.
#include "graph/region.h"

#include <algorithm>
#include <map>

namespace hekla {

namespace {

// How many elements of the view show the same element of its input: the sizes of the axes it does not depend
// on.
double repetition(const Node& view_node) {
  const View view = view_node.op->view(view_node);
  std::uint64_t used = 0;
  for (const Index& index : view.index) used |= index.axes();
  for (const View::Bound& bound : view.bounds) used |= bound.value.axes();
  double repeated = 1;
  for (int axis = 0; axis < view_node.shape.rank(); ++axis) {
    if (!(used >> axis & 1)) repeated *= static_cast<double>(view_node.shape[axis]);
  }
  return repeated;
}

}  // namespace

std::size_t inputs_read(const Node& node) { return node.op->kind == Kind::view ? 1 : node.inputs.size(); }

double needed_by(const Node& user, double needed) {
  switch (user.op->kind) {
    case Kind::reduce:
      return needed * static_cast<double>(user.inputs[0].count()) /
             std::max(1.0, static_cast<double>(user.shape.count()));
    case Kind::view:
      return std::max(1.0, needed / repetition(user));
    default:
      return needed;
  }
}

Region region_under(const Node& root, const IsStored& is_stored,
                    const std::unordered_map<const Node*, int>& position, int limit) {
  Region region;
  std::map<int, Region::Member, std::greater<>> open{{position.at(&root), {&root, 1}}};
  while (!open.empty() && static_cast<int>(region.inner.size()) <= limit) {
    const Region::Member member = open.begin()->second;
    open.erase(open.begin());
    const Node& node = *member.node;
    if (&node != &root && is_stored(node)) {
      region.loads.push_back(&node);
      region.work += member.needed;
      continue;
    }
    if (is_storage(node.op->kind)) {
      region.loads.push_back(&node);
      region.work += member.needed;
      continue;
    }
    region.inner.push_back(member);
    const double below = needed_by(node, member.needed);
    if (node.op->kind == Kind::reduce) {
      ++region.folds;
      region.iterations += below;
      region.work += below;
    } else {
      region.work += member.needed * node.op->cost;
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Node* input = node.inputs[i].get();
      Region::Member& slot = open.try_emplace(position.at(input), Region::Member{input, 0}).first->second;
      if (i < inputs_read(node)) slot.needed = std::max(slot.needed, below);
    }
  }
  return region;
}

}  // namespace hekla
