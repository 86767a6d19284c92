// Numbers: the constants of a computation, which are structure until they change. A plan has them written
// into its kernels, where a compiler gains most from them; when the same structure comes with others, those
// that differ become data, in memory that a kernel reads, and the plan serves them all.
//
// 0, 1, -1 and what is not finite always are structure: rules of the compiler look at them. Equal numbers are
// one number, so that what is computed from them is merged. The passes treat numbers alike whether they are
// data or not, and what is computed of numbers alone they leave to the host: so both plans are the same, but
// for where kernels have the numbers from, and give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/dtype.h"
#include "graph/host_array.h"

namespace hekla {
struct Op;
}

namespace hekla::compiler {

struct Plan;

/// A number of a graph: one that the computation has, or one that is computed of others.
struct PlanNumber {
  struct Operand {
    int number = -1;      // which one, or
    double constant = 0;  // one that is structure
  };
  DType dtype;
  double value;  // in the computation that is compiled
  const Op* op = nullptr;
  std::vector<Operand> operands = {};
  std::int64_t folds = 0;  // of a reduction: how often its one operand is folded with itself
  bool is_data = false;
};

/// Whether a constant is a number in this sense.
bool may_be_data(double value, DType dtype);

/// What a reduction's combiner makes of `times` equal numbers, by doubling how often.
double folded_with_itself(const Op& op, DType dtype, double number, std::int64_t times);

/// A storage leaf that holds numbers; leaves of numbers come after those of the graph.
struct NumberLeaf {
  DType dtype;
  std::vector<int> numbers;
};

/// What such a leaf holds.
struct NumberArray {
  DType dtype;
  HostArray elements;
};

/// What the leaves hold where the computation's own numbers are `values`.
std::vector<NumberArray> elements_of(std::span<const NumberLeaf> leaves, std::span<const PlanNumber> numbers,
                                     std::span<const double> values);

/// How many leaves the numbers that are data need: one for each dtype that kernels hold them in.
int leaves_of_data(std::span<const PlanNumber> numbers);

/// Lets the kernels of a plan read the numbers that are data from memory; `leaves` are the graph's own.
void load_numbers(Plan& plan, int leaves);

}  // namespace hekla::compiler
