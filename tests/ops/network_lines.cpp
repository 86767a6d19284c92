// check_op lines: normalizations, dropout, embedding, attention, recurrent cells and Adam.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/nn/attention.h"
#include "ops/nn/dropout.h"
#include "ops/nn/embedding.h"
#include "ops/nn/normalize.h"
#include "ops/nn/recurrent.h"
#include "ops/optim/adam.h"
#include "ops/view.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape, double low = -1, double high = 1) {
  return {.shape = shape, .low = low, .high = high};
}

Tensor one_row(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> rows;
  for (const Tensor& t : tensors) rows.push_back(reshape(t, {-1}));
  return concat(rows, 0);
}

// The output and the updated statistics.
Function batch_training(int axis, double momentum) {
  return [=](const Tensors& x) {
    const BatchNormalized y = batch_normalization_training(x[0], x[1], x[2], x[3], x[4], axis, momentum);
    return one_row({y.output, y.updates[0].value, y.updates[1].value});
  };
}

Function attention(bool causal) {
  return [=](const Tensors& x) {
    return scaled_dot_product_attention(x[0], x[1], x[2],
                                        {.mask = x.size() > 3 ? x[3] : Tensor(), .is_causal = causal});
  };
}

// All new values of one step.
Function adam_step(const AdamOptions& options) {
  return [=](const Tensors& x) {
    Adam optimizer(options);
    std::vector<Tensor> values;
    for (const Update& update : optimizer.step(std::vector<Tensor>{x[0]}, std::vector<Tensor>{x[1]})) {
      if (update.value.dtype() == f32) values.push_back(update.value);
    }
    return one_row(values);
  };
}

