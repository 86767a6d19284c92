// Muon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Muon; Keras's defaults.
struct MuonOptions {
  LearningRate learning_rate = 0.001;
  double adam_beta_1 = 0.9;    ///< in [0, 1)
  double adam_beta_2 = 0.999;  ///< in [0, 1)
  double adam_weight_decay = 0.004;
  double epsilon = 1e-7;                         ///< of Adam
  std::vector<std::string> exclude_layers = {};  ///< words: variables whose label contains one have Adam
  bool exclude_embeddings = true;                ///< variables whose label contains "embedding" have Adam
  double muon_a = 3.4445, muon_b = -4.775, muon_c = 2.0315;  ///< of the iteration
  double adam_lr_ratio = 1;  ///< Adam's learning rate, relative to learning_rate
  double momentum = 0.95;    ///< in [0, 1)
  int ns_steps = 5;          ///< 1 or more
  bool nesterov = true;
  std::optional<double> rms_rate = 0.2;
};

/// Keras's Muon, for the matrices of hidden layers: momentum, whose matrix is made nearly orthogonal. With gradient g [r, c]
/// and learning rate lr:
///   m <- momentum m + g;  u = g + momentum m (nesterov) or m
///   u <- u / (|u| + 1e-7);  ns_steps times, with A = u uᵀ:  u <- a u + (b A + c A A) u;  if r > c on uᵀ
///   x <- x - lr sqrt(max(r, c)) rms_rate u
/// Variables that are no matrices, and those that the options exclude, have Adam with adam_weight_decay; the others have the
/// shared weight decay, 0.004 unless another is given. Keeps "momentum" (m), of Adam "velocity", too. (Jordan et al.:
/// Muon, 2024; Liu et al.: Muon is Scalable for LLM Training, 2025.)
/// Throws hekla::Error on numbers out of range, and as Optimizer.
struct Muon : Optimizer {
  explicit Muon(const MuonOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
