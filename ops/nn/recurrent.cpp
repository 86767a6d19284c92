// Recurrent cells.
#include "ops/nn/recurrent.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/loops.h"
#include "ops/matmul.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

void check(std::string_view op, std::string_view what, const Tensor& tensor, const Shape& shape) {
  if (!(tensor.shape() == shape) || tensor.dtype() != DType::f32) {
    throw Error(
        fmt::format("[{}] {} is {}; it must be f32{}.", op, what, describe(tensor), to_string(shape)));
  }
}

// The number of units of a cell with `gates` gates, after checking its weights against x [.., features].
std::int64_t checked_units(std::string_view op, std::int64_t gates, const Tensor& x, int rank,
                           const Tensor& kernel, const Tensor& recurrent_kernel) {
  if (x.rank() != rank || x.dtype() != DType::f32 || (rank == 3 && x.size(1) == 0)) {
    throw Error(
        fmt::format("[{}] x is {}; it must be f32 {}.", op, describe(x),
                    rank == 3 ? "[batch, time, features] with at least one time" : "[batch, features]"));
  }
  if (recurrent_kernel.rank() != 2 || recurrent_kernel.size(0) < 1) {
    throw Error(fmt::format("[{}] recurrent_kernel is {}; it must be f32 [units, {}units].", op,
                            describe(recurrent_kernel), gates == 1 ? "" : fmt::format("{} ", gates)));
  }
  const std::int64_t units = recurrent_kernel.size(0);
  check(op, "recurrent_kernel", recurrent_kernel, {units, gates * units});
  check(op, "kernel", kernel, {x.size(-1), gates * units});
  return units;
}

Tensor row(const Tensor& matrix, std::int64_t index) {
  return squeeze(slice(matrix, {{.start = index, .stop = index + 1}}), {0});
}

Tensor masked(const Tensor& h, const Tensor& mask) { return mask.defined() ? h * mask : h; }

Tensor plus(const Tensor& product, const Tensor& bias) { return bias.defined() ? product + bias : product; }

void check_recurrent_mask(std::string_view op, const CellOptions& cell, const Shape& shape) {
  if (cell.recurrent_mask.defined()) check(op, "recurrent_mask", cell.recurrent_mask, shape);
}

Tensor projected(std::string_view op, const Tensor& x, const Tensor& kernel, const Tensor& bias) {
  if (bias.defined()) check(op, "bias", bias, {kernel.size(1)});
  return plus(matmul(x, kernel), bias);
}

struct GruBias {
  Tensor input, recurrent;  // empty without
};

GruBias gru_bias(std::string_view op, const Tensor& bias, std::int64_t units, bool reset_after) {
  if (!bias.defined()) return {};
  check(op, "bias", bias, reset_after ? Shape{2, 3 * units} : Shape{3 * units});
  if (!reset_after) return {.input = bias};
  return {.input = row(bias, 0), .recurrent = row(bias, 1)};
}

// The steps get x kernel + bias as their first argument.
Tensor simple_step(const Tensor& a, const Tensor& h, const Tensor& recurrent_kernel,
                   const CellOptions& cell) {
  return cell.activation(a + matmul(masked(h, cell.recurrent_mask), recurrent_kernel));
}

LstmState lstm_step(const Tensor& a, const LstmState& state, const Tensor& recurrent_kernel,
                    const CellOptions& cell) {
  return lstm_gates(a + matmul(masked(state.h, cell.recurrent_mask), recurrent_kernel), state.c, cell);
}

Tensor gru_step(const Tensor& a, const Tensor& h, const Tensor& recurrent_kernel,
                const Tensor& recurrent_bias, const CellOptions& cell) {
  const std::int64_t units = recurrent_kernel.size(0);
  const Tensor seen = masked(h, cell.recurrent_mask);
  const std::vector<Tensor> gates = split(a, 3, -1);
  const std::vector<Tensor> kernels =
      cell.reset_after ? std::vector{recurrent_kernel} : split(recurrent_kernel, {2 * units, units}, 1);
  const std::vector<Tensor> inner =
      split(plus(matmul(seen, kernels[0]), recurrent_bias), cell.reset_after ? 3 : 2, -1);
  const Tensor z = cell.recurrent_activation(gates[0] + inner[0]);
  const Tensor r = cell.recurrent_activation(gates[1] + inner[1]);
  const Tensor recurrent = cell.reset_after ? r * inner[2] : matmul(r * seen, kernels[1]);
  return z * h + (1 - z) * cell.activation(gates[2] + recurrent);
}

