// Regions: size and cost estimates of a fused kernel. A node that is read through different views is computed
// at each position they lead to, so a kernel grows with these positions, not with the nodes alone. Two paths
// may lead to one position, so the counted statements and folds are an upper bound. Work and iterations count
// each node once.
#include "graph/compiler/region.h"

#include <algorithm>
#include <map>

#include "graph/compiler/kernel.h"

namespace hekla::compiler {

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t more) {
  return (hash ^ more) * 0x9e3779b97f4a7c15ull ^ (hash >> 29);
}

std::vector<std::uint64_t> dependencies_of(const View& view) {
  std::vector<std::uint64_t> axes;
  for (const Index& index : view.index) axes.push_back(index.axes());
  // Where a border lies depends on an axis, too, even if the position does not.
  for (const View::Bound& bound : view.bounds) {
    for (std::uint64_t& one : axes) one |= bound.value.axes();
  }
  return axes;
}

// Axis i moves to i + by; those that leave [0, rank) are lost.
std::uint64_t shifted(std::uint64_t axes, int by, int rank) {
  return (by < 0 ? axes >> -by : axes << by) & ((std::uint64_t{1} << rank) - 1);
}

double elements_along(std::uint64_t axes, const Shape& shape) {
  double elements = 1;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axes >> axis & 1) elements *= static_cast<double>(shape[axis]);
  }
  return elements;
}

std::uint64_t hash_of(const View& view) {
  std::uint64_t hash = 1;
  for (const Index& index : view.index) hash = mix(hash, index.hash());
  return hash;
}

// A node being visited, and the positions requested of it, as hashes of the paths that lead there.
struct Visit {
  const Node* node;
  Needed needed = {0, 0};  // for those of the root, loops hoisted
  std::vector<std::uint64_t> positions = {};

  void ask(const Needed& more, std::uint64_t position) {
    needed.ask(more);
    if (std::find(positions.begin(), positions.end(), position) == positions.end())
      positions.push_back(position);
  }
};

}  // namespace

std::size_t inputs_read(const Node& node) { return node.op->kind == Kind::view ? 1 : node.inputs.size(); }

Regions::Regions(std::span<const Node* const> order, const DeviceProfile& device) : device_(device) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Node& node = *order[i];
    place_[&node] = static_cast<int>(i);
    if (node.op->kind != Kind::view) continue;
    const View view = node.op->view(node);
    views_[&node] = {hash_of(view), dependencies_of(view)};
  }
}

Needed Regions::needed_by(const Node& user, std::size_t input, const Needed& needed) const {
  const Shape& shape = user.inputs[input].shape();
  const auto among = [&](std::uint64_t axes, double at_most) {
    return Needed{std::min(at_most, elements_along(axes, shape)), axes};
  };
  switch (user.op->kind) {
    case Kind::elementwise:
      return needed;
    case Kind::reduce: {
      Needed all = needed;
      for (const std::int64_t axis : reduced_axes(user)) {
        all.elements *= static_cast<double>(shape[static_cast<int>(axis)]);
        all.axes |= std::uint64_t{1} << axis;
      }
      return all;
    }
    case Kind::view: {
      std::uint64_t below = 0;
      const std::vector<std::uint64_t>& dependencies = views_.at(&user).axes;
      for (std::size_t axis = 0; axis < dependencies.size(); ++axis) {
        if (dependencies[axis] & needed.axes) below |= std::uint64_t{1} << axis;
      }
      return among(below, needed.elements);
    }
    case Kind::gather: {
      if (input == 0) break;
      const int first = gather_axis(user), end = first + shape.rank();
      // Neighbours share a gather index where axes follow the gathered axis: at least the four elements of a
      // quad.
      const double share = end < user.shape.rank() ? quad : 1;
      Needed index = among(shifted(needed.axes, -first, shape.rank()), needed.elements);
      index.elements = std::min(index.elements, needed.elements / share);
      return index;
    }
    default:
      break;
  }
  return {needed.elements, needed.axes == 0 ? 0 : shifted(~std::uint64_t{0}, 0, shape.rank())};
}