void add_normalizations(std::vector<Line>& lines) {
  const auto layer = [](const std::vector<int>& axes) -> Function {
    return [=](const Tensors& x) { return layer_normalization(x[0], x[1], x[2], axes); };
  };
  const auto group = [](std::int64_t groups) -> Function {
    return [=](const Tensors& x) { return group_normalization(x[0], groups, x[1], x[2]); };
  };
  const std::vector<Line> more{
      {"batch_normalization",
       [](const Tensors& x) { return batch_normalization(x[0], x[1], x[2], x[3], x[4]); },
       {numbers({4, 3}), numbers({3}), numbers({3}, 0.5, 2), numbers({3}), numbers({3})}},
      {"batch_normalization of axis 1 without gamma and beta",
       [](const Tensors& x) { return batch_normalization(x[0], x[1], x[2], {}, {}, 1); },
       {numbers({2, 3, 2}), numbers({3}), numbers({3}, 0.5, 2)}},
      {"batch_normalization_training",
       batch_training(-1, 0.9),
       {numbers({8, 3}), numbers({3}), numbers({3}, 0.5, 2), numbers({3}), numbers({3})}},
      {"batch_normalization_training, masked",
       [](const Tensors& x) {
         return batch_normalization_training(x[0], x[1], x[2], {}, {}, -1, 0.9, 1e-3, x[3] != 0).output;
       },
       {numbers({2, 3, 2}), numbers({2}), numbers({2}, 0.5, 2), {{2, 3}, 0, 1, i32}}},
      {"batch_normalization_training of images",
       batch_training(1, 0.99),
       {numbers({3, 2, 4, 5}), numbers({2}), numbers({2}, 0.5, 2), numbers({2}), numbers({2})}},
      {"layer_normalization", layer({-1}), {numbers({4, 6}), numbers({6}), numbers({6})}},
      {"layer_normalization of two axes",
       layer({1, -1}),
       {numbers({2, 3, 4}), numbers({3, 4}), numbers({3, 4})}},
      {"layer_normalization of a long row",
       [](const Tensors& x) { return layer_normalization(x[0]); },
       {numbers({2, 300})}},
      {"layer_normalization of one element",
       [](const Tensors& x) { return layer_normalization(x[0]); },
       {numbers({3, 1})}},
      {"group_normalization", group(2), {numbers({2, 3, 2, 4}), numbers({4}), numbers({4})}},
      {"group_normalization of one group", group(1), {numbers({2, 4}), numbers({4}), numbers({4})}},
      {"instance_normalization",
       [](const Tensors& x) { return instance_normalization(x[0], x[1], x[2]); },
       {numbers({2, 3, 4, 3}), numbers({3}), numbers({3})}},
      {"rms_normalization",
       [](const Tensors& x) { return rms_normalization(x[0], x[1]); },
       {numbers({4, 6}), numbers({6})}},
      {"rms_normalization of two axes",
       [](const Tensors& x) {
         return rms_normalization(x[0], {}, {0, 2});
       },
       {numbers({3, 2, 4})}},
  };
  lines.insert(lines.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Line> recurrent_lines() {
  const auto last_h = [](const Tensors& x) {
    return scan([](const Tensor& e,
                   const std::vector<Tensor>& s) { return std::vector<Tensor>{tanh(s[0] + e)}; },
                x[0], {x[1]})
        .state[0];
  };
  // Composed of cells, whose gradients other lines check on devices.
  const CheckOptions values_on_devices{.derivatives = 1, .device_derivatives = 0};
  return first_order_on_devices({
      {"lstm_cell",
       [](const Tensors& x) {
         const LstmState next = lstm_cell(x[0], {x[1], x[2]}, x[3], x[4], x[5]);
         return concat({next.h, next.c}, 1);
       },
       {numbers({2, 3}), numbers({2, 2}), numbers({2, 2}), numbers({3, 8}), numbers({2, 8}), numbers({8})}},
      {"lstm_gates",
       [](const Tensors& x) {
         const LstmState next = lstm_gates(x[0], x[1]);
         return concat({next.h, next.c}, 1);
       },
       {numbers({2, 8}), numbers({2, 2})}},
      {"simple_rnn_cell",
       [](const Tensors& x) { return simple_rnn_cell(x[0], x[1], x[2], x[3], x[4]); },
       {numbers({2, 3}), numbers({2, 2}), numbers({3, 2}), numbers({2, 2}), numbers({2})}},
      {"simple_rnn",
       [](const Tensors& x) { return simple_rnn(x[0], x[1], x[2], x[3]).sequence; },
       {numbers({2, 2, 2}), numbers({2, 2}), numbers({2, 2}), numbers({2})},
       values_on_devices},
      {"gru_cell, reset before the product",
       [](const Tensors& x) { return gru_cell(x[0], x[1], x[2], x[3], x[4], {.reset_after = false}); },
       {numbers({1, 2}), numbers({1, 2}), numbers({2, 6}), numbers({2, 6}), numbers({6})}},
      {"gru_cell",
       [](const Tensors& x) { return gru_cell(x[0], x[1], x[2], x[3], x[4]); },
       {numbers({2, 3}), numbers({2, 2}), numbers({3, 6}), numbers({2, 6}), numbers({2, 6})}},
      {"gru_cell without bias",
       [](const Tensors& x) { return gru_cell(x[0], x[1], x[2], x[3]); },
       {numbers({1, 2}), numbers({1, 1}), numbers({2, 3}), numbers({1, 3})}},
      {"lstm",
       [](const Tensors& x) {
         const Scan all = lstm(x[0], x[1], x[2], x[3]);
         return one_row({all.sequence, all.state[1]});
       },
       {numbers({2, 2, 2}), numbers({2, 8}), numbers({2, 8}), numbers({8})},
       values_on_devices},
      {"lstm backwards from a state",
       [](const Tensors& x) {
         return lstm(x[0], x[1], x[2], {}, {x[3], x[4]}, {.go_backwards = true}).state[0];
       },
       {numbers({2, 3, 2}), numbers({2, 8}), numbers({2, 8}), numbers({2, 2}), numbers({2, 2})},
       values_on_devices},
      {"lstm with times left out",
       [](const Tensors& x) {
         const Scan all = lstm(x[0], x[1], x[2], {}, {x[3], x[4]}, {.mask = x[5]});
         return one_row({all.sequence, all.state[1]});
       },
       {numbers({2, 3, 2}),
        numbers({2, 8}),
        numbers({2, 8}),
        numbers({2, 2}),
        numbers({2, 2}),
        {{2, 3}, 0, 1, boolean}},
       values_on_devices},
      {"gru with times left out, backwards",
       [](const Tensors& x) {
         return gru(x[0], x[1], x[2], x[3], x[4],
                    {.go_backwards = true, .mask = x[5], .zero_output_for_mask = true})
             .sequence;
       },
       {numbers({2, 3, 2}),
        numbers({2, 6}),
        numbers({2, 6}),
        numbers({2, 6}),
        numbers({2, 2}),
        {{2, 3}, 0, 1, boolean}},
       values_on_devices},
      {"gru",
       [](const Tensors& x) { return gru(x[0], x[1], x[2], x[3], x[4]).sequence; },
       {numbers({2, 2, 2}), numbers({2, 6}), numbers({2, 6}), numbers({2, 6}), numbers({2, 2})},
       values_on_devices},
      {"scan of one time", last_h, {numbers({2, 1, 3}), numbers({2, 3})}},
      {"scan of many times", last_h, {numbers({1, 14, 2}), numbers({1, 2})}},
  });
}

std::vector<Line> network_lines() {
  std::vector<Line> lines;
  add_normalizations(lines);
  const Operand bits{{3, 5}, 0, 1, boolean};
  const std::vector<Line> more = first_order_on_devices({
      {"dropout",
       [](const Tensors& x) { return dropout(square(x[0]), 0.4, random_key(3)); },
       {numbers({5, 4})}},
      {"dropout of channels",
       [](const Tensors& x) {
         return dropout(square(x[0]), 0.4, random_key(3), {2, 1, 3});
       },
       {numbers({2, 4, 3})}},
      {"alpha_dropout",
       [](const Tensors& x) { return alpha_dropout(square(x[0]), 0.4, random_key(3)); },
       {numbers({5, 4})}},
      {"embedding",
       [](const Tensors& x) { return embedding(x[1], x[0]); },
       {numbers({5, 3}), {{2, 4}, 0, 4, i32}}},
      {"embedding u8",
       [](const Tensors& x) { return embedding(x[1], x[0]); },
       {numbers({5, 3}), {{3}, 0, 4, u8}}},
      {"scaled_dot_product_attention", attention(false), {numbers({3, 4}), numbers({5, 4}), numbers({5, 2})}},
      {"scaled_dot_product_attention causal",
       attention(true),
       {numbers({2, 4, 3}), numbers({2, 4, 3}), numbers({2, 4, 3})}},
      {"scaled_dot_product_attention causal with more keys",
       attention(true),
       {numbers({3, 2}), numbers({5, 2}), numbers({5, 2})}},
      {"scaled_dot_product_attention masked",
       attention(false),
       {numbers({2, 3, 4}), numbers({2, 5, 4}), numbers({2, 5, 2}), bits}},
      {"scaled_dot_product_attention with added scores",
       attention(true),
       {numbers({2, 3, 4}), numbers({5, 4}), numbers({5, 2}), numbers({2, 1, 5})}},
      {"multi_head_attention",
       [](const Tensors& x) { return multi_head_attention(x[0], x[1], x[2], 2, {.is_causal = true}); },
       {numbers({2, 3, 4}), numbers({2, 3, 4}), numbers({2, 3, 6})}},
      {"adam", adam_step({.learning_rate = 0.5}), {numbers({3, 2}), numbers({3, 2}, 0.5, 2)}},
      {"adam amsgrad",
       adam_step({.learning_rate = 0.5, .amsgrad = true}),
       {numbers({5}), numbers({5}, 0.5, 2)}},
  });
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

}  // namespace hekla::testing
