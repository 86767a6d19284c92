// Pass: one iteration over a data set, a step for each batch. Batches of resident tensors are gathered on the
// device, many steps in a row without the host. Batches of a generator are uploaded one by one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "graph/run/bounded_cache.h"
#include "graph/run/program.h"
#include "train/data/dataset.h"
#include "train/data/feed.h"
#include "train/data/pace.h"

namespace hekla {

/// Compiles a step for each batch size that occurs, and runs it for all batches.
class Pass {
 public:
  /// Makes the computation of a step from a batch of `size` examples.
  using Build = std::function<Computation(const Batch& batch, std::int64_t size)>;
  /// Receives the progress of the pass and the outputs of the last step; returning false ends the pass.
  using Report =
      std::function<bool(std::int64_t steps, std::int64_t examples, const std::vector<Tensor>& outputs)>;
  struct Options {
    std::int64_t batch_size = 32;            ///< for tensors; the last batch takes the rest
    std::optional<std::int64_t> steps = {};  ///< the maximum
    bool report_each_step = false;           ///< otherwise about twenty times a second
    /// Checks a batch of a generator before it is used; `first` is the number of its first example.
    std::function<void(const Batch& batch, std::int64_t first)> check = nullptr;
    std::string caller = "fit";  ///< named in errors, as are the two arguments below
    std::string batch_size_name = "batch_size";
    std::string steps_name = "steps";
  };

  Pass(const Dataset& dataset, const Options& options, Build build);

  /// The number of steps in one pass, where it is known.
  std::optional<std::int64_t> steps() const;

  /// Updates to run before each pass; a key shuffles examples that are tensors.
  std::vector<Update> restart(const std::optional<RandomKey>& shuffle) const;
  /// Called before each run of steps with the number of steps done; last_step() is the coming step already.
  std::function<void(std::int64_t step)> before_step;
  void run(const Report& report = nullptr);

  /// Repeats the last step: with the current values of the variables, or with the same batch of a generator.
  void repeat_step();
  /// The graph of the last step, and the feeds of its inputs.
  Computation last_step();
  const Program::Feeds& last_feeds() const { return last_feeds_; }

 private:
  struct Streamed {
    Batch placeholders;
    std::unordered_set<const Node*> used;  // placeholders that the step reads: a model may ignore inputs
    Program program;
  };
  void run_resident(const Report& report);
  void run_generated(const Report& report);
  Program& program_for(std::int64_t size);
  Computation resident_step(std::int64_t size);
  Streamed& program_for(const Batch& batch);

  Dataset dataset_;
  Options options_;
  Build build_;
  std::optional<Feed> feed_;
  std::map<std::int64_t, Program> programs_;                              // compiled at first use
  BoundedCache<std::string, Streamed> streamed_{std::size_t{512} << 20};  // keyed by the shapes of a batch
  Pace pace_;
  std::int64_t last_size_ = 0;
  Batch last_batch_;  // of a generator: the placeholders
  Program::Feeds last_feeds_;
  Program* last_program_ = nullptr;
};

}  // namespace hekla
