// LSTM, GRU and RNN. The formulas are those of the operations' specifications:
// https://onnx.ai/onnx/operators/onnx__LSTM.html and its neighbours.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/nn/recurrent.h"
#include "ops/reorder.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;
using Activation = std::function<Tensor(const Tensor&)>;

struct NamedActivation {
  std::string_view name;
  bool takes_alpha, takes_beta;
  double alpha, beta;  // where the file gives none
  Tensor (*function)(const Tensor& x, double alpha, double beta);
};

const std::vector<NamedActivation>& named_activations() {
  static const std::vector<NamedActivation> table = {
      {"affine", true, true, 1, 0, [](const Tensor& x, double a, double b) { return a * x + b; }},
      {"elu", true, false, 1, 0, [](const Tensor& x, double a, double) { return elu(x, a); }},
      {"hardsigmoid", true, true, 0.2, 0.5,
       [](const Tensor& x, double a, double b) { return clip(a * x + b, 0, 1); }},
      {"leakyrelu", true, false, 0.01, 0, [](const Tensor& x, double a, double) { return leaky_relu(x, a); }},
      {"relu", false, false, 0, 0, [](const Tensor& x, double, double) { return relu(x); }},
      {"scaledtanh", true, true, 1, 1, [](const Tensor& x, double a, double b) { return a * tanh(b * x); }},
      {"sigmoid", false, false, 0, 0, [](const Tensor& x, double, double) { return sigmoid(x); }},
      {"softplus", false, false, 0, 0, [](const Tensor& x, double, double) { return softplus(x); }},
      {"softsign", false, false, 0, 0, [](const Tensor& x, double, double) { return softsign(x); }},
      {"tanh", false, false, 0, 0, [](const Tensor& x, double, double) { return tanh(x); }},
      {"thresholdedrelu", true, false, 1, 0,
       [](const Tensor& x, double a, double) { return where(x > a, x, 0); }},
  };
  return table;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// What all three have in common.
class Recurrence {
 public:
  Recurrence(const Call& call, std::vector<std::string> default_activations, std::int64_t gates)
      : call_(call), gates_(gates), each_(default_activations.size()) {
    const std::string direction = call.text("direction", "forward");
    if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
      call.fail(fmt::format("the direction is {}; forward, reverse or bidirectional is needed.",
                            files::in_quotes(direction)));
    directions_ = direction == "bidirectional" ? 2 : 1;
    first_is_reverse_ = direction == "reverse";
    batch_first_ = call.integer("layout", 0) == 1;
    if (call[0].rank() != 3)
      call.fail(fmt::format("{} is given; a sequence of rank 3 is needed.", describe(call[0])));
    x_ = batch_first_ ? call[0] : swapaxes(call[0], 0, 1);
    const Tensor& recurrent = call[2];
    if (recurrent.rank() != 3 || recurrent.size(0) != directions_ ||
        recurrent.size(1) != gates * recurrent.size(2))
      call.fail(fmt::format("R is {}; [{}, {} * units, units] is needed.", describe(recurrent), directions_,
                            gates));
    units_ = recurrent.size(2);
    if (call.integer("hidden_size", units_) != units_)
      call.fail(fmt::format("hidden_size is {}; R is {}.", call.integer("hidden_size"), describe(recurrent)));
    read_activations(default_activations);
    if (call.has_input(4)) {
      const Tensor time = iota(Shape{x_.size(0), x_.size(1)}, 1);
      mask_ = time < expand_dims(call[4], -1);
    }
  }

  std::int64_t directions() const { return directions_; }
  std::int64_t units() const { return units_; }
  const Tensor& x() const { return x_; }

  SequenceOptions options(std::int64_t direction) const {
    return {.go_backwards = first_is_reverse_ != (direction == 1),
            .mask = mask_,
            .zero_output_for_mask = mask_.defined()};
  }

  // W and R transposed, [features, gates * units], and the two halves of B.
  Tensor kernel(std::int64_t direction) const { return transpose(call_[1][direction]); }
  Tensor recurrent_kernel(std::int64_t direction) const { return transpose(call_[2][direction]); }
  Tensor bias(std::int64_t direction, int half) const {
    const Tensor both = call_.has_input(3) ? call_[3][direction] : zeros(Shape{2 * gates_ * units_});
    return split(both, 2, 0)[static_cast<std::size_t>(half)];
  }

  // [directions, batch, units] or, batch first, [batch, directions, units].
  Tensor initial(std::size_t input, std::int64_t direction) const {
    if (!call_.has_input(input)) return zeros(Shape{x_.size(0), units_});
    const Tensor& all = call_[input];
    return batch_first_ ? swapaxes(all, 0, 1)[direction] : all[direction];
  }

  // Activation `number` of a direction.
  Tensor activate(std::int64_t direction, std::size_t number, const Tensor& x) const {
    const double limit = call_.number("clip", 0);
    const Tensor clipped = limit > 0 ? clip(x, -limit, limit) : x;
    return activations_[static_cast<std::size_t>(direction) * each_ + number](clipped);
  }

  // Whether hekla's own cells compute the same.
  bool is_plain() const { return !call_.has_attribute("activations") && call_.number("clip", 0) == 0; }

  // Y, Y_h and, for an LSTM, Y_c.
  Results results(const std::vector<Scan>& scans) const {
    std::vector<Tensor> sequences;
    for (std::size_t i = 0; i < scans.size(); ++i) {
      const Tensor& sequence = scans[i].sequence;
      sequences.push_back(options(static_cast<std::int64_t>(i)).go_backwards ? flip(sequence, 1) : sequence);
    }
    const Tensor y = stack(sequences, 2);  // [batch, time, directions, units]
    Results all{batch_first_ ? y : permute(y, {1, 2, 0, 3})};
    for (std::size_t state = 0; state < scans[0].state.size(); ++state) {
      std::vector<Tensor> last;
      for (const Scan& scan : scans) last.push_back(scan.state[state]);
      all.emplace_back(stack(last, batch_first_ ? 1 : 0));
    }
    return all;
  }

 private:
  void read_activations(const std::vector<std::string>& defaults) {
    std::vector<std::string> names = call_.texts("activations");
    if (names.empty()) {
      for (std::int64_t i = 0; i < directions_; ++i)
        names.insert(names.end(), defaults.begin(), defaults.end());
    }
    if (names.size() != static_cast<std::size_t>(directions_) * each_)
      call_.fail(fmt::format("{} activations are named; {} are needed.", names.size(),
                             static_cast<std::size_t>(directions_) * each_));
    // The lists hold numbers of those activations alone that take one.
    const std::vector<double> alphas = call_.numbers("activation_alpha");
    const std::vector<double> betas = call_.numbers("activation_beta");
    std::size_t alpha = 0;
    std::size_t beta = 0;
    for (const std::string& name : names) {
      const auto found = std::ranges::find(named_activations(), lower(name), &NamedActivation::name);
      if (found == named_activations().end())
        call_.fail(fmt::format("the activation {} is unknown.", files::in_quotes(name)));
      const double a = found->takes_alpha && alpha < alphas.size() ? alphas[alpha++] : found->alpha;
      const double b = found->takes_beta && beta < betas.size() ? betas[beta++] : found->beta;
      activations_.push_back(
          [function = found->function, a, b](const Tensor& x) { return function(x, a, b); });
    }
  }

  const Call& call_;
  std::int64_t gates_;
  std::size_t each_;  // activations of a direction
  std::int64_t directions_ = 1;
  std::int64_t units_ = 0;
  bool first_is_reverse_ = false;
  bool batch_first_ = false;
  Tensor x_;  // [batch, time, features]
  Tensor mask_;
  std::vector<Activation> activations_;
};

// Parts of the last axis in another order.
Tensor reordered(const Tensor& x, const std::vector<std::size_t>& order) {
  const std::vector<Tensor> parts = split(x, static_cast<std::int64_t>(order.size()), -1);
  std::vector<Tensor> result;
  for (const std::size_t part : order) result.push_back(parts[part]);
  return concat(result, -1);
}

Scan lstm_direction(const Call& call, const Recurrence& rnn, std::int64_t d) {
  const bool couples = call.flag("input_forget");
  if (rnn.is_plain() && !couples && !call.has_input(7)) {
    // ONNX has the gates i, o, f, c; hekla i, f, c, o.
    const std::vector<std::size_t> order = {0, 2, 3, 1};
    return lstm(rnn.x(), reordered(rnn.kernel(d), order), reordered(rnn.recurrent_kernel(d), order),
                reordered(rnn.bias(d, 0) + rnn.bias(d, 1), order), {rnn.initial(5, d), rnn.initial(6, d)},
                rnn.options(d));
  }
  const Tensor z = matmul(rnn.x(), rnn.kernel(d)) + rnn.bias(d, 0) + rnn.bias(d, 1);
  const Tensor recurrent = rnn.recurrent_kernel(d);
  std::vector<Tensor> peepholes = {0, 0, 0};
  if (call.has_input(7)) peepholes = split(call[7][d], 3, 0);
  const auto step = [&](const Tensor& zt, const std::vector<Tensor>& state) -> std::vector<Tensor> {
    const Tensor& c = state[1];
    const std::vector<Tensor> gates = split(zt + matmul(state[0], recurrent), 4, -1);
    const Tensor i = rnn.activate(d, 0, gates[0] + peepholes[0] * c);
    const Tensor f = couples ? 1 - i : rnn.activate(d, 0, gates[2] + peepholes[2] * c);
    const Tensor next = f * c + i * rnn.activate(d, 1, gates[3]);
    const Tensor o = rnn.activate(d, 0, gates[1] + peepholes[1] * next);
    return {o * rnn.activate(d, 2, next), next};
  };
  return scan(step, z, {rnn.initial(5, d), rnn.initial(6, d)}, rnn.options(d));
}

Scan gru_direction(const Call& call, const Recurrence& rnn, std::int64_t d) {
  const bool after = call.flag("linear_before_reset");
  if (rnn.is_plain() && after)
    return gru(rnn.x(), rnn.kernel(d), rnn.recurrent_kernel(d), stack({rnn.bias(d, 0), rnn.bias(d, 1)}),
               rnn.initial(5, d), rnn.options(d));
  const Tensor a = matmul(rnn.x(), rnn.kernel(d)) + rnn.bias(d, 0);
  const std::vector<Tensor> kernels = split(rnn.recurrent_kernel(d), 3, -1);
  const std::vector<Tensor> biases = split(rnn.bias(d, 1), 3, 0);
  const auto step = [&](const Tensor& at, const std::vector<Tensor>& state) -> std::vector<Tensor> {
    const Tensor& h = state[0];
    const std::vector<Tensor> gates = split(at, 3, -1);
    const Tensor z = rnn.activate(d, 0, gates[0] + matmul(h, kernels[0]) + biases[0]);
    const Tensor r = rnn.activate(d, 0, gates[1] + matmul(h, kernels[1]) + biases[1]);
    const Tensor b = after ? r * (matmul(h, kernels[2]) + biases[2]) : matmul(r * h, kernels[2]) + biases[2];
    return {z * h + (1 - z) * rnn.activate(d, 1, gates[2] + b)};
  };
  return scan(step, a, {rnn.initial(5, d)}, rnn.options(d));
}

Scan rnn_direction(const Call&, const Recurrence& rnn, std::int64_t d) {
  const Tensor a = matmul(rnn.x(), rnn.kernel(d)) + rnn.bias(d, 0) + rnn.bias(d, 1);
  const Tensor recurrent = rnn.recurrent_kernel(d);
  const auto step = [&](const Tensor& at, const std::vector<Tensor>& state) -> std::vector<Tensor> {
    return {rnn.activate(d, 0, at + matmul(state[0], recurrent))};
  };
  return scan(step, a, {rnn.initial(5, d)}, rnn.options(d));
}

Results recurrence(const Call& call, std::vector<std::string> activations, std::int64_t gates,
                   Scan (*direction)(const Call&, const Recurrence&, std::int64_t)) {
  const Recurrence rnn(call, std::move(activations), gates);
  std::vector<Scan> scans;
  for (std::int64_t d = 0; d < rnn.directions(); ++d) scans.push_back(direction(call, rnn, d));
  return rnn.results(scans);
}

Results lstm_of(const Call& call) { return recurrence(call, {"Sigmoid", "Tanh", "Tanh"}, 4, lstm_direction); }
Results gru_of(const Call& call) { return recurrence(call, {"Sigmoid", "Tanh"}, 3, gru_direction); }
Results rnn_of(const Call& call) { return recurrence(call, {"Tanh"}, 1, rnn_direction); }

std::vector<std::string_view> attributes_and(std::vector<std::string_view> more) {
  more.insert(more.end(), {"activation_alpha", "activation_beta", "activations", "clip", "direction",
                           "hidden_size", "layout"});
  return more;
}

}  // namespace

std::vector<Conversion> recurrences() {
  return {
      {"GRU", gru_of, attributes_and({"linear_before_reset"})},
      {"LSTM", lstm_of, attributes_and({"input_forget"})},
      {"RNN", rnn_of, attributes_and({})},
  };
}

}  // namespace hekla::onnx
