// Writes models as ONNX into a folder, each beside a batch and what hekla makes of it, for judge.py.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "tests/onnx/written_models.h"
#include "train/files/npy.h"
#include "train/onnx/save.h"

int main(int argc, char** argv) try {
  using namespace hekla;
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  for (const testing::WrittenModel& written : testing::written_models()) {
    onnx::save(written.model, folder / (written.name + ".onnx"));
    const auto save_all = [&](const std::vector<Tensor>& tensors, const char* kind) {
      for (std::size_t i = 0; i < tensors.size(); ++i)
        save_npy(folder / fmt::format("{}.{}_{}.npy", written.name, kind, i), tensors[i]);
    };
    save_all(written.inputs, "input");
    save_all(written.outputs(), "output");
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
