// A pass over a data set: a step compiled once, run for one batch after the other, many in a row.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "graph/program.h"
#include "train/pace.h"

namespace hekla {

class Pass {
 public:
  /// Compiles the step for batches of a size. The program finds the next batch by itself.
  using CompileStep = std::function<Program(std::int64_t batch_size)>;
  /// Told how far the pass has come, between runs of many steps.
  using Report = std::function<void(std::int64_t steps, std::int64_t examples)>;

  /// Of `count` examples in batches of `batch_size` (clipped to `count`); the last one takes what is left, by
  /// a program of its own.
  Pass(std::int64_t count, std::int64_t batch_size, CompileStep compile);

  /// Steps in one pass.
  std::int64_t steps() const;

  void run(const Report& report = nullptr);

 private:
  Program& program_for(std::int64_t batch_size);

  std::int64_t count_;
  std::int64_t batch_size_;
  CompileStep compile_;
  std::map<std::int64_t, Program> programs_;  // compiled when first needed
  Pace pace_;
};

}  // namespace hekla
