// Writing elements by index.
#include <fmt/format.h>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/scatter.h"
#include "ops/view.h"
#include "train/onnx/operations/indices.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

// rows [n, ..], positions [m] among the rows, updates [m, ..].
Tensor scattered(const Call& call, const Tensor& rows, const Tensor& positions, const Tensor& updates) {
  const std::string reduction = call.text("reduction", "none");
  if (reduction == "none") return scatter_set(rows, positions, updates);
  if (reduction == "add") return rows + scatter_add(rows.shape(), positions, updates);
  if (reduction == "max") return scatter_max(rows, positions, updates);
  if (reduction == "min") return scatter_min(rows, positions, updates);
  if (reduction != "mul")
    call.fail(fmt::format("the reduction is {}; none, add, mul, max or min is needed.",
                          files::in_quotes(reduction)));
  // [n, m]: which update goes to which row.
  const Shape pairs{rows.size(0), positions.size(0)};
  Tensor hits = equal(iota(pairs, 0), broadcast_to(positions, pairs));
  for (int axis = 1; axis < rows.rank(); ++axis) hits = expand_dims(hits, -1);
  return rows * prod(where(hits, expand_dims(updates, 0), cast(1, updates.dtype())), 1);
}

Results scatter_elements(const Call& call) {
  const Tensor& x = call[0];
  const Tensor& indices = call[1];
  const int axis = call.axis("axis", 0, x.rank());
  if (indices.rank() != x.rank() || !(indices.shape() == call[2].shape()))
    call.fail(fmt::format(
        "{} is indexed by {} for updates {}; indices and updates of the same shape, and of its rank, "
        "are needed.",
        describe(x), describe(indices), describe(call[2])));
  const Tensor positions = reshape(element_positions(x.shape(), indices, axis), {-1});
  const Tensor result = scattered(call, reshape(x, {-1}), positions, reshape(call[2], {-1}));
  return {like(call.operand(0), reshape(result, x.shape()))};
}

Results scatter_nd(const Call& call) {
  const Tensor& x = call[0];
  const Tensor& indices = call[1];
  const int depth = static_cast<int>(indices.size(-1));
  if (depth > x.rank()) call.fail(fmt::format("{} indices for each element of {}.", depth, describe(x)));
  const Tensor rows = with_flat_axes(x, depth);
  const Tensor positions = reshape(flat_positions(x, indices, 0), {-1});
  Shape updates = rows.shape();
  updates[0] = positions.count();
  const Tensor result = scattered(call, rows, positions, reshape(call[2], updates));
  return {like(call.operand(0), reshape(result, x.shape()))};
}

// A cache of a sequence, [batch, .., time, ..]: updates along the axis from a position of each example on.
Results tensor_scatter(const Call& call) {
  const Tensor& x = call[0];
  const Tensor& updates = call[1];
  const int axis = call.axis("axis", -2, x.rank());
  const std::string mode = call.text("mode", "linear");
  if (mode != "linear" && mode != "circular")
    call.fail(fmt::format("the mode is {}; linear or circular is needed.", files::in_quotes(mode)));
  if (axis == 0) call.fail("the axis is that of the batch.");
  Tensor time = iota(updates.shape(), axis);
  if (call.has_input(2)) {
    Shape along_batch;
    for (int i = 0; i < x.rank(); ++i) along_batch.push_back(i == 0 ? x.size(0) : 1);
    time = time + reshape(call[2], along_batch);
  }
  if (mode == "circular") time = modulo(time, static_cast<int>(x.size(axis)));
  const Tensor positions = reshape(element_positions(x.shape(), time, axis), {-1});
  return {like(call.operand(0),
               reshape(scatter_set(reshape(x, {-1}), positions, reshape(updates, {-1})), x.shape()))};
}

}  // namespace

std::vector<Conversion> scatters() {
  return {
      {"Scatter", scatter_elements, {"axis"}},
      {"ScatterElements", scatter_elements, {"axis", "reduction"}},
      {"ScatterND", scatter_nd, {"reduction"}},
      {"TensorScatter", tensor_scatter, {"axis", "mode"}},
  };
}

}  // namespace hekla::onnx