std::uint64_t Regions::position_in(const Node& user, std::size_t input, std::uint64_t position) const {
  if (user.op->kind == Kind::elementwise) return position;
  if (user.op->kind == Kind::view) return mix(position, views_.at(&user).moves);
  return mix(position, static_cast<std::uint64_t>(place_.at(&user)) * 8 + input);
}

Region Regions::under(const Node& root, const IsStored& is_stored, int limit, const Needed& needed) const {
  Region region;
  std::map<int, Visit, std::greater<>> open;
  open[place(&root)] = {.node = &root, .needed = needed, .positions = {0}};
  while (!open.empty() && region.statements <= limit) {
    const Visit visit = std::move(open.begin()->second);
    open.erase(open.begin());
    const Node& node = *visit.node;
    if (node.op->kind != Kind::view) region.statements += static_cast<int>(visit.positions.size());
    if (is_storage(node.op->kind) || (&node != &root && is_stored(node))) {
      region.loads.push_back(&node);
      if (!visit.positions.empty()) region.reads.push_back(&node);
      // Narrow elements are packed several to a word, so their loads are cheaper.
      region.work += visit.needed.elements * static_cast<double>(size_of(node.dtype)) * device_.byte_work;
      continue;
    }
    region.inner.push_back(&node);
    if (node.op->kind == Kind::reduce) {
      const double below = needed_by(node, 0, visit.needed).elements;
      region.folds += static_cast<int>(visit.positions.size());
      region.iterations += below;
      region.work += below * device_.fold_step_work;
    } else if (node.op->kind != Kind::view && node.op->kind != Kind::constant) {
      // Views fold into indices and constants into expressions: neither costs work.
      region.work += visit.needed.elements * node.op->cost;
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Node* input = node.inputs[i].get();
      Visit& next = open.try_emplace(place(input), Visit{.node = input}).first->second;
      if (i >= inputs_read(node)) continue;
      const Needed below = needed_by(node, i, visit.needed);
      for (const std::uint64_t position : visit.positions) next.ask(below, position_in(node, i, position));
    }
  }
  return region;
}

std::vector<Load> Regions::loads_of(const Node& root, const IsStored& is_stored) const {
  // A node is visited again when it is first found not in place, or first found read after it was only a
  // dependency.
  std::unordered_map<const Node*, Load> met{{&root, {&root, true}}};
  std::vector<Load> open{{&root, true}};
  std::vector<Load> loads;
  while (!open.empty()) {
    const Load visit = open.back();
    open.pop_back();
    const Node& node = *visit.node;
    if (is_storage(node.op->kind) || (&node != &root && is_stored(node))) {
      loads.push_back(visit);
      continue;
    }
    const bool passes =
        node.op->kind == Kind::elementwise || (node.op->kind == Kind::view && keeps_order(node));
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const bool is_read = i < inputs_read(node);
      Load next{node.inputs[i].get(), visit.in_place && passes && is_read, visit.is_read && is_read};
      const auto [known, is_new] = met.try_emplace(next.node, next);
      if (!is_new) {
        const Load before = known->second;
        next.in_place &= before.in_place;
        next.is_read |= before.is_read;
        if (next.in_place == before.in_place && next.is_read == before.is_read) continue;
        known->second = next;
      }
      open.push_back(next);
    }
  }
  std::sort(loads.begin(), loads.end(),
            [&](const Load& a, const Load& b) { return place(a.node) < place(b.node); });
  const auto same = [](const Load& a, const Load& b) { return a.node == b.node; };
  loads.erase(std::unique(loads.begin(), loads.end(), same), loads.end());
  // A node visited twice takes the stricter result.
  for (Load& load : loads) load = met.at(load.node);
  return loads;
}

}  // namespace hekla::compiler
