// Lowering: from a group of nodes to a kernel's scalar programs.
#pragma once

#include <functional>

#include "graph/compiler/fuse.h"
#include "graph/compiler/kernel.h"
#include "graph/error.h"

namespace hekla::compiler {

/// The memory slot that holds a node's elements where a kernel reads them; -1 for a node that is computed.
using SlotOf = std::function<int(const Node&)>;

/// Error for groups whose kernels would nest more loops than there are axes, or iterate longer than an
/// invocation may.
class KernelTooLarge : public Error {
 public:
  using Error::Error;
  std::vector<const Node*> nodes =
      {};  ///< what the kernels are built around and store; the scheduler fills it in
};

/// Error for a kernel that touches more memory slots than a device binds to one.
class TooManyBindings : public Error {
 public:
  using Error::Error;
};

/// The kernel of `group` for `device`. Its stores name positions in `group.results` instead of slots; the
/// caller fills in the slots. Throws KernelTooLarge, and Error where positions are too many for 32 bits (see
/// positions.h).
Kernel lower(const Group& group, const SlotOf& slot_of, const DeviceProfile& device);

}  // namespace hekla::compiler
