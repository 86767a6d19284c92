// Options that all optimizers share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hekla {

/// Options of every optimizer besides its own, as in Keras. A step applies them in this order.
/// gradient_accumulation_steps n adds up the gradients of n steps and applies their mean at each n-th step;
/// in between nothing else changes, so that n steps equal one of an n-fold batch. clipvalue c limits each
/// element of a gradient to [-c, c]. clipnorm c scales each gradient down to Euclidean norm c at most,
/// global_clipnorm c all of them together. weight_decay w moves x by -lr w x before the optimizer's own step,
/// decoupled from the gradient (Loshchilov, Hutter: Decoupled Weight Decay Regularization, ICLR 2019). It
/// excludes variables whose label contains one of the words of exclude_from_weight_decay, as "dense/bias"
/// contains "bias". use_ema keeps a moving average of each variable: a <- ema_momentum a + (1 - ema_momentum)
/// x after each step, a <- x after the first. The average replaces the variable after each
/// ema_overwrite_frequency-th step, and when Optimizer::use_averages is run.
struct UpdateOptions {
  std::optional<double> weight_decay = {};                  ///< none; AdamW then uses 0.004
  std::vector<std::string> exclude_from_weight_decay = {};  ///< words: labels that contain one
  std::optional<double> clipnorm = {};                      ///< at most one way of clipping
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;                           ///< in [0, 1]
  std::optional<int> ema_overwrite_frequency = {};      ///< 1 or more, with use_ema
  std::optional<int> gradient_accumulation_steps = {};  ///< 1 or more
};

/// Throws hekla::Error, which begins with [owner], on a number out of range, on two ways of clipping, on an
/// empty word, and on ema_overwrite_frequency without use_ema.
void check_options(std::string_view owner, const UpdateOptions& options);

}  // namespace hekla
