#include "train/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "graph/error.h"

namespace hekla {

namespace {

std::string learning_rate_text(const Optimizer& optimizer) {
  try {
    return fmt::format("learning rate {:.6g}", optimizer.learning_rate().item());
  } catch (const Error&) {
    // A MultiOptimizer has none in common.
    return "several learning rates";
  }
}

// "u8[28,28], f32[3]": what each example has.
std::string examples_text(const std::vector<Tensor>& tensors) {
  std::string text;
  for (const Tensor& tensor : tensors) {
    const Shape row(std::vector<std::int64_t>(tensor.shape().begin() + 1, tensor.shape().end()));
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", name(tensor.dtype()), to_string(row));
  }
  return text;
}

}  // namespace

std::string to_string(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs)
    text += fmt::format("{}{}: {:.4f}", text.empty() ? "" : " - ", name, value);
  return text;
}

std::string to_string(const History& history) {
  std::string text = fmt::format("{:>5}", "epoch");
  const auto width = [](const std::string& name) { return std::max<std::size_t>(name.size(), 8); };
  for (const auto& [name, values] : history.history) text += fmt::format("  {:>{}}", name, width(name));
  for (std::size_t i = 0; i < history.epoch.size(); ++i) {
    text += fmt::format("\n{:>5}", history.epoch[i] + 1);
    for (const auto& [name, values] : history.history) {
      // Numbers of a validation are missing where it was skipped; they come with the later epochs.
      const std::size_t skipped = history.epoch.size() - std::min(values.size(), history.epoch.size());
      text += skipped == 0 ? fmt::format("  {:>{}.4f}", values[i], width(name))
                           : fmt::format("  {:>{}}", "", width(name));
    }
  }
  return text;
}

std::string to_string(const Model& model) {
  return model.is_built() ? model.summary()
                          : fmt::format("Model: \"{}\", which is not built yet", model.name());
}

std::string to_string(const ModelLayer& layer) {
  return fmt::format("{} '{}', {} parameters{}", layer.type(), layer.name(), layer.count_params(),
                     layer.trainable() ? "" : ", frozen");
}

std::string to_string(const Dataset& data) {
  if (data.is_generated()) return "batches of a generator";
  return fmt::format("{} examples: {}{}", data.size(), examples_text(data.inputs()),
                     data.targets().empty() ? "" : " with targets " + examples_text(data.targets()));
}

std::string to_string(const Optimizer& optimizer) {
  return fmt::format("{}, {}, {} steps", optimizer.name(), learning_rate_text(optimizer),
                     optimizer.iterations().item<int>());
}

}  // namespace hekla
