// The interpreter of the reference device: one plain loop per operation, as in its definition.
#include "backends/reference/interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include "graph/compiler/positions.h"
#include "graph/error.h"
#include "graph/loop.h"
#include "graph/run/runtime_lock.h"

namespace hekla {

using namespace compiler;

namespace {

using Operands = std::span<const std::shared_ptr<Elements>>;

std::size_t count_of(const Node& node) { return static_cast<std::size_t>(node.shape.count()); }

/// Advances a row-major position; false after the last one.
bool advance(std::vector<std::int64_t>& position, const Shape& shape) {
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (++position[static_cast<std::size_t>(axis)] < shape[axis]) return true;
    position[static_cast<std::size_t>(axis)] = 0;
  }
  return false;
}

std::int64_t offset_of(std::span<const std::int64_t> position, const std::vector<std::int64_t>& strides) {
  std::int64_t offset = 0;
  for (std::size_t axis = 0; axis < strides.size(); ++axis) offset += position[axis] * strides[axis];
  return offset;
}

std::vector<double> positions_along_axis(const Node& node) {
  const auto axis = static_cast<std::size_t>(iota_axis(node));
  const std::int64_t stride = strides_of(node.shape)[axis];
  const std::int64_t size = node.shape[static_cast<int>(axis)];
  std::vector<double> result(count_of(node));
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = static_cast<double>(static_cast<std::int64_t>(i) / stride % size);
  }
  return result;
}

std::vector<double> map(const Node& node, Operands x) {
  std::vector<double> result(count_of(node));
  std::array<double, 8> operands{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (std::size_t k = 0; k < x.size(); ++k) operands[k] = (*x[k])[static_cast<std::int64_t>(i)];
    result[i] = convert(node.op->eval(std::span(operands.data(), x.size()), node.dtype), node.dtype);
  }
  return result;
}

std::vector<double> reduce(const Node& node, const Elements& x) {
  std::vector<double> result(count_of(node), convert(*node.op->identity, DType::f32));
  const Shape& from = node.inputs[0].shape();
  if (from.count() == 0) return result;
  std::vector<std::int64_t> strides = strides_of(node.shape);
  for (const std::int64_t axis : reduced_axes(node)) strides[static_cast<std::size_t>(axis)] = 0;
  std::vector<std::int64_t> position(static_cast<std::size_t>(from.rank()), 0);
  std::int64_t i = 0;
  do {
    double& folded = result[static_cast<std::size_t>(offset_of(position, strides))];
    const std::array<double, 2> pair{folded, x[i++]};
    folded = convert(node.op->eval(pair, node.dtype), node.dtype);
  } while (advance(position, from));
  return result;
}

std::vector<std::int64_t> sources(const Node& node) {
  std::vector<std::int64_t> result(count_of(node));
  if (result.empty()) return result;
  const View view = node.op->view(node);
  const Index offset = linearize(node.inputs[0].shape(), view.index);
  std::vector<std::int64_t> position(static_cast<std::size_t>(node.shape.rank()), 0);
  std::size_t i = 0;
  do {
    const bool inside = std::all_of(view.bounds.begin(), view.bounds.end(), [&](const View::Bound& bound) {
      const std::int64_t value = evaluate(bound.value, position) - bound.low;
      return value >= 0 && value < bound.high - bound.low && value % bound.step == 0;
    });
    result[i++] = inside ? evaluate(offset, position) : -1;
  } while (advance(position, node.shape));
  return result;
}

std::vector<double> move(const std::vector<std::int64_t>& source, double fill, const Elements& x) {
  std::vector<double> result(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) result[i] = source[i] < 0 ? fill : x[source[i]];
  return result;
}

std::vector<double> multiply_matrices(const Node& node, const Elements& a, const Elements& b) {
  const std::int64_t rows = node.shape[node.shape.rank() - 2];
  const std::int64_t columns = node.shape.back();
  const std::int64_t inner = node.inputs[0].shape().back();
  std::vector<double> result(count_of(node), 0.0);
  const std::int64_t matrices = rows * columns == 0 ? 0 : node.shape.count() / (rows * columns);
  for (std::int64_t batch = 0; batch < matrices; ++batch) {
    for (std::int64_t m = 0; m < rows; ++m) {
      double* row = result.data() + (batch * rows + m) * columns;
      for (std::int64_t k = 0; k < inner; ++k) {
        const double factor = a[(batch * rows + m) * inner + k];
        for (std::int64_t n = 0; n < columns; ++n) row[n] += factor * b[(batch * inner + k) * columns + n];
      }
    }
  }
  return result;
}

std::vector<double> gather(const Node& node, const Elements& x, const Elements& indices) {
  const Shape& from = node.inputs[0].shape();
  const int axis = gather_axis(node);
  const std::int64_t size = from[axis];
  const std::int64_t inner = strides_of(from)[static_cast<std::size_t>(axis)];
  const std::int64_t picks = node.inputs[1].count();
  std::vector<double> result(count_of(node));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i);
    const std::int64_t outer = position / (inner * picks);
    const auto index = static_cast<std::int64_t>(indices[position / inner % picks]);
    result[i] = x[(outer * size + std::clamp<std::int64_t>(index, 0, size - 1)) * inner + position % inner];
  }
  return result;
}

