// scan, repeat: loops as part of the graph. The body is compiled once, however often it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// What a step of a scan gives, and what the scan gives in the end.
struct Scanned {
  std::vector<Tensor> state;
  /// A step's results; a scan's have one more axis in front, with an element for each step.
  std::vector<Tensor> stacked = {};
};

/// One step, given the state and the step's elements of what is scanned.
using ScanStep =
    std::function<Scanned(const std::vector<Tensor>& state, const std::vector<Tensor>& elements)>;

struct ScanOptions {
  bool reverse = false;  ///< from the last element to the first; the stacked results keep the elements' order
  /// 0: reverse mode saves the state at each step. k: at every k-th step, from which it runs the steps up to the
  /// next one again. Of n steps, n / k + k states are saved, for the time of one more forward run; k near the
  /// square root of n saves the fewest. (Chen et al.: Training deep nets with sublinear memory cost, 2016.)
  std::int64_t checkpoint_every = 0;
};

/// Runs `step` over the elements along axis 0 of all `xs`, which have n of them:
///   state_{t+1}, y_t = step(state_t, (xs[0][t], xs[1][t], ...))   for t = 0, ..., n - 1
/// and gives state_n and the y_t stacked along a new axis 0. `step` is called here, with placeholders (once, or twice with
/// checkpoint_every), and builds the graph of one iteration. Planning, kernels and their compile time do not grow with n. Working memory grows by what
/// is stacked and, for gradients, by the states; the recorded commands by about a kilobyte for each iteration of a kernel.
/// What `step` captures (weights, say) receives its gradients. What does not depend on the state or the elements is
/// computed once, before the loop. Reverse mode is a scan over the saved states in the other direction, so derivatives
/// of any order work, and through loops inside of loops. (JAX's lax.scan.)
/// A state, and a result that is stacked, is f32, i32, u32 or bool. Throws hekla::Error where `xs` differ in their
/// number of elements, where a step changes the shape, dtype or number of the states, and on other dtypes.
Scanned scan(const ScanStep& step, std::vector<Tensor> xs, std::vector<Tensor> state,
             const ScanOptions& options = {});

/// The state after `count` steps, state <- step(state). As scan, without elements.
std::vector<Tensor> repeat(std::int64_t count, std::vector<Tensor> state,
                           const std::function<std::vector<Tensor>(const std::vector<Tensor>& state)>& step);

}  // namespace hekla
