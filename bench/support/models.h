// Training steps of larger models than those of training.h: recurrent, residual, attention. Each has one batch, kept in
// variables, and Adam.
#pragma once

#include <cstdint>

#include "bench/support/training.h"

namespace hekla::bench {

/// LSTM(64) over [32, times, 8] and a dense layer of one unit; the squared error.
Step lstm_step(std::int64_t times);

/// A residual network over [32, 32, 32, 3]: a convolution of 16 filters, two blocks of 16, two of 32 with stride 2, each
/// of two convolutions with batch normalization, then global pooling and ten classes.
Step residual_step();

/// A decoder of two layers over 64 characters, 16 at a time: 64 features, four heads of causal attention, a feed-forward
/// network of 256, layer normalization first; the cross-entropy of the next of 60 characters.
Step decoder_step();

}  // namespace hekla::bench
