// DeviceProfile: a device's cost model and limits, as plain numbers. A backend fills one in for each kind of
// device (backends/vulkan/profile.cpp); the compiler knows devices by these numbers alone.
#pragma once

#include <cstdint>
#include <limits>

namespace hekla::compiler {

/// Costs are in additions, the unit of Op::cost. The defaults are no particular device's; golden plans are
/// made with them.
struct DeviceProfile {
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

  // Costs, in additions.
  double dispatch_work = 200'000;  ///< one more dispatch, which waits for the one before
  double store_work = 24;          ///< storing an element
  double load_work = 1;            ///< reading an element back that was stored
  double byte_work = 0.25;         ///< reading a byte of memory
  double fold_step_work = 1;       ///< a step of a loop that folds

  // The size of a fused kernel.
  int max_operands = 10;     ///< tensors that it reads or waits for
  int max_results = 8;       ///< values that it stores
  int max_statements = 160;  ///< what it computes and loads for an element
  int max_folds = 24;        ///< reductions that it computes for an element
  std::int64_t tiny_elements =
      1024;  ///< kernels of no more elements are fused horizontally, whatever their sizes

  // Loops of one invocation. The default limit is what every known driver runs.
  std::int64_t max_iterations = 65'000;        ///< of all loops together that the device runs
  std::int64_t max_fused_iterations = 32'768;  ///< of all loops together that fusion makes
  std::int64_t longest_fold = 64;              ///< elements of a reduction inside another kernel
  std::int64_t longest_row = 64;  ///< elements of a row that an invocation computes, common loops once
  double row_saving = 0.5;        ///< share of the work that computing by rows must spare
  std::int64_t longest_reduction = 4096;   ///< elements; a longer reduction is split
  std::int64_t longest_product = 131'072;  ///< elements of a product's inner axis; a longer one is split

  // Parallelism: what has too few outputs to keep the device busy is split.
  std::int64_t shortest_split_reduction = 512;  ///< elements; a shorter reduction is not worth two kernels
  std::int64_t enough_reduction_outputs = 256;  ///< elements that need no split
  std::int64_t shortest_split_product = 2048;   ///< elements of the inner axis
  std::int64_t enough_product_outputs = 0;  ///< elements that need no split (split-K); 0: not split for this
  std::int64_t shortest_product_section = 512;  ///< elements of the inner axis after a split
  std::int64_t max_product_sections = 8;

  // The register tile of a matrix product, roughly.
  double product_rows = 16;          ///< an element of the right factor is computed once for so many rows
  double product_columns = 32;       ///< an element of the left factor is computed once for so many columns
  std::int64_t narrowest_tile = 16;  ///< columns; of fewer, and more rows, a product is computed transposed

  /// Whether kernels compute four contiguous elements together, which is a matter of how they are printed: a compiler that
  /// vectorizes takes them one by one.
  bool quads = true;

  // Memory.
  int max_bindings = 32;     ///< tensors that a kernel can touch
  bool arena_as_one = true;  ///< beyond max_bindings, tensors in working memory share one binding
  std::int64_t max_binding_bytes = unlimited;  ///< of one binding
  std::int64_t max_stored_bytes = unlimited;  ///< of a tensor that is stored by choice; larger ones are fused
  std::int64_t arena_alignment = 256;         ///< bytes; of tensors in working memory
};

}  // namespace hekla::compiler
