// What the files of rules share.
#pragma once

#include <map>
#include <string>

#include "train/torch/rule.h"

namespace hekla::torch {

/// Rules of LSTM, GRU and SimpleRNN.
void add_recurrent_rules(std::map<std::string, Rule>& rules);
/// The rule of MultiHeadAttention.
void add_attention_rule(std::map<std::string, Rule>& rules);

}  // namespace hekla::torch
