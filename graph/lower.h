// Lowering: from a group of nodes to a kernel's scalar programs.
#pragma once

#include <functional>

#include "graph/fuse.h"
#include "graph/kernel.h"

namespace hekla {

/// The memory slot that holds a node's elements where a kernel reads them; -1 for a node that is computed.
using SlotOf = std::function<int(const Node&)>;

/// The kernel of `group`. Its stores name positions in `group.results` instead of slots; the caller fills in
/// the slots. Throws hekla::Error if the group needs more loops than there are axes.
Kernel lower(const Group& group, const SlotOf& slot_of);

}  // namespace hekla
