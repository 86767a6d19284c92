// Interpreter: computes a graph node by node.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/reference/elements.h"
#include "graph/compiler/graph.h"
#include "graph/run/takes_memory.h"

namespace hekla {

class Interpreter : public Executable, public TakesMemory {
 public:
  explicit Interpreter(const compiler::Graph& graph);
  std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>> leaves,
                                            int steps) override;
  std::vector<compiler::NumberArray> number_leaves(std::span<const double> values) const override {
    return compiler::elements_of(number_leaves_, graph_.numbers, values);
  }
  std::string describe() const override;
  std::size_t host_bytes() const override;

 private:
  struct Step {
    const Node* node;
    std::vector<std::size_t> inputs;         // positions of the operands' steps
    int leaf = -1;                           // which leaf, if it is one
    std::size_t last_use = 0;                // position of the last reader; the value is freed after it
    std::vector<std::int64_t> source;        // a view's input position for each element, -1 for its fill
    double fill = 0;                         // of a view
    std::size_t first_of_loop = 0;           // position of the first result of the same loop
    std::shared_ptr<Interpreter> body = {};  // of a loop, at its first result
    std::vector<std::shared_ptr<Elements>> results = {};  // of a loop, at its first result
  };

  std::shared_ptr<Elements> compute(Step& step, std::span<const std::shared_ptr<Elements>> operands,
                                    std::span<const std::shared_ptr<Storage>> leaves) const;
  void enter_loop(Step& step);
  static std::vector<std::shared_ptr<Elements>> run_loop(const Step& step,
                                                         std::span<const std::shared_ptr<Elements>> operands);
  std::shared_ptr<Elements> element_of(const Node& node, const Elements& stacked) const;
  double number_in(const Node& constant, std::span<const std::shared_ptr<Storage>> leaves) const;

  compiler::Graph graph_;  // with nodes of its own: a plan must not keep the user's tensors alive
  std::vector<compiler::NumberLeaf> number_leaves_;
  std::vector<Step> steps_;
  std::vector<std::size_t> outputs_;
  struct Assignment {
    int leaf;
    std::size_t value;
  };
  std::vector<Assignment> assignments_;
  std::int64_t element_ = 0;  // where this is a loop's body: which one the iteration picks
};

}  // namespace hekla
