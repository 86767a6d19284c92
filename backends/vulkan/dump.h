// HEKLA_DUMP: writes compiled computations to files for inspection.
#pragma once

#include "backends/vulkan/recording.h"
#include "graph/run/evaluator.h"

namespace hekla::vulkan {

/// Writes plan.txt, graph.dot and kernels/*.comp into the folder `number` below dump_folder(). A write
/// failure is reported on stderr and otherwise ignored.
void dump(const Graph& graph, const CompiledPlan& compiled, int number);

}  // namespace hekla::vulkan