std::vector<double> call_custom(const Node& node, Operands x) {
  if (node.op->kernel->reference == nullptr) {
    throw Error(fmt::format(
        "[{}] has no reference function; the reference device cannot run a kernel's GLSL.", node.op->name));
  }
  std::vector<std::vector<double>> operands;
  for (std::size_t k = 0; k < x.size(); ++k) {
    std::vector<double>& operand = operands.emplace_back(count_of(node.inputs[k].node()));
    for (std::size_t i = 0; i < operand.size(); ++i) operand[i] = (*x[k])[static_cast<std::int64_t>(i)];
  }
  std::vector<double> result = node.op->kernel->reference(node, operands);
  if (result.size() != count_of(node)) {
    throw Error(fmt::format("[{}] its reference function gave {} elements for {}{}; it must give {}.",
                            node.op->name, result.size(), name(node.dtype), to_string(node.shape),
                            count_of(node)));
  }
  for (double& number : result) number = convert(number, node.dtype);
  return result;
}

// The limit for one tensor: an eighth of the host memory, because several are alive at once.
std::int64_t most_elements() {
#ifdef _SC_PHYS_PAGES
  const std::int64_t bytes = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  return std::min(most_positions, bytes / 8 / static_cast<std::int64_t>(sizeof(double)));
#else
  return most_positions;
#endif
}

void check_size(const Node& node) {
  static const std::int64_t most = most_elements();
  const std::int64_t count = node.shape.count();
  if (count <= most) return;
  throw Error(fmt::format(
      "[reference] {} {}{} has {} elements; the reference device, which keeps all that it computes, "
      "has room for {} here.",
      node.label.empty() ? node.op->name : std::string_view(node.label), name(node.dtype),
      to_string(node.shape), count, most));
}

}  // namespace

Interpreter::Interpreter(const Graph& graph) : graph_(graph) {
  std::unordered_map<const Node*, std::size_t> position;
  for (const Node* node : graph_.order()) {
    check_size(*node);
    Step step{.node = node, .inputs = {}, .last_use = steps_.size(), .source = {}};
    if (is_storage(node->op->kind)) {
      step.leaf = leaf_number(*node);
    } else {
      for (const Tensor& input : node->inputs) {
        step.inputs.push_back(position.at(input.get()));
        steps_[step.inputs.back()].last_use = steps_.size();
      }
    }
    if (node->loop) enter_loop(step);
    position[node] = steps_.size();
    steps_.push_back(std::move(step));
  }
  for (const Tensor& output : graph_.outputs) outputs_.push_back(position.at(output.get()));
  for (const Graph::Assignment& assignment : graph_.assignments) {
    assignments_.push_back(
        {steps_[position.at(assignment.variable.get())].leaf, position.at(assignment.value.get())});
  }
  if (std::any_of(graph_.numbers.begin(), graph_.numbers.end(),
                  [](const PlanNumber& number) { return number.is_data; })) {
    NumberLeaf& all = number_leaves_.emplace_back(NumberLeaf{DType::f32, {}});
    for (std::size_t i = 0; i < graph_.numbers.size(); ++i) all.numbers.push_back(static_cast<int>(i));
  }
  for (const std::size_t output : outputs_) steps_[output].last_use = steps_.size();
  for (const Assignment& assignment : assignments_) steps_[assignment.value].last_use = steps_.size();
}

// Results of one loop are computed by the first of them.
void Interpreter::enter_loop(Step& step) {
  step.first_of_loop = steps_.size();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].node->loop != step.node->loop || steps_[i].inputs != step.inputs) continue;
    step.first_of_loop = i;
    return;
  }
  const Loop& loop = *step.node->loop;
  step.body = std::make_shared<Interpreter>(body_of(loop, std::vector<bool>(loop.results.size(), true)));
}

// All results of a loop: the body runs over copies of the states, which it updates.
std::vector<std::shared_ptr<Elements>> Interpreter::run_loop(const Step& step, Operands x) {
  const Loop& loop = *step.node->loop;
  std::vector<std::shared_ptr<Storage>> leaves(x.begin(), x.end());
  for (std::size_t i = 0; i < loop.states.size(); ++i) leaves[i] = std::make_shared<Elements>(*x[i]);
  std::vector<std::vector<double>> stacked;
  for (std::size_t i = loop.states.size(); i < loop.results.size(); ++i)
    stacked.emplace_back(static_cast<std::size_t>(loop.count * loop.results[i].count()));
  for (std::int64_t t = 0; t < loop.count; ++t) {
    const std::int64_t element = loop.reversed ? loop.count - 1 - t : t;
    step.body->element_ = element;
    const std::vector<std::shared_ptr<Storage>> results = step.body->run(leaves, 1);
    for (std::size_t i = 0; i < stacked.size(); ++i) {
      const auto& result = static_cast<const Elements&>(*results[i]);
      const std::int64_t count = loop.results[loop.states.size() + i].count();
      for (std::int64_t k = 0; k < count; ++k)
        stacked[i][static_cast<std::size_t>(element * count + k)] = result[k];
    }
  }
  std::vector<std::shared_ptr<Elements>> all;
  for (std::size_t i = 0; i < loop.states.size(); ++i)
    all.push_back(std::static_pointer_cast<Elements>(leaves[i]));
  for (std::vector<double>& each : stacked) all.push_back(std::make_shared<Elements>(std::move(each)));
  return all;
}