// `a` where the mask of the first axes is true, `b` elsewhere.
Tensor chosen(const Tensor& mask, const Tensor& a, const Tensor& b) {
  Shape shape = mask.shape();
  while (shape.rank() < a.rank()) shape.push_back(1);
  return where(reshape(mask, shape), a, b);
}

// A loop over x [time, batch, ..].
Scan over_times(std::string_view op, const RecurrentStep& step, const Tensor& x,
                std::vector<Tensor> initial_state, const SequenceOptions& options) {
  const bool is_masked = options.mask.defined();
  std::vector<Tensor> elements{x};
  if (is_masked) {
    const Shape times{x.size(1), x.size(0)};
    if (options.mask.dtype() != DType::boolean || !(options.mask.shape() == times))
      throw Error(fmt::format("[{}] the mask is {}; it must be bool{}.", op, describe(options.mask),
                              to_string(times)));
    elements.push_back(transpose(options.mask));
  }
  const ScanStep whole = [&](const std::vector<Tensor>& state, const std::vector<Tensor>& now) -> Scanned {
    std::vector<Tensor> next = step(now[0], state);
    if (next.empty()) throw Error("[scan] the step returned no state; it must return at least one tensor.");
    for (std::size_t i = 0; is_masked && i < std::min(next.size(), state.size()); ++i)
      next[i] = chosen(now[1], next[i], state[i]);
    return {next, {next[0]}};
  };
  const Scanned all =
      scan(whole, std::move(elements), std::move(initial_state), {.reverse = options.go_backwards});
  Tensor sequence = moveaxis(all.stacked[0], 0, 1);
  if (is_masked && options.zero_output_for_mask)
    sequence = chosen(options.mask, sequence, zeros_like(sequence));
  if (options.go_backwards) sequence = flip(sequence, {1});
  return {.sequence = sequence, .state = all.state};
}

Tensor state_or_zeros(std::string_view op, std::string_view what, const Tensor& state, const Shape& shape) {
  if (!state.defined()) return zeros(shape);
  check(op, what, state, shape);
  return state;
}

}  // namespace

namespace {

// Whether a function is this operation.
bool is(const std::function<Tensor(const Tensor&)>& function, const Op& op) {
  const Tensor x = input("x", Shape{1});
  const Tensor y = function(x);
  return y.node().op == &op && y.node().inputs[0].get() == x.get();
}

// Other frameworks have one operation for the usual cell, and no masks.
Scan with_origins(const Scan& scan, std::string_view function, const std::vector<Tensor>& inputs,
                  const SequenceOptions& options, const CellOptions& cell) {
  if (options.mask.defined() || cell.recurrent_mask.defined()) return scan;
  if (!is(cell.activation, tanh_op) || !is(cell.recurrent_activation, sigmoid_op)) return scan;
  const Attributes attributes{.integers = {options.go_backwards ? 1 : 0, cell.reset_after ? 1 : 0}};
  with_origin(scan.sequence, {function, inputs, attributes, 0});
  for (std::size_t i = 0; i < scan.state.size(); ++i)
    with_origin(scan.state[i], {function, inputs, attributes, i + 1});
  return scan;
}

}  // namespace

LstmState lstm_gates(const Tensor& z, const Tensor& c, const CellOptions& options) {
  if (z.rank() < 1 || z.dtype() != DType::f32 || z.size(-1) < 4 || z.size(-1) % 4 != 0)
    throw Error(fmt::format("[lstm_gates] z is {}; it must be f32 [.., 4 units].", describe(z)));
  Shape shape = z.shape();
  shape[z.rank() - 1] = z.size(-1) / 4;
  check("lstm_gates", "c", c, shape);
  const std::vector<Tensor> gates = split(z, 4, -1);
  const Tensor next = options.recurrent_activation(gates[1]) * c +
                      options.recurrent_activation(gates[0]) * options.activation(gates[2]);
  return {options.recurrent_activation(gates[3]) * options.activation(next), next};
}

Tensor simple_rnn_cell(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
                       const Tensor& bias, const CellOptions& options) {
  const std::int64_t units = checked_units("simple_rnn_cell", 1, x, 2, kernel, recurrent_kernel);
  check("simple_rnn_cell", "h", h, {x.size(0), units});
  check_recurrent_mask("simple_rnn_cell", options, h.shape());
  return simple_step(projected("simple_rnn_cell", x, kernel, bias), h, recurrent_kernel, options);
}

