// Baking a model: prediction, and training where wanted, as C++ source that needs nothing but a compiler, or for GPUs
// nothing but the Vulkan loader.
//
//   hk::bake(model, "net", {.batch_sizes = {32, 1}, .input_names = {"images"}, .output_names = {"probabilities"}});
//   // writes net.h and net.cpp:   net::Network network;  network.predict(images, probabilities, count);
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backends/bake.h"
#include "train/data/dataset.h"
#include "train/model/model.h"

namespace hekla {

struct BakeOptions {
  /// Numbers of examples that `predict` is made for. With several, of which one is 1, a call takes any number.
  std::vector<std::int64_t> batch_sizes = {1};
  /// Data as the model will see it: the dtypes of its inputs, such as bytes, what is mapped between them and the model,
  /// and the targets of a training step. Empty: f32 inputs.
  std::optional<Dataset> like = {};
  /// Where not 0: `step(inputs.., targets.., loss)` trains on a batch of that many examples, with the optimizer and the
  /// losses of compile(). Parameters and the optimizer's state are then part of the object. Needs `like`.
  std::int64_t training_batch = 0;
  /// C++ names; "input" and "output", numbered where there are several, if empty.
  std::vector<std::string> input_names = {}, output_names = {};
  BakeForm form = BakeForm::cplusplus;
  BakedWidth width = BakedWidth::portable;         ///< of the form `cplusplus`
  BakedDevices devices = BakedDevices::like_this;  ///< of the form `vulkan`
  /// Larger weights go into a file beside the source, to be read or mapped.
  std::size_t most_inline_bytes = std::size_t{8} << 20;
};

/// Writes `path`.h and `path`.cpp (and `path`.weights), each replaced atomically; the last part of the path names the
/// namespace. The class `Network` there has a member function `predict`. Throws hekla::Error before the model is built, and
/// where bake_source() does.
void bake(const Model& model, const std::filesystem::path& path, const BakeOptions& options = {});

/// The same for any computations.
void bake(const std::vector<BakedFunction>& functions, const std::filesystem::path& path,
          const BakeFormat& format = {});

}  // namespace hekla
