// What layers are made of. A layer is anything that can be called with a tensor and a Mode: a function, a
// lambda, a struct of your own; `Layer` holds any of them. The built-in layers keep a LayerState, which owns
// a name and the weights; yours may, too. The weights are made at the first call, when the input shape is
// known. A LayerCall around each call tells the model about it. dense.cpp is the shortest example.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/tensor.h"
#include "train/layers/initializer.h"
#include "train/layers/lora.h"
#include "train/layers/mode.h"
#include "train/layers/regularizer.h"

namespace hekla {

/// Seeds the random draws of layers, and of whatever has no seed of its own: a program that calls this first
/// gives the same numbers every time. The seed starts at 0. (keras.utils.set_random_seed.)
void set_random_seed(std::uint64_t seed);
/// A different seed at each call, determined by set_random_seed and the number of calls since.
std::uint32_t next_random_seed();

/// How a weight is made and kept.
struct WeightOptions {
  Regularizer regularizer = nullptr;
  Constraint constraint = nullptr;
  bool trainable = true;    ///< false: state such as a moving mean, which gradients do not change
  bool takes_lora = false;  ///< may have an adapter
};

/// The name and the weights of a layer; copies of a layer share one.
class LayerState {
 public:
  /// `type` as in summaries, "Dense". If `name` is empty, the model chooses one: "dense", "dense_1".
  LayerState(std::string type, std::string name, bool trainable = true);

  const std::string& type() const { return type_; }
  const std::string& name() const { return name_; }
  /// The name, or what a model would call the first layer of this type: "dense".
  std::string display_name() const;
  /// The weights made so far: trained ones first, in the order of their creation.
  std::vector<Tensor> weights() const;
  /// The same by the names that the layer gives them: "kernel".
  std::map<std::string, Tensor> named_weights() const;
  bool is_trainable() const { return trainable_; }
  void set_trainable(bool trainable) { trainable_ = trainable; }

  /// True where a weight made so far may have an adapter and has none.
  bool can_enable_lora() const;
  /// From now on such weights are frozen and have adapters, trained in their place and made at the next call. Throws
  /// hekla::Error where there are no such weights, before the first call, the second time, and on a rank below 1 or an alpha
  /// that is not finite.
  void enable_lora(const LoraOptions& options);
  bool has_lora() const { return lora_.has_value(); }
  /// The adapters made so far.
  std::vector<LoraAdapter> adapters() const;
  /// Adds the adapters to their weights and removes them.
  void merge_lora();
  /// Freezes the weights that are no adapters, or unfreezes them.
  void train_adapters_only(bool only) { trains_adapters_only_ = only; }

 private:
  friend class LayerCall;
  friend void forget_made(CallRecord& record);
  struct Weight {
    std::string name;
    Tensor variable;
    bool trainable;
    bool takes_lora;
  };
  const Weight* find(std::string_view name) const;

  std::string type_;
  std::string name_;
  bool named_;  // by the user
  bool trainable_;
  bool trains_adapters_only_ = false;
  std::optional<LoraOptions> lora_;
  std::optional<std::uint32_t> seed_;  // drawn when the first weight is made
  std::vector<Weight> weights_;
};

/// Discards the weights that layers made in this walk, so that another walk may make them with another shape.
void forget_made(CallRecord& record);

/// One call of a layer, from its start to the tensor it returns.
class LayerCall {
 public:
  /// Names the layer if it has no name yet. Throws hekla::Error when another layer of the model was given the
  /// same name.
  LayerCall(std::shared_ptr<LayerState> state, const Mode& mode, std::vector<Tensor> inputs);
  ~LayerCall();
  LayerCall(const LayerCall&) = delete;
  LayerCall& operator=(const LayerCall&) = delete;

  /// The layer's weight of that name: a variable made at the first call. Adds its regularization and its
  /// constraint to the mode. Throws hekla::Error when it was made with another shape.
  Tensor weight(std::string_view name, const Shape& shape, const Initializer& initializer,
                const WeightOptions& options = {}) const;

