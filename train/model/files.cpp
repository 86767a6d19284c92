// Saving and loading a model.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "graph/error.h"
#include "graph/run/value.h"
#include "ops/create.h"
#include "train/files/safetensors.h"
#include "train/model/callback_states.h"
#include "train/model/state.h"

namespace hekla {

namespace {

constexpr std::string_view format_key = "hekla_format", weights_format = "weights 1",
                           training_format = "training 1";

std::vector<NamedTensor> named(const std::vector<Tensor>& variables, std::string_view prefix = "") {
  std::vector<NamedTensor> tensors;
  for (const Tensor& variable : variables)
    tensors.push_back({fmt::format("{}{}", prefix, variable.node().label), variable});
  return tensors;
}

// Each variable with the file's tensor for it. All are matched before any is assigned.
struct Match {
  Tensor variable;
  Tensor value;
};
std::vector<Match> match(const SafetensorsFile& file, const std::vector<NamedTensor>& wanted) {
  std::vector<Match> matches;
  for (const NamedTensor& one : wanted) {
    const Tensor* value = file.find(one.name);
    if (!value)
      throw Error(
          fmt::format("[load] {} has no '{}', which the model needs; was it saved from another model?",
                      file.name, one.name));
    if (!(value->shape() == one.tensor.shape()) || value->dtype() != one.tensor.dtype())
      throw Error(fmt::format("[load] {} has {} as '{}', but the model needs {}{}.", file.name,
                              describe(*value), one.name, name(one.tensor.dtype()),
                              to_string(one.tensor.shape())));
    matches.push_back({one.tensor, *value});
  }
  for (const NamedTensor& one : file.tensors) {
    if (!find(wanted, one.name))
      throw Error(
          fmt::format("[load] {} has '{}', which the model does not know; was it saved from another "
                      "model?",
                      file.name, one.name));
  }
  return matches;
}

void assign_all(const std::vector<Match>& matches) {
  for (const auto& [variable, value] : matches) assign(variable, value);
}

std::uint32_t number(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  std::uint32_t value = 0;
  if (found != file.metadata.end()) {
    const std::string& text = found->second;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure == std::errc() && end == text.data() + text.size()) return value;
  }
  throw Error(
      fmt::format("[load] {} has no whole number '{}' in its metadata; files of weights alone are for "
                  "load_weights.",
                  file.name, key));
}

std::vector<LoraAdapter> adapters_of(const Network& network) {
  std::vector<LoraAdapter> all;
  for (const FirstCall& call : network.calls) {
    const std::vector<LoraAdapter> some = call.layer->adapters();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<Tensor> weights_without_adapters(const Network& network) {
  const std::vector<LoraAdapter> adapters = adapters_of(network);
  std::vector<Tensor> weights = network.weights();
  std::erase_if(weights, [&](const Tensor& weight) {
    return std::ranges::any_of(adapters, [&](const LoraAdapter& adapter) {
      return weight.get() == adapter.a.get() || weight.get() == adapter.b.get();
    });
  });
  return weights;
}

std::vector<NamedTensor> training_tensors(const Model::State& state) {
  std::vector<NamedTensor> tensors = named(state.network.weights());
  const std::vector<NamedTensor> kept =
      named(state.options.optimizer.variables(), fmt::format("{}/", state.options.optimizer.name()));
  tensors.insert(tensors.end(), kept.begin(), kept.end());
  tensors.push_back({"training/steps", state.steps});
  return tensors;
}

}  // namespace

std::vector<Tensor> Model::get_weights() const {
  std::vector<Tensor> values;
  for (const Tensor& weight : built(*state_, "get_weights").weights()) {
    const HostArray elements = weight.to_host();
    values.push_back(make_leaf(data_op, weight.shape(), weight.dtype(), std::make_shared<Value>(elements)));
  }
  return values;
}

void Model::set_weights(const std::vector<Tensor>& values) {
  const std::vector<Tensor> weights = built(*state_, "set_weights").weights();
  if (values.size() != weights.size())
    throw Error(fmt::format("[set_weights] {} tensors for {} weights; there is one for each.", values.size(),
                            weights.size()));
  std::vector<Update> updates;
  for (std::size_t i = 0; i < values.size(); ++i) updates.push_back({weights[i], values[i]});
  check_updates(updates);
  for (const auto& [weight, value] : updates) assign(weight, value);
}

void Model::save_weights(const std::filesystem::path& path) const {
  const Network& network = built(*state_, "save_weights");
  std::vector<NamedTensor> tensors = named(weights_without_adapters(network));
  for (const LoraAdapter& adapter : adapters_of(network)) {
    for (NamedTensor& one : tensors) {
      if (one.tensor.get() == adapter.weight.get()) one.tensor = adapter.adapted();
    }
  }
  save_safetensors(path, tensors, {{std::string(format_key), std::string(weights_format)}});
}

void Model::load_weights(const std::filesystem::path& path) {
  const Network& network = built(*state_, "load_weights");
  SafetensorsFile file = load_safetensors(path);
  const std::vector<LoraAdapter> adapters = adapters_of(network);
  const bool has_adapters = !adapters.empty() && file.find(adapters[0].a.node().label);
  const std::vector<NamedTensor> wanted =
      named(has_adapters ? network.weights() : weights_without_adapters(network));
  const auto format = file.metadata.find(std::string(format_key));
  if (format != file.metadata.end() && format->second == training_format) {
    // A file of a whole training state also holds the weights; the rest of it is dropped.
    std::erase_if(file.tensors, [&](const NamedTensor& one) { return !find(wanted, one.name); });
  }
  assign_all(match(file, wanted));
  // The file's weights count as they are.
  for (const LoraAdapter& adapter : adapters) {
    if (!has_adapters) assign(adapter.b, zeros_like(adapter.b));
  }
}

void Model::save(const std::filesystem::path& path) const {
  check_compiled(*state_, "save");
  state_->options.optimizer.build(built(*state_, "save").trainable);
  std::vector<NamedTensor> tensors = training_tensors(*state_);
  std::map<std::string, std::string> metadata{{std::string(format_key), std::string(training_format)},
                                              {"optimizer", state_->options.optimizer.name()},
                                              {"epochs", std::to_string(state_->epochs)},
                                              {"seed", std::to_string(state_->seed)}};
  put_states(state_->callback_states, tensors, metadata);
  save_safetensors(path, tensors, metadata);
}

void Model::load(const std::filesystem::path& path) {
  check_compiled(*state_, "load");
  Optimizer& optimizer = state_->options.optimizer;
  optimizer.build(built(*state_, "load").trainable);
  SafetensorsFile file = load_safetensors(path);
  const auto saved = file.metadata.find("optimizer");
  if (saved != file.metadata.end() && saved->second != optimizer.name())
    throw Error(
        fmt::format("[load] {} was saved with optimizer {}, but the model is compiled with {}; "
                    "load_weights takes its weights alone.",
                    file.name, saved->second, optimizer.name()));
  const std::uint32_t epochs = number(file, "epochs"), seed = number(file, "seed");
  std::vector<CallbackState> callback_states = take_states(file);
  assign_all(match(file, training_tensors(*state_)));
  state_->epochs = static_cast<int>(epochs);
  state_->seed = seed;
  state_->callback_states = std::move(callback_states);
}

int Model::epochs_trained() const { return state_->epochs; }

}  // namespace hekla
