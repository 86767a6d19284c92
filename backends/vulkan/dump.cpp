// Dumps.
#include "backends/vulkan/dump.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "graph/debug.h"
#include "graph/print.h"

namespace hekla::vulkan {

namespace {

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

void dump(const Graph& graph, const CompiledPlan& compiled, int number) {
  const std::filesystem::path folder = std::filesystem::path(dump_folder()) / fmt::format("{:03}", number);
  std::error_code failure;
  std::filesystem::create_directories(folder / "kernels", failure);
  if (failure) {
    fmt::print(stderr, "hekla: cannot write HEKLA_DUMP folder {}: {}\n", folder.string(), failure.message());
    return;
  }
  std::vector<Tensor> roots = graph.outputs;
  for (const Graph::Assignment& assignment : graph.assignments) roots.push_back(assignment.value);
  write(folder / "graph.dot", to_dot(roots));
  write(folder / "plan.txt", to_string(compiled.plan));
  for (std::size_t k = 0; k < compiled.kernels.size(); ++k) {
    write(folder / "kernels" / fmt::format("{:02}.comp", k),
          fmt::format("// {}\n{}", compiled.kernels[k].label, compiled.kernels[k].glsl));
  }
}

}  // namespace hekla::vulkan