double Interpreter::number_in(const Node& constant, std::span<const std::shared_ptr<Storage>> leaves) const {
  const int number = number_of(constant);
  if (number < 0 || number_leaves_.empty()) return constant_value(constant);
  return static_cast<const Elements&>(*leaves[graph_.leaves.size()])[number];
}

// The element that the present iteration of the loop around this body picks.
std::shared_ptr<Elements> Interpreter::element_of(const Node& node, const Elements& stacked) const {
  std::vector<double> result(count_of(node));
  const std::int64_t start = element_ * node.shape.count();
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = stacked[start + static_cast<std::int64_t>(i)];
  return std::make_shared<Elements>(std::move(result));
}

std::shared_ptr<Elements> Interpreter::compute(Step& step, Operands x,
                                               std::span<const std::shared_ptr<Storage>> leaves) const {
  const Node& node = *step.node;
  switch (node.op->kind) {
    case Kind::constant:
      return std::make_shared<Elements>(std::vector<double>(count_of(node), number_in(node, leaves)));
    case Kind::iota:
      return std::make_shared<Elements>(positions_along_axis(node));
    case Kind::elementwise:
      return std::make_shared<Elements>(map(node, x));
    case Kind::reduce:
      return std::make_shared<Elements>(reduce(node, *x[0]));
    case Kind::view:
      if (is_element(node)) return element_of(node, *x[0]);
      if (keeps_order(node)) return x[0];
      if (step.source.empty()) {
        step.source = sources(node);
        step.fill = convert(node.op->view(node).fill, node.dtype);
      }
      return std::make_shared<Elements>(move(step.source, step.fill, *x[0]));
    case Kind::matmul:
      return std::make_shared<Elements>(multiply_matrices(node, *x[0], *x[1]));
    case Kind::gather:
      return std::make_shared<Elements>(gather(node, *x[0], *x[1]));
    case Kind::custom:
      return std::make_shared<Elements>(call_custom(node, x));
    case Kind::storage:
    case Kind::variable:
    case Kind::loop:
      break;
  }
  return nullptr;
}

std::vector<std::shared_ptr<Storage>> Interpreter::run(std::span<const std::shared_ptr<Storage>> leaves,
                                                       int steps) {
  std::vector<std::shared_ptr<Elements>> values(steps_.size());
  std::vector<std::shared_ptr<Storage>> results;
  for (int repetition = 0; repetition < steps; ++repetition) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      stop_if_process_ends();
      Step& step = steps_[i];
      if (step.leaf >= 0) {
        values[i] = std::static_pointer_cast<Elements>(leaves[static_cast<std::size_t>(step.leaf)]);
        continue;
      }
      std::vector<std::shared_ptr<Elements>> operands;
      for (const std::size_t input : step.inputs) operands.push_back(values[input]);
      if (step.node->loop) {
        std::vector<std::shared_ptr<Elements>>& results = steps_[step.first_of_loop].results;
        if (step.body) results = run_loop(step, operands);
        values[i] = results[result_number(*step.node)];
      } else {
        values[i] = compute(step, operands, leaves);
      }
      for (const std::size_t input : step.inputs) {
        if (steps_[input].last_use == i) values[input].reset();
      }
    }
    for (Step& step : steps_) step.results.clear();
    // Outputs are copied before updates, and all new values are computed before any is assigned: a run reads
    // the state at its start.
    results.clear();
    for (const std::size_t output : outputs_) results.push_back(std::make_shared<Elements>(*values[output]));
    std::vector<Elements> assigned;
    for (const Assignment& assignment : assignments_) assigned.push_back(*values[assignment.value]);
    for (std::size_t i = 0; i < assignments_.size(); ++i) {
      *std::static_pointer_cast<Elements>(leaves[static_cast<std::size_t>(assignments_[i].leaf)]) =
          std::move(assigned[i]);
    }
  }
  return results;
}

std::string Interpreter::describe() const {
  std::string text;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Node& node = *steps_[i].node;
    text += fmt::format("%{} = {}{} {}", i, name(node.dtype), to_string(node.shape), node.op->name);
    for (const std::size_t input : steps_[i].inputs) text += fmt::format(" %{}", input);
    text += "\n";
  }
  return text;
}

std::size_t Interpreter::host_bytes() const {
  constexpr std::size_t of_step = 500;  // including its node
  std::size_t sum = steps_.size() * of_step;
  for (const Step& step : steps_) {
    sum += step.source.size() * sizeof step.source[0];
    if (step.body) sum += step.body->host_bytes();
  }
  return sum;
}

}  // namespace hekla
