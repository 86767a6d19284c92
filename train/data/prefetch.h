// Prefetch: a thread that asks a source for batches before they are needed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "train/data/dataset.h"

namespace hekla {

/// Batches of a source, made in another thread.
class Prefetch {
 public:
  /// Starts asking; at most `ahead` batches wait.
  Prefetch(BatchSource source, std::size_t ahead);
  /// Waits for the batch being made; the others are dropped.
  ~Prefetch();
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// The next batch, nothing at the end. Throws what the source threw.
  std::optional<Batch> next();

 private:
  struct Queue;
  std::unique_ptr<Queue> queue_;
};

}  // namespace hekla
