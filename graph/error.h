// Error: the one exception type hekla throws for a mistake its user can correct.
#pragma once

#include <stdexcept>

namespace hekla {

/// A user's mistake or a failure of the machine, stated in one sentence: what was being done, in brackets,
/// the fact with its values, and the rule that was broken or what to do about it: `[matmul] inner sizes
/// differ: f32[64,784] x f32[128,10]; the left operand's last axis must equal ...`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hekla
