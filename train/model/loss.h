// Loss: the function that training minimizes. The losses themselves are in ops/loss.h, focal_loss.h, region_loss.h and ctc_loss.h.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// Any loss: a function of ops/loss.h and the like, its name, or a function of your own.
class Loss {
 public:
  using Function =
      std::function<Tensor(const Tensor& targets, const Tensor& predictions, const LossOptions&)>;

  /// No loss: the output is not trained by itself.
  Loss() = default;
  /// hk::mean_squared_error and its like, or a lambda of the same form.
  Loss(Tensor (*function)(const Tensor&, const Tensor&, const LossOptions&));
  template <class F>
  requires std::invocable<const F&, const Tensor&, const Tensor&, const LossOptions&> Loss(F function)
      : function_(std::move(function)) {}
  /// A function of targets and predictions. It returns an f32 scalar, or one or more numbers for each sample,
  /// [batch, ..], which are then weighted and averaged. Variables that it uses must be made outside of it.
  template <class F>
  requires(std::invocable<const F&, const Tensor&, const Tensor&> &&
           !std::invocable<const F&, const Tensor&, const Tensor&, const LossOptions&>) Loss(F function)
      : function_(averaged(std::move(function))) {}
  /// Keras's names, in letters of any case, such as "sparse_categorical_crossentropy" or "mse". Throws hekla::Error for another.
  Loss(std::string_view name);
  Loss(const char* name) : Loss(std::string_view(name)) {}

  explicit operator bool() const { return static_cast<bool>(function_); }
  /// Whether targets are class labels, as those of hk::sparse_categorical_crossentropy are; fit and evaluate
  /// check them.
  bool takes_labels() const { return takes_labels_; }

  /// One f32 number: the mean over the samples, each multiplied by its `sample_weight` where there is one.
  /// Throws hekla::Error when the function returns something else.
  Tensor operator()(const Tensor& targets, const Tensor& predictions, const Tensor& sample_weight = {}) const;

 private:
  static Function averaged(std::function<Tensor(const Tensor&, const Tensor&)> function);

  Function function_;
  bool takes_labels_ = false;
};

}  // namespace hekla
