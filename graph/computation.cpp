#include "graph/computation.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "graph/node_map.h"

namespace hekla {

std::vector<Tensor> roots_of(const Computation& computation) {
  std::vector<Tensor> roots = computation.outputs;
  for (const Update& update : computation.updates) {
    roots.push_back(update.variable);
    roots.push_back(update.value);
  }
  return roots;
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

}  // namespace hekla
