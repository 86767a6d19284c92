// Which held values are current: a value computed from a variable is valid until that variable changes.
#pragma once

#include <cstdint>

#include "graph/tensor.h"

namespace hekla {

/// A logical timestamp: the position in the order of all changes of variables in this process.
using Moment = std::uint64_t;

/// When a variable was changed last.
Moment latest_change();
/// The moment of a change that is made now.
Moment next_change();

/// True where a node has elements in memory, and they are what its expression gives now: for leaves that have
/// elements, and for nodes that were computed after the latest change of every variable that they depend on.
bool is_current(const Node& node);

}  // namespace hekla
