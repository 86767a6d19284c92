// See model_checkpoint.h.
#include "train/callbacks/model_checkpoint.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/error.h"
#include "train/model/model.h"

namespace hekla {

namespace {

// Whether the path names a number that only the next validation provides.
bool names_awaited(std::string_view path, const Logs& logs) {
  return std::ranges::any_of(logs.awaited, [&](const std::string& name) {
    return path.find("{" + name + "}") != path.npos || path.find("{" + name + ":") != path.npos;
  });
}

}  // namespace

ModelCheckpoint::ModelCheckpoint(std::string path, ModelCheckpointOptions options)
    : path_(std::move(path)),
      options_(std::move(options)),
      monitor_("model_checkpoint", options_.monitor, options_.mode),
      best_(options_.initial_value_threshold) {
  if (path_.empty()) throw Error("[model_checkpoint] the path is empty; name a file.");
  if (options_.save_freq < 1)
    throw Error(fmt::format("[model_checkpoint] save_freq is {}; it must be positive.", options_.save_freq));
  check_is_number("model_checkpoint", "initial_value_threshold", options_.initial_value_threshold);
}

void ModelCheckpoint::on_epoch_end(Model&, int epoch, Logs& logs) {
  is_due_ = (epoch + 1) % options_.save_freq == 0;
  if (!is_due_) return;
  if (!options_.save_best_only) {
    is_due_ = !names_awaited(path_, logs);
    return;
  }
  const std::optional<double> value = monitor_.read(logs);
  is_due_ = value && monitor_.is_better(*value, best_);
  if (is_due_) best_ = value;
}

void ModelCheckpoint::on_checkpoint(Model& model, int epoch, const Logs& logs) {
  if (!is_due_) return;
  const std::string path = fill_path(path_, epoch + 1, logs);
  if (options_.save_weights_only)
    model.save_weights(path);
  else
    model.save(path);
  saved_ = path;
}

CallbackState ModelCheckpoint::state() const {
  if (!options_.save_best_only) return {};
  CallbackState state{.name = fmt::format("model_checkpoint/{}", monitor_.name())};
  state.set("best", best_);
  return state;
}

void ModelCheckpoint::on_resume(Model&, const CallbackState& state) { best_ = state.number("best"); }

std::string fill_path(std::string_view path, int epoch, const Logs& logs) {
  fmt::dynamic_format_arg_store<fmt::format_context> numbers;
  numbers.push_back(fmt::arg("epoch", epoch));
  for (const auto& [name, value] : logs) numbers.push_back(fmt::arg(name.c_str(), value));
  try {
    return fmt::vformat(path, numbers);
  } catch (const fmt::format_error& error) {
    throw Error(
        fmt::format("[model_checkpoint] {} cannot be filled in ({}); it may name epoch, {}, as in "
                    "{{epoch:02d}}.",
                    path, error.what(), logs.names()));
  }
}

}  // namespace hekla
