// If, Loop and Scan.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/loops.h"
#include "ops/reorder.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

constexpr std::int64_t most_unrolled = 10'000;

Results choose(const Call& call) {
  return call.convert(call.graph(call.known_integer(0) != 0 ? "then_branch" : "else_branch"), {});
}

std::vector<Tensor> tensors_of(const Call& call, const Results& results) {
  std::vector<Tensor> tensors;
  for (const Operand& result : results) {
    if (!result.tensor.defined()) call.fail("its body hands on integers of more than 32 bits.");
    tensors.push_back(result.tensor);
  }
  return tensors;
}

// Whether a node gives the constant `true`.
bool is_true(const NodeProto& node) {
  if (node.op_type != "Constant" || node.attribute.size() != 1 || node.attribute[0].tensors.size() != 1)
    return false;
  const Tensor& elements = node.attribute[0].tensors[0].tensor;
  return elements.defined() && elements.count() == 1 && known_elements(elements)[0] != 0;
}

// Whether the body hands its condition on, or says that it goes on always.
bool keeps_condition(const GraphProto& body) {
  const std::string& condition = body.output[0].name;
  const std::string& given = body.input[1].name;
  return condition == given || std::ranges::any_of(body.node, [&](const NodeProto& node) {
           if (node.output != std::vector{condition}) return false;
           return is_true(node) || (node.op_type == "Identity" && node.input == std::vector{given});
         });
}

class Loop {
 public:
  explicit Loop(const Call& call) : call_(call), body_(call.graph("body")) {
    count_ = std::numeric_limits<std::int64_t>::max();
    if (call.has_input(0)) {
      const std::vector<std::int64_t> given = call.known_wide_integers(0);
      if (given.size() != 1) call.fail(fmt::format("{} numbers of iterations are given.", given.size()));
      count_ = given[0];
    }
    if (call.has_input(1) && call.known_integer(1) == 0) count_ = 0;
    for (std::size_t i = 2; i < call.input_count(); ++i) state_.push_back(call[i]);
    if (body_.output.size() < state_.size() + 1 || body_.input.size() != state_.size() + 2)
      call.fail(fmt::format("its body has {} inputs and {} outputs for {} carried values.",
                            body_.input.size(), body_.output.size(), state_.size()));
  }

  Results run() const {
    if (!keeps_condition(body_) || count_ == 0) return unrolled();
    if (count_ > most_positions) call_.fail("it has no end.");
    try {
      return looped();
    } catch (const UnknownElements&) {
      // Its body needs the number of the iteration when the graph is built, for a slice, say.
      return unrolled();
    }
  }

 private:
  // The condition, the carried values, what is stacked.
  std::vector<Tensor> step(const Tensor& iteration, const std::vector<Tensor>& state) const {
    std::vector<Operand> arguments{int64(iteration), full({}, 1, DType::boolean)};
    for (const Tensor& each : state) arguments.emplace_back(each);
    return tensors_of(call_, call_.convert(body_, std::move(arguments)));
  }

  std::ptrdiff_t first_stacked() const { return static_cast<std::ptrdiff_t>(state_.size()) + 1; }

  Results looped() const {
    const auto scanned = scan(
        [&](const std::vector<Tensor>& state, const std::vector<Tensor>& elements) {
          const std::vector<Tensor> results = step(elements[0], state);
          const auto stacked = results.begin() + first_stacked();
          return Scanned{.state = {results.begin() + 1, stacked}, .stacked = {stacked, results.end()}};
        },
        {arange(count_)}, state_);
    Results results(scanned.state.begin(), scanned.state.end());
    results.insert(results.end(), scanned.stacked.begin(), scanned.stacked.end());
    return results;
  }

