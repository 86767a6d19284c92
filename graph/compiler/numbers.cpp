// Numbers: constants as structure (compiled in) and as data (loaded from memory).
#include "graph/compiler/numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>

#include "graph/compiler/plan.h"
#include "graph/op.h"

namespace hekla::compiler {

namespace {

// Kernels hold packed floats as f32, and bytes as words.
DType held_as(DType dtype) {
  if (is_float(dtype)) return DType::f32;
  return dtype == DType::u8 ? DType::u32 : dtype;
}

class Loader {
 public:
  Loader(Plan& plan, int leaves) : plan_(plan), leaves_(leaves) {}

  void rewrite(Kernel& kernel, Body& body) {
    for (Scalar& scalar : body.values) {
      if (scalar.kind != Scalar::Kind::constant || scalar.number_of_plan < 0) continue;
      const PlanNumber& number = plan_.numbers[static_cast<std::size_t>(scalar.number_of_plan)];
      if (!number.is_data) continue;
      const Place place = place_of(scalar.number_of_plan, held_as(number.dtype));
      const auto known = std::find(kernel.operands.begin(), kernel.operands.end(), place.slot);
      scalar.kind = Scalar::Kind::load;
      scalar.operand = static_cast<int>(known - kernel.operands.begin());
      scalar.index = Index(place.element);
      if (known == kernel.operands.end()) kernel.operands.push_back(place.slot);
    }
  }

 private:
  struct Place {
    int slot;
    std::int64_t element;
  };

  Place place_of(int number, DType dtype) {
    std::vector<NumberLeaf>& leaves = plan_.number_leaves;
    const auto leaf = std::find_if(leaves.begin(), leaves.end(),
                                   [&](const NumberLeaf& other) { return other.dtype == dtype; });
    const auto which = static_cast<std::size_t>(leaf - leaves.begin());
    if (leaf == leaves.end()) {
      slots_.push_back(static_cast<int>(plan_.slots.size()));
      plan_.slots.push_back({.place = Slot::Place::leaf,
                             .number = leaves_ + static_cast<int>(which),
                             .dtype = dtype,
                             .label = "numbers"});
      leaves.push_back({dtype, {}});
    }
    std::vector<int>& held = leaves[which].numbers;
    const auto found = std::find(held.begin(), held.end(), number);
    const Place place{slots_[which], found - held.begin()};
    if (found == held.end()) held.push_back(number);
    plan_.slots[static_cast<std::size_t>(place.slot)].count = static_cast<std::int64_t>(held.size());
    return place;
  }

  Plan& plan_;
  int leaves_;
  std::vector<int> slots_;  // of the leaves of numbers
};

}  // namespace

bool may_be_data(double value, DType dtype) {
  return dtype != DType::boolean && std::isfinite(value) && value != 0 && std::fabs(value) != 1;
}

double folded_with_itself(const Op& op, DType dtype, double number, std::int64_t times) {
  const auto combined = [&](double a, double b) {
    const std::array<double, 2> pair{a, b};
    return op.eval(pair, dtype);
  };
  double power = number;
  std::optional<double> result;
  for (; times > 0; times /= 2) {
    if (times % 2 != 0) result = result ? combined(*result, power) : power;
    power = combined(power, power);
  }
  return result.value_or(*op.identity);
}

std::vector<NumberArray> elements_of(std::span<const NumberLeaf> leaves, std::span<const PlanNumber> numbers,
                                     std::span<const double> values) {
  std::vector<NumberArray> arrays;
  if (leaves.empty()) return arrays;
  std::vector<double> now(values.begin(), values.end());
  std::vector<double> operands;
  for (std::size_t i = now.size(); i < numbers.size(); ++i) {
    const PlanNumber& number = numbers[i];
    operands.clear();
    for (const PlanNumber::Operand& operand : number.operands) {
      const auto which = static_cast<std::size_t>(operand.number);
      operands.push_back(operand.number < 0 ? operand.constant : as_held(now[which], numbers[which].dtype));
    }
    const double computed = number.folds > 0
                                ? folded_with_itself(*number.op, number.dtype, operands[0], number.folds)
                                : number.op->eval(operands, number.dtype);
    now.push_back(convert(computed, number.dtype));
  }
  for (const NumberLeaf& leaf : leaves) {
    HostArray held(HostArray::Format::f64, std::ssize(leaf.numbers));
    for (std::size_t i = 0; i < leaf.numbers.size(); ++i)
      held.set(static_cast<std::int64_t>(i), now[static_cast<std::size_t>(leaf.numbers[i])]);
    arrays.push_back({leaf.dtype, std::move(held)});
  }
  return arrays;
}

int leaves_of_data(std::span<const PlanNumber> numbers) {
  std::set<DType> dtypes;
  for (const PlanNumber& number : numbers) {
    if (number.is_data) dtypes.insert(held_as(number.dtype));
  }
  return static_cast<int>(dtypes.size());
}

void load_numbers(Plan& plan, int leaves) {
  Loader loader(plan, leaves);
  for (Kernel& kernel : plan.kernels) {
    for (Body* body : kernel.bodies()) loader.rewrite(kernel, *body);
  }
}

}  // namespace hekla::compiler
