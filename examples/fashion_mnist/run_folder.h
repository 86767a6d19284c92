// RunFolder: where a training leaves its files.
#pragma once

#include <filesystem>

namespace hekla::fashion_mnist {

struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path settings() const { return path / "settings.json"; }
  std::filesystem::path history() const { return path / "history.csv"; }
  std::filesystem::path state() const { return path / "state.safetensors"; }
  std::filesystem::path weights() const { return path / "weights.safetensors"; }
  std::filesystem::path result() const { return path / "result.json"; }
  std::filesystem::path summary() const { return path / "summary.txt"; }
  std::filesystem::path learning_curve() const { return path / "learning_curve.svg"; }
  std::filesystem::path confusion() const { return path / "confusion.svg"; }
  std::filesystem::path mistakes() const { return path / "mistakes.png"; }
  std::filesystem::path comparison() const { return path / "comparison.svg"; }
  std::filesystem::path comparison_table() const { return path / "comparison.csv"; }
  std::filesystem::path report() const { return path / "report.html"; }
};

/// Makes the folder where it is missing. Throws hekla::Error when it cannot be made or written to.
RunFolder open_folder(const std::filesystem::path& path);

/// Removes the files of the run before, which must not be taken for those of the one that begins.
void clear_folder(const RunFolder& folder);

}  // namespace hekla::fashion_mnist
