// Emitter: writes the text of one kernel, a method for each form (emit.cpp, emit_matmul.cpp).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "backends/native/body.h"
#include "backends/native/emit.h"

namespace hekla::native {

class Emitter {
 public:
  Emitter(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target)
      : kernel_(kernel), target_(target), memory_(kernel, slots) {}

  Function run(int& text_number);

 private:
  void emit(const MapKernel& map);
  void emit(const ReduceKernel& reduce);
  void emit(const MatmulKernel& product);
  void emit(const CustomCall& call);

  /// The stores of the results of a part of a map.
  std::string stores(const BodyPrinter& printer, std::span<const Store> stores, int indentation);
  std::vector<Store> stores_of(int part) const;
  /// Ends the text of a function whose statements are `body`; its head declares the kernel's memory.
  void define(const std::string& head, const Code& body);

  std::int64_t compute(const std::string& name, const MapPart& part, int number);
  void reduce_along(const ReduceKernel& reduce);
  void reduce_across(const ReduceKernel& reduce);

  void pack(const std::string& name, const Body& factor, int outer, std::int64_t outer_extent,
            std::int64_t inner, bool along_inner, bool by_rows);
  void finish(const MatmulKernel& product, std::span<const Store> stores);

  const Kernel& kernel_;
  const Target& target_;
  Memory memory_;
  std::vector<std::pair<std::string, Code>> functions_;
  std::int64_t units_ = 0;
  std::int64_t scratch_bytes_ = 0;
};

/// A kernel of fewer operations is left to one thread. (Vectorized they take about two microseconds.)
constexpr double operations_worth_sharing = 32'768;

}  // namespace hekla::native
