// HEKLA_DUMP: compiled computations as files to look at.
#pragma once

#include "backends/vulkan/recording.h"
#include "graph/run/evaluator.h"

namespace hekla::vulkan {

/// Writes plan.txt, graph.dot and kernels/*.comp into the folder `number` below dump_folder(); a folder that
/// cannot be written is told on stderr and does no harm.
void dump(const Graph& graph, const CompiledPlan& compiled, int number);

}  // namespace hekla::vulkan
