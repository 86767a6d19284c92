// Model: a function of tensors that can be trained, tested, used, printed and saved. Sequential is a model
// made of a list of layers.
//
//   hk::Sequential model({hk::Flatten(), hk::Dense(100, hk::relu), hk::Dense(10, hk::softmax)});
//   model.compile({.optimizer = hk::Adam(), .loss = "sparse_categorical_crossentropy",
//                  .metrics = {hk::accuracy}});
//   auto history = model.fit(train, {.epochs = 5, .validation_split = 0.2});
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "train/data/dataset.h"
#include "train/layers/layer.h"
#include "train/metrics/logs.h"
#include "train/model/history.h"
#include "train/model/options.h"

namespace hekla {

/// A layer of a built model, as the summary lists it. A handle.
class ModelLayer {
 public:
  const std::string& name() const { return layer_->name(); }
  const std::string& type() const { return layer_->type(); }
  /// Including those of layers inside of it.
  const std::vector<Tensor>& weights() const { return weights_; }
  std::int64_t count_params() const;
  bool trainable() const { return layer_->is_trainable(); }
  /// Freezes the layer and all that is inside of it, or unfreezes it. As in Keras it takes effect when the model is
  /// compiled again; until then fit() and the like throw hekla::Error.
  void trainable(bool trainable);
  /// Freezes the weights that can have adapters, which are trained in their place; see hk::lora for a whole model. Takes
  /// effect as trainable(). Throws hekla::Error where there are no such weights, the second time, and on a rank below 1 or an
  /// alpha that is not finite. (Keras's layer.enable_lora.)
  void enable_lora(std::int64_t rank, std::optional<double> alpha = {});

 private:
  friend class Model;
  ModelLayer(std::shared_ptr<LayerState> layer, std::vector<Tensor> weights, std::shared_ptr<void> state)
      : layer_(std::move(layer)), weights_(std::move(weights)), state_(std::move(state)) {}

  std::shared_ptr<LayerState> layer_;
  std::vector<Tensor> weights_;
  std::shared_ptr<void> state_;  // the model's
};

/// A model made of any function; see above.
class Model {
 public:
  /// Any function or struct that can be called with (Tensor, Mode), (Tensor), or (vector of Tensor, Mode),
  /// and returns one tensor or several. Its weights are the variables found in its graph: nothing is
  /// registered. Copies of a model share everything.
  explicit Model(Layer function, ModelOptions options = {});

  /// Calls the model as a layer of another model.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;
  /// The same with other values for the weights, which gradients reach: `model(x, {.weights = adapted})`. Throws
  /// hekla::Error before the model is built, where their number or shapes differ, and for weights that are variables of
  /// a function rather than of layers.
  Tensor operator()(const Tensor& x, const CallOptions& options) const;

  /// Makes the weights for inputs of this shape, without the batch axis. Otherwise fit, evaluate and predict
  /// do it when they see the data.
  void build(const Shape& input_shape, DType dtype = DType::f32);
  void build_all(const std::vector<Shape>& input_shapes, DType dtype = DType::f32);  ///< of several inputs

  /// Sets how the model is trained. Throws hekla::Error on lists that do not fit each other.
  void compile(CompileOptions options);

  /// Trains for some epochs. Throws hekla::Error before compile(), on options that contradict each other or
  /// the data, and where the model and the data do not fit.
  History fit(const Dataset& data, const FitOptions& options = {});
  History fit(const Tensor& inputs, const Tensor& targets, const FitOptions& options = {});

  /// The loss and the metrics, over all of the data, in inference.
  Logs evaluate(const Dataset& data, const EvaluateOptions& options = {}) const;
  Logs evaluate(const Tensor& inputs, const Tensor& targets, const EvaluateOptions& options = {}) const;

  /// One step of training on these examples, without callbacks: the loss and the metrics over them, before the step.
  /// Neither epochs_trained() nor progress is affected. Errors as of fit().
  Logs train_on_batch(const Tensor& inputs, const Tensor& targets, const Tensor& sample_weight = {});
  /// The loss and the metrics over these examples, in inference. Errors as of evaluate().
  Logs test_on_batch(const Tensor& inputs, const Tensor& targets, const Tensor& sample_weight = {}) const;

  /// The outputs for all examples, [n, ..], in inference. Throws hekla::Error for several outputs.
  Tensor predict(const Dataset& data, const PredictOptions& options = {}) const;
  Tensor predict(const Tensor& inputs, const PredictOptions& options = {}) const;
  /// The same for a model with any number of outputs.
  std::vector<Tensor> predict_all(const Dataset& data, const PredictOptions& options = {}) const;

  /// Ends the training after the current epoch; for callbacks.
  void stop_training();

  const std::string& name() const;
  bool is_built() const;
  /// Trainable weights first. Throws hekla::Error before the model is built, as the following functions do.
  std::vector<Tensor> weights() const;
  std::vector<Tensor> trainable_weights() const;
  std::int64_t count_params() const;
  /// The layers that the summary lists.
  std::vector<ModelLayer> layers() const;
  /// The one of this name. Throws hekla::Error, listing the names, when there is none.
  ModelLayer get_layer(std::string_view name) const;
  /// Copies of the current values of all weights, in the order of weights().
  std::vector<Tensor> get_weights() const;
  /// Assigns new values to all weights. Throws hekla::Error when their number or shapes differ.
  void set_weights(const std::vector<Tensor>& values);

  /// Writes the weights as a safetensors file, by their labels ("dense/kernel"). The file is replaced
  /// atomically: a kill at any moment leaves the last good one. Throws hekla::Error when it cannot be
  /// written.
  void save_weights(const std::filesystem::path& path) const;
  /// Reads such a file. Throws hekla::Error, and changes nothing, when the file is damaged, or when a weight
  /// is missing, is unknown to the model or has another shape or dtype.
  void load_weights(const std::filesystem::path& path);
  /// The same with all that is needed to resume the training, bit for bit: the state of the optimizer, the
  /// steps and epochs made, the seed, and the states of callbacks. The model must be compiled.
  void save(const std::filesystem::path& path) const;
  void load(const std::filesystem::path& path);
  /// Epochs trained so far, including those of a loaded state: `model.fit(data, {.epochs = 20, .initial_epoch
  /// = model.epochs_trained()})` resumes the training.
  int epochs_trained() const;
  /// The optimizer given to compile().
  Optimizer& optimizer();

  /// Keras's table of layers, output shapes and parameters; `width` columns at most.
  std::string summary(int width = 80) const;
  /// The layers as a graph in Graphviz's DOT language.
  std::string to_dot() const;
  /// Writes to_dot() to a file, which is replaced atomically: `dot -Tsvg model.dot`. Throws hekla::Error when
  /// it cannot be written.
  void plot(const std::filesystem::path& path) const;

  struct State;

 private:
  friend State& state_of(const Model& model);

  std::shared_ptr<State> state_;
};

/// Layers one after the other. (keras.Sequential.)
class Sequential : public Model {
 public:
  /// With an Input first, the weights are made immediately.
  Sequential(std::initializer_list<Layer> layers, ModelOptions options = {});
  explicit Sequential(std::vector<Layer> layers = {}, ModelOptions options = {});
  /// Appends a layer to a model that is not built yet. Throws hekla::Error when it is.
  void add(Layer layer);

 private:
  Sequential(std::shared_ptr<std::vector<Layer>> layers, ModelOptions options);
  void build_if_known();
  std::shared_ptr<std::vector<Layer>> layers_;
};

}  // namespace hekla
