// Connectionist temporal classification: a loss of sequences of labels that are not aligned with the times of the scores.
#pragma once

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// Options of ctc.
struct CtcOptions {
  Tensor label_length = {};  ///< integers [batch]: labels of each sample; empty: those that are not 0
  Tensor logit_length = {};  ///< integers [batch]: times of each sample; empty: all
};

/// -log of the probability that the times of a sample spell its labels, where each time draws a class with probability
/// softmax(logits), equal neighbours are merged and blanks, of class 0, are left out. labels (integers) [batch, most
/// labels], of which the first label_length count; logits (f32) [batch, time, classes]; samples [batch]. Infinite, with
/// a gradient of 0, where the times are too few. Computed by the forward algorithm in logarithms, a loop over the times.
/// A label outside [0, classes) is taken for the nearest class. Throws hekla::Error on other shapes and dtypes, and
/// without times. (keras.losses.ctc; Graves et al.: Connectionist Temporal Classification, ICML 2006.)
Tensor ctc(const Tensor& labels, const Tensor& logits, const LossOptions& options, const CtcOptions& lengths);
/// The same with the default options.
Tensor ctc(const Tensor& labels, const Tensor& logits, const LossOptions& options = {});

}  // namespace hekla
