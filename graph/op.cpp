// Accessors for the attributes that each kind reads from a node.
#include "graph/op.h"

#include "graph/tensor.h"

namespace hekla {

std::span<const std::int64_t> reduced_axes(const Node& reduce) { return reduce.attributes.integers; }

int iota_axis(const Node& iota) { return static_cast<int>(iota.attributes.integers[0]); }

int gather_axis(const Node& gather) { return static_cast<int>(gather.attributes.integers[0]); }

double constant_value(const Node& constant) { return constant.attributes.number; }

}  // namespace hekla