LstmState lstm_cell(const Tensor& x, const LstmState& state, const Tensor& kernel,
                    const Tensor& recurrent_kernel, const Tensor& bias, const CellOptions& options) {
  const std::int64_t units = checked_units("lstm_cell", 4, x, 2, kernel, recurrent_kernel);
  check("lstm_cell", "h", state.h, {x.size(0), units});
  check("lstm_cell", "c", state.c, {x.size(0), units});
  check_recurrent_mask("lstm_cell", options, state.h.shape());
  return lstm_step(projected("lstm_cell", x, kernel, bias), state, recurrent_kernel, options);
}

Tensor gru_cell(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
                const Tensor& bias, const CellOptions& options) {
  const std::int64_t units = checked_units("gru_cell", 3, x, 2, kernel, recurrent_kernel);
  check("gru_cell", "h", h, {x.size(0), units});
  check_recurrent_mask("gru_cell", options, h.shape());
  const GruBias biases = gru_bias("gru_cell", bias, units, options.reset_after);
  return gru_step(plus(matmul(x, kernel), biases.input), h, recurrent_kernel, biases.recurrent, options);
}

Scan scan(const RecurrentStep& step, const Tensor& x, std::vector<Tensor> initial_state,
          const SequenceOptions& options) {
  if (x.rank() < 2 || x.size(1) == 0) {
    throw Error(
        fmt::format("[scan] x is {}; it must be [batch, time, ..] with at least one time.", describe(x)));
  }
  if (initial_state.empty())
    throw Error("[scan] the initial state holds no tensor; it must hold at least one.");
  return over_times("scan", step, moveaxis(x, 1, 0), std::move(initial_state), options);
}

Scan simple_rnn(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias,
                const Tensor& initial_state, const SequenceOptions& options, const CellOptions& cell) {
  const std::int64_t units = checked_units("simple_rnn", 1, x, 3, kernel, recurrent_kernel);
  const Shape shape{x.size(0), units};
  const Tensor h = state_or_zeros("simple_rnn", "h", initial_state, shape);
  check_recurrent_mask("simple_rnn", cell, shape);
  const RecurrentStep step = [&](const Tensor& a, const std::vector<Tensor>& state) {
    return std::vector<Tensor>{simple_step(a, state[0], recurrent_kernel, cell)};
  };
  return over_times("simple_rnn", step, projected("simple_rnn", moveaxis(x, 1, 0), kernel, bias), {h},
                    options);
}

Scan lstm(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias,
          const LstmState& initial_state, const SequenceOptions& options, const CellOptions& cell) {
  const std::int64_t units = checked_units("lstm", 4, x, 3, kernel, recurrent_kernel);
  const Shape shape{x.size(0), units};
  const Tensor h = state_or_zeros("lstm", "h", initial_state.h, shape);
  const Tensor c = state_or_zeros("lstm", "c", initial_state.c, shape);
  check_recurrent_mask("lstm", cell, shape);
  const RecurrentStep step = [&](const Tensor& a, const std::vector<Tensor>& state) {
    const LstmState next = lstm_step(a, {state[0], state[1]}, recurrent_kernel, cell);
    return std::vector<Tensor>{next.h, next.c};
  };
  const Scan result =
      over_times("lstm", step, projected("lstm", moveaxis(x, 1, 0), kernel, bias), {h, c}, options);
  return with_origins(result, "lstm", {x, kernel, recurrent_kernel, bias, h, c}, options, cell);
}

Scan gru(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias,
         const Tensor& initial_state, const SequenceOptions& options, const CellOptions& cell) {
  const std::int64_t units = checked_units("gru", 3, x, 3, kernel, recurrent_kernel);
  const Shape shape{x.size(0), units};
  const Tensor h = state_or_zeros("gru", "h", initial_state, shape);
  check_recurrent_mask("gru", cell, shape);
  const GruBias biases = gru_bias("gru", bias, units, cell.reset_after);
  const RecurrentStep step = [&](const Tensor& a, const std::vector<Tensor>& state) {
    return std::vector<Tensor>{gru_step(a, state[0], recurrent_kernel, biases.recurrent, cell)};
  };
  const Scan result =
      over_times("gru", step, plus(matmul(moveaxis(x, 1, 0), kernel), biases.input), {h}, options);
  return with_origins(result, "gru", {x, kernel, recurrent_kernel, bias, h}, options, cell);
}

}  // namespace hekla
