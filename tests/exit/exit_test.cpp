// A program of its own: its static tensor and program outlive the driver. NVIDIA's driver is unloaded by
// then, so no function of it can be called to release anything.
#include <cstdio>
#include <optional>

#include "hekla.h"

// Static destructors run in reverse order: constructed before the driver is loaded, these are destroyed after
// it is unloaded.
hekla::Tensor held;
std::optional<hekla::Program> program;

int main() {
  held = (hekla::variable(hekla::tensor({1.0, 2, 3})) * 2).eval();
  program = hekla::compile({.outputs = {held + 1}});
  const bool right = program->run().front().to_vector() == std::vector<float>{3, 5, 7};
  std::puts(right ? "computed" : "wrong");
  return right ? 0 : 1;
}
