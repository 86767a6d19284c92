// See run_folder.h.
#include "examples/fashion_mnist/run_folder.h"

#include <fmt/format.h>

#include <system_error>

#include "graph/error.h"
#include "train/files/atomic_file.h"

namespace hekla::fashion_mnist {

RunFolder open_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw Error(fmt::format("[out] the folder {} cannot be made ({}); choose another with --out.",
                            path.string(), error.message()));
  // Asked for now rather than after the first epoch; without a commit, nothing of it remains.
  const AtomicFile trial(path / "history.csv");
  return {path};
}

void clear_folder(const RunFolder& folder) {
  for (const auto& file :
       {folder.settings(), folder.history(), folder.state(), folder.weights(), folder.result(),
        folder.summary(), folder.learning_curve(), folder.confusion(), folder.mistakes(), folder.comparison(),
        folder.comparison_table(), folder.report()}) {
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error)
      throw Error(fmt::format("[out] {} cannot be replaced ({}); choose another folder with --out.",
                              file.string(), error.message()));
  }
}

}  // namespace hekla::fashion_mnist
