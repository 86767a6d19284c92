// Recurrent cells.
#include "ops/nn/recurrent.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/create.h"
#include "ops/elementwise.h"
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
    throw Error(fmt::format("[{}] recurrent_kernel is {}; it must be f32 [units, {} units].", op,
                            describe(recurrent_kernel), gates));
  }
  const std::int64_t units = recurrent_kernel.size(0);
  check(op, "recurrent_kernel", recurrent_kernel, {units, gates * units});
  check(op, "kernel", kernel, {x.size(-1), gates * units});
  return units;
}

// Gate `gate` of the last axis, which holds the gates side by side.
Tensor part(const Tensor& gates, std::int64_t gate, std::int64_t units) {
  std::vector<Range> ranges(static_cast<std::size_t>(gates.rank()));
  ranges.back() = {.start = gate * units, .stop = (gate + 1) * units};
  return slice(gates, ranges);
}

Tensor row(const Tensor& matrix, std::int64_t index) {
  return squeeze(slice(matrix, {{.start = index, .stop = index + 1}}), {0});
}

Tensor masked(const Tensor& h, const Tensor& mask) { return mask.defined() ? h * mask : h; }

LstmState lstm_step(const Tensor& projected, const LstmState& state, const Tensor& recurrent_kernel) {
  const std::int64_t units = recurrent_kernel.size(0);
  const Tensor z = projected + matmul(state.h, recurrent_kernel);
  const Tensor c =
      sigmoid(part(z, 1, units)) * state.c + sigmoid(part(z, 0, units)) * tanh(part(z, 2, units));
  return {sigmoid(part(z, 3, units)) * tanh(c), c};
}

Tensor gru_step(const Tensor& projected, const Tensor& h, const Tensor& recurrent_kernel, const Tensor& bias,
                const Tensor& recurrent_mask = {}) {
  const std::int64_t units = recurrent_kernel.size(0);
  const Tensor inner = matmul(masked(h, recurrent_mask), recurrent_kernel);
  const Tensor recurrent = bias.defined() ? inner + row(bias, 1) : inner;
  const Tensor z = sigmoid(part(projected, 0, units) + part(recurrent, 0, units));
  const Tensor r = sigmoid(part(projected, 1, units) + part(recurrent, 1, units));
  const Tensor g = tanh(part(projected, 2, units) + r * part(recurrent, 2, units));
  return z * h + (1 - z) * g;
}

Tensor lstm_projection(std::string_view op, const Tensor& x, const Tensor& kernel, const Tensor& bias,
                       std::int64_t units) {
  if (!bias.defined()) return matmul(x, kernel);
  check(op, "bias", bias, {4 * units});
  return matmul(x, kernel) + bias;
}

Tensor gru_projection(std::string_view op, const Tensor& x, const Tensor& kernel, const Tensor& bias,
                      std::int64_t units) {
  if (!bias.defined()) return matmul(x, kernel);
  check(op, "bias", bias, {2, 3 * units});
  return matmul(x, kernel) + row(bias, 0);
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

// Other frameworks have no such masks.
Scan with_origins(const Scan& scan, std::string_view function, const std::vector<Tensor>& inputs,
                  const SequenceOptions& options, const Tensor& recurrent_mask) {
  if (options.mask.defined() || recurrent_mask.defined()) return scan;
  const Attributes attributes{.integers = {options.go_backwards ? 1 : 0}};
  with_origin(scan.sequence, {function, inputs, attributes, 0});
  for (std::size_t i = 0; i < scan.state.size(); ++i)
    with_origin(scan.state[i], {function, inputs, attributes, i + 1});
  return scan;
}

}  // namespace

LstmState lstm_cell(const Tensor& x, const LstmState& state, const Tensor& kernel,
                    const Tensor& recurrent_kernel, const Tensor& bias) {
  const std::int64_t units = checked_units("lstm_cell", 4, x, 2, kernel, recurrent_kernel);
  check("lstm_cell", "h", state.h, {x.size(0), units});
  check("lstm_cell", "c", state.c, {x.size(0), units});
  return lstm_step(lstm_projection("lstm_cell", x, kernel, bias, units), state, recurrent_kernel);
}

Tensor gru_cell(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
                const Tensor& bias) {
  const std::int64_t units = checked_units("gru_cell", 3, x, 2, kernel, recurrent_kernel);
  check("gru_cell", "h", h, {x.size(0), units});
  return gru_step(gru_projection("gru_cell", x, kernel, bias, units), h, recurrent_kernel, bias);
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

Scan lstm(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias,
          const LstmState& initial_state, const SequenceOptions& options, const Tensor& recurrent_mask) {
  const std::int64_t units = checked_units("lstm", 4, x, 3, kernel, recurrent_kernel);
  const Shape shape{x.size(0), units};
  const Tensor h = state_or_zeros("lstm", "h", initial_state.h, shape);
  const Tensor c = state_or_zeros("lstm", "c", initial_state.c, shape);
  if (recurrent_mask.defined()) check("lstm", "recurrent_mask", recurrent_mask, shape);
  const RecurrentStep step = [&](const Tensor& projected, const std::vector<Tensor>& state) {
    // In an LSTM, h is used only in its product with recurrent_kernel, so it can be masked beforehand.
    const LstmState next =
        lstm_step(projected, {masked(state[0], recurrent_mask), state[1]}, recurrent_kernel);
    return std::vector<Tensor>{next.h, next.c};
  };
  const Scan result = over_times(
      "lstm", step, lstm_projection("lstm", moveaxis(x, 1, 0), kernel, bias, units), {h, c}, options);
  return with_origins(result, "lstm", {x, kernel, recurrent_kernel, bias, h, c}, options, recurrent_mask);
}

Scan gru(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias,
         const Tensor& initial_state, const SequenceOptions& options, const Tensor& recurrent_mask) {
  const std::int64_t units = checked_units("gru", 3, x, 3, kernel, recurrent_kernel);
  const Shape shape{x.size(0), units};
  const Tensor h = state_or_zeros("gru", "h", initial_state, shape);
  if (recurrent_mask.defined()) check("gru", "recurrent_mask", recurrent_mask, shape);
  const RecurrentStep step = [&](const Tensor& projected, const std::vector<Tensor>& state) {
    return std::vector<Tensor>{gru_step(projected, state[0], recurrent_kernel, bias, recurrent_mask)};
  };
  const Scan result =
      over_times("gru", step, gru_projection("gru", moveaxis(x, 1, 0), kernel, bias, units), {h}, options);
  return with_origins(result, "gru", {x, kernel, recurrent_kernel, bias, h}, options, recurrent_mask);
}

}  // namespace hekla
