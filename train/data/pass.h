// Pass: one walk through a data set, a step for each batch. Batches of resident tensors are found on the
// device, many steps in a row without the host; those of a generator are uploaded one by one.
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

/// Compiles a step for each size of batch that comes, and runs it for all batches.
class Pass {
 public:
  /// What a step does with a batch of `size` examples.
  using Build = std::function<Computation(const Batch& batch, std::int64_t size)>;
  /// Told how far the pass has come and the outputs of the last step; false ends the pass.
  using Report =
      std::function<bool(std::int64_t steps, std::int64_t examples, const std::vector<Tensor>& outputs)>;
  struct Options {
    std::int64_t batch_size = 32;            ///< of tensors; the last batch takes what is left
    std::optional<std::int64_t> steps = {};  ///< at most so many
    bool report_each_step = false;           ///< otherwise about twenty times a second
    /// Looks at a batch of a generator before it is used; `first` is the number of its first example.
    std::function<void(const Batch& batch, std::int64_t first)> check = nullptr;
    std::string caller = "fit";  ///< stands in errors, as do the names of what it is told
    std::string batch_size_name = "batch_size";
    std::string steps_name = "steps";
  };

  Pass(const Dataset& dataset, const Options& options, Build build);

  /// Steps in one pass, where that is known.
  std::optional<std::int64_t> steps() const;

  /// Updates to run before each pass; a key shuffles, where the examples are tensors.
  std::vector<Update> restart(const std::optional<RandomKey>& shuffle) const;
  /// Told before each run of steps how many are done; the step to come is last_step() already.
  std::function<void(std::int64_t step)> before_step;
  void run(const Report& report = nullptr);

  /// The step made last, again: as the variables say now, or with the same batch of a generator.
  void repeat_step();
  /// Its graph, and what its inputs were fed with.
  Computation last_step();
  const Program::Feeds& last_feeds() const { return last_feeds_; }

 private:
  struct Streamed {
    Batch placeholders;
    std::unordered_set<const Node*> used;  // a model need not look at everything
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
  std::map<std::int64_t, Program> programs_;                              // compiled when first needed
  BoundedCache<std::string, Streamed> streamed_{std::size_t{512} << 20};  // by the shapes of a batch
  Pace pace_;
  std::int64_t last_size_ = 0;
  Batch last_batch_;  // of a generator: placeholders
  Program::Feeds last_feeds_;
  Program* last_program_ = nullptr;
};

}  // namespace hekla
