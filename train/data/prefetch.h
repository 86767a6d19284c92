// Prefetch: a thread that fetches batches from a source before they are needed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "train/data/dataset.h"

namespace hekla {

/// The number of examples of a batch that a generator made. Throws hekla::Error when its tensors differ in it.
std::int64_t generated_size(const Batch& batch);

/// Batches of a source, fetched in another thread.
class Prefetch {
 public:
  /// Starts fetching; the queue holds at most `ahead` batches.
  Prefetch(BatchSource source, std::size_t ahead);
  /// Waits for the batch that is being made; drops the others.
  ~Prefetch();
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// The next batch, or nothing at the end. Rethrows what the source threw.
  std::optional<Batch> next();

 private:
  struct Queue;
  std::unique_ptr<Queue> queue_;
};

}  // namespace hekla
