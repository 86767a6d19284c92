// BakedClass: what all forms of baked code have in common. It plans the functions, places their data, and writes the class
// but for how a plan is run.
//
// Data lie in two blocks. `weights` holds all values of the moment: constants, and the first values of variables. `memory`
// belongs to an object: its state, which is the variables that change, working memory, inputs and outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "backends/bake.h"
#include "graph/compiler/capture.h"
#include "graph/compiler/plan.h"

namespace hekla::backend {

/// Bytes in a row, each piece aligned.
class BlockLayout {
 public:
  explicit BlockLayout(std::int64_t alignment) : alignment_(alignment) {}
  std::int64_t add(std::int64_t bytes);
  std::int64_t end() const { return end_; }

 private:
  std::int64_t alignment_;
  std::int64_t end_ = 0;
};

/// A function for one number of examples.
struct BakedVariant {
  const BakedFunction* function;
  const BakedFunction::Variant* variant;
  std::string name;  // of the member function that runs its plan
  compiler::Capture captured;
  compiler::Plan plan;
  std::vector<std::int64_t> inputs = {}, outputs = {};  // their places in memory
};

/// What a form adds to the header.
struct BakedHeader {
  std::string introduction;  // comment lines
  std::string of_object;     // comment lines
  std::string includes;
  std::string constructors;  // and what else is public
  std::string members;       // private
};

class BakedClass {
 public:
  struct Rules {
    compiler::PlanOptions planning;
    std::int64_t alignment;   // bytes, of all data
    std::int64_t beyond_end;  // bytes that kernels may read beyond the end of a tensor
  };
  struct Place {
    bool in_weights;
    std::int64_t offset;
  };
  struct State {
    std::int64_t offset, in_weights, bytes;
    std::string label;
  };

  /// Plans the functions. Throws as bake_source() does.
  BakedClass(std::string name, const std::vector<BakedFunction>& functions, const Rules& rules);

  /// Decides where everything lies, once the forms's kernels and how much scratch memory they need are known.
  void place(std::int64_t scratch_bytes);

  const std::string& name() const { return name_; }
  const std::vector<BakedVariant>& variants() const { return variants_; }
  const std::vector<State>& states() const { return states_; }
  std::int64_t state_bytes() const { return state_bytes_; }
  std::int64_t memory_bytes() const { return memory_.end() + rules_.beyond_end; }
  std::int64_t scratch() const { return scratch_; }
  const std::vector<std::byte>& weights() const { return weights_; }
  Place place_of(const BakedVariant& variant, const compiler::Slot& slot) const;

  std::string header(const BakedHeader& parts) const;
  /// "const float* images, float* probabilities", and "std::size_t count" where that may vary.
  std::string parameters(const BakedFunction& function) const;
  std::string parameters_of_one(const BakedVariant& variant) const;
  std::string input_name(const BakedVariant& variant, std::size_t number) const;
  std::string output_name(const BakedVariant& variant, std::size_t number) const;
  /// The functions that take any number of examples.
  std::string dispatchers() const;
  /// The weights as an array `constants`.
  std::string constants() const;

 private:
  void plan(const BakedFunction& function);
  void place_leaf(const BakedVariant& variant, const Node& leaf);
  std::string declaration(const BakedFunction& function) const;
  std::string dispatcher(const BakedFunction& function) const;

  struct PlacedLeaf {
    bool is_state;
    std::int64_t offset;      // in memory
    std::int64_t in_weights;  // its value, or its first one
  };

  std::string name_;
  const std::vector<BakedFunction>& functions_;
  Rules rules_;
  std::vector<BakedVariant> variants_;
  std::set<const Node*> changing_;
  std::map<const Node*, PlacedLeaf> leaves_;
  std::vector<State> states_;
  BlockLayout memory_, weights_layout_;
  std::vector<std::byte> weights_;
  std::int64_t arena_bytes_ = 0, arena_ = 0, scratch_ = 0, state_bytes_ = 0;
};

/// The size in bytes of a tensor's elements.
std::int64_t bytes_of(const Tensor& x);

/// Text as part of a comment of one line.
std::string in_comment(std::string text);

}  // namespace hekla::backend