  Results unrolled() const {
    std::vector<Tensor> state = state_;
    std::vector<std::vector<Tensor>> stacked(body_.output.size() - state.size() - 1);
    for (std::int64_t i = 0; i < count_; ++i) {
      if (i == most_unrolled) call_.fail(fmt::format("it runs more than {} times.", most_unrolled));
      const std::vector<Tensor> results = step(constant(static_cast<double>(i), {}, DType::i32), state);
      state.assign(results.begin() + 1, results.begin() + first_stacked());
      for (std::size_t j = 0; j < stacked.size(); ++j)
        stacked[j].push_back(results[static_cast<std::size_t>(first_stacked()) + j]);
      const std::vector<double> goes_on = known_elements(results[0]);
      if (goes_on.size() != 1)
        call_.fail(fmt::format("its condition {} is not one truth value.", describe(results[0])));
      if (goes_on[0] == 0) break;
    }
    Results results(state.begin(), state.end());
    for (const std::vector<Tensor>& each : stacked) {
      if (each.empty()) call_.fail("it runs no time, and the shape of what it stacks is not known.");
      results.emplace_back(stack(each));
    }
    return results;
  }

  const Call& call_;
  const GraphProto& body_;
  std::int64_t count_;
  std::vector<Tensor> state_;
};

Results loop(const Call& call) { return Loop(call).run(); }

Results scan_of(const Call& call) {
  const GraphProto& body = call.graph("body");
  if (call.opset() < 9) call.fail("Scan of opset 8 is not supported; later ones are.");
  const auto scans = static_cast<std::size_t>(call.integer("num_scan_inputs"));
  if (scans < 1 || scans > call.input_count() || body.output.size() < call.input_count() - scans)
    call.fail(fmt::format("{} of {} inputs are scanned.", scans, call.input_count()));
  const std::size_t states = call.input_count() - scans;
  const std::size_t outputs = body.output.size() - states;
  const auto list = [&](std::string_view name, std::size_t size) {
    const std::vector<std::int64_t> numbers = call.integers(name, std::vector<std::int64_t>(size, 0));
    if (numbers.size() != size)
      call.fail(fmt::format("{} has {} numbers in place of {}.", name, numbers.size(), size));
    return numbers;
  };
  const auto axes = list("scan_input_axes", scans);
  const auto directions = list("scan_input_directions", scans);
  const auto output_axes = list("scan_output_axes", outputs);
  const auto output_directions = list("scan_output_directions", outputs);
  std::vector<Tensor> state;
  for (std::size_t i = 0; i < states; ++i) state.push_back(call[i]);
  std::vector<Tensor> sequences;
  for (std::size_t i = 0; i < scans; ++i) {
    const Tensor& x = call[states + i];
    const Tensor sequence = moveaxis(x, call.axis_at(axes[i], x.rank()), 0);
    sequences.push_back(directions[i] != 0 ? flip(sequence, 0) : sequence);
  }
  const auto scanned = scan(
      [&](const std::vector<Tensor>& carried_state, const std::vector<Tensor>& elements) {
        std::vector<Operand> arguments(carried_state.begin(), carried_state.end());
        arguments.insert(arguments.end(), elements.begin(), elements.end());
        std::vector<Tensor> results = tensors_of(call, call.convert(body, std::move(arguments)));
        const auto stacked = results.begin() + static_cast<std::ptrdiff_t>(states);
        return Scanned{.state = {results.begin(), stacked}, .stacked = {stacked, results.end()}};
      },
      sequences, state);
  Results results(scanned.state.begin(), scanned.state.end());
  for (std::size_t i = 0; i < outputs; ++i) {
    const Tensor y = output_directions[i] != 0 ? flip(scanned.stacked[i], 0) : scanned.stacked[i];
    results.emplace_back(moveaxis(y, 0, call.axis_at(output_axes[i], y.rank())));
  }
  return results;
}

}  // namespace

std::vector<Conversion> control_flow() {
  return {
      {"If", choose, {"else_branch", "then_branch"}},
      {"Loop", loop, {"body"}},
      {"Scan",
       scan_of,
       {"body", "num_scan_inputs", "scan_input_axes", "scan_input_directions", "scan_output_axes",
        "scan_output_directions"}},
  };
}

}  // namespace hekla::onnx
