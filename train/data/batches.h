// Batches: one pass over a data set as a range, for loops that are not Model::fit.
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

#include "ops/random.h"
#include "train/data/dataset.h"

namespace hekla {

/// What Dataset::batches takes.
struct BatchesOptions {
  std::optional<RandomKey> shuffle = {};  ///< determines the order; otherwise it is that of the data set
  /// Maps run as in training, with random numbers from this key and the number of the batch; otherwise as in inference.
  std::optional<RandomKey> training = {};
  bool drop_remainder = false;  ///< leaves out a last batch that is smaller than the others
};

/// One pass over a data set: batches of examples, after all maps. Each is computed on the device when the loop arrives at
/// it. Batches of a generator keep the size that it gave them. Several passes over one object are a mistake: ask the
/// data set again. Throws hekla::Error when the size is not positive, when data of a generator are to be shuffled, and
/// when a generator gives a batch whose tensors differ in their number of examples.
class Batches {
 public:
  Batches(const Dataset& dataset, std::int64_t batch_size, const BatchesOptions& options = {});

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(Batches* batches) : batches_(batches) { ++*this; }
    const Batch& operator*() const { return *batch_; }
    const Batch* operator->() const { return &*batch_; }
    Iterator& operator++() {
      batch_ = batches_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !batch_; }

   private:
    Batches* batches_;
    std::optional<Batch> batch_;
  };
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }

  /// The next batch, or nothing at the end.
  std::optional<Batch> next();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hekla