  /// Whether this layer, or one that it is inside of, is not trainable.
  bool is_frozen() const;

  /// Tells the model that `indices` pick among `rows` rows of a table, so that fit, evaluate and predict can
  /// check the data they come from.
  void looks_up(const Tensor& indices, std::int64_t rows) const;

  /// The result keeps the mask of the first input: for layers that treat each time alike.
  void keep_mask() { keeps_mask_ = true; }

  /// Records the result and returns it.
  Tensor done(const Tensor& output);
  std::vector<Tensor> done(std::vector<Tensor> outputs);

 private:
  bool is_inside_frozen() const;
  Tensor kept(std::string_view name, const Shape& shape, const Initializer& initializer,
              const WeightOptions& options) const;
  Tensor value_of(const Tensor& weight) const;
  Tensor adapted(std::string_view name, const Tensor& value, const WeightOptions& options) const;
  void note_weight(const Tensor& weight) const;

  std::shared_ptr<LayerState> state_;
  Mode mode_;
  std::vector<Tensor> inputs_;
  bool keeps_mask_ = false;
};

/// The batch size of placeholders when a model is built before there are data: more than one, so that the
/// batch axis is not taken for an axis of size 1.
constexpr std::int64_t placeholder_batch = 2;
/// A placeholder for a batch of an input whose examples have this shape; used to build a model.
Tensor batch_placeholder(const Shape& example, DType dtype, std::int64_t batch = placeholder_batch);

/// x as f32: bytes and integers, such as images, are converted.
Tensor as_float(const Tensor& x);

/// Anything that can be called as a layer or as a whole model. It takes one tensor or several, and returns
/// one or several.
class Layer {
 public:
  using Function = std::function<std::vector<Tensor>(const std::vector<Tensor>&, const Mode&)>;

  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, Layer> &&
           (std::invocable<const F&, const Tensor&, const Mode&> || std::invocable<const F&, const Tensor&> ||
            std::invocable<const F&, const std::vector<Tensor>&, const Mode&>)) Layer(F function) {
    if constexpr (requires { function.placeholder(); }) placeholder_ = function.placeholder();
    function_ = adapt(std::move(function));
  }
  /// For hk::softmax and others that take an axis: over the last axis.
  Layer(Tensor (*over_axis)(const Tensor&, int))
      : Layer([over_axis](const Tensor& x) { return over_axis(x, -1); }) {}

  /// Maps one tensor to one. Throws hekla::Error when the function returns several.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;
  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs, const Mode& mode) const;

  /// Records a call of a function that recorded nothing itself, as "lambda"; returns `outputs`.
  std::vector<Tensor> note(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                           const Mode& mode) const;

  /// The placeholder with which a layer that knows its input from the start (it has a member of this name)
  /// builds a model; empty for others.
  const Tensor& placeholder() const { return placeholder_; }

 private:
  template <class Result>
  static std::vector<Tensor> as_list(Result&& result) {
    if constexpr (std::convertible_to<Result, Tensor>)
      return {Tensor(std::forward<Result>(result))};
    else
      return std::vector<Tensor>(std::begin(result), std::end(result));
  }
  static const Tensor& only(const std::vector<Tensor>& inputs);

  template <class F>
  static Function adapt(F function) {
    return [function = std::move(function)](const std::vector<Tensor>& inputs, const Mode& mode) {
      if constexpr (std::invocable<const F&, const std::vector<Tensor>&, const Mode&>)
        return as_list(function(inputs, mode));
      else if constexpr (std::invocable<const F&, const Tensor&, const Mode&>)
        return as_list(function(only(inputs), mode));
      else
        return as_list(function(only(inputs)));
    };
  }

  Function function_;
  Tensor placeholder_;
  std::shared_ptr<LayerState> lambda_ = std::make_shared<LayerState>("Lambda", "");
};

}  // namespace hekla
