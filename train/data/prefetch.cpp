// See prefetch.h.
#include "train/data/prefetch.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "graph/error.h"

namespace hekla {

std::int64_t generated_size(const Batch& batch) {
  if (batch.inputs.empty()) throw Error("[generator] a batch has no inputs.");
  for (const Tensor& tensor : tensors_of(batch)) {
    if (!tensor.defined() || tensor.rank() < 1 || tensor.size(0) != batch.inputs[0].size(0) ||
        tensor.size(0) == 0)
      throw Error(
          fmt::format("[generator] a batch holds {}; all its tensors need the same number of "
                      "examples, one or more, along their first axis.",
                      tensor.defined() ? describe(tensor) : "an empty tensor"));
  }
  return batch.inputs[0].size(0);
}

struct Prefetch::Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::optional<Batch>> batches;  // an empty entry marks the end
  std::exception_ptr failure;
  bool stopped = false;
  std::thread worker;

  void work(const BatchSource& source, std::size_t ahead) {
    for (bool more = true; more;) {
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stopped || batches.size() < ahead; });
        if (stopped) return;
      }
      std::optional<Batch> batch;
      std::exception_ptr thrown;
      try {
        batch = source();
      } catch (...) {
        thrown = std::current_exception();
      }
      more = batch.has_value();
      {
        const std::lock_guard lock(mutex);
        failure = thrown;
        batches.push_back(std::move(batch));
      }
      changed.notify_all();
    }
  }
};

Prefetch::Prefetch(BatchSource source, std::size_t ahead) : queue_(std::make_unique<Queue>()) {
  queue_->worker =
      std::thread([queue = queue_.get(), source = std::move(source), ahead] { queue->work(source, ahead); });
}

Prefetch::~Prefetch() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->stopped = true;
  }
  queue_->changed.notify_all();
  queue_->worker.join();
}

std::optional<Batch> Prefetch::next() {
  std::unique_lock lock(queue_->mutex);
  queue_->changed.wait(lock, [&] { return !queue_->batches.empty(); });
  if (!queue_->batches.front()) {  // the end marker stays in the queue
    if (queue_->failure) std::rethrow_exception(queue_->failure);
    return std::nullopt;
  }
  std::optional<Batch> batch = std::move(queue_->batches.front());
  queue_->batches.pop_front();
  lock.unlock();
  queue_->changed.notify_all();
  return batch;
}

}  // namespace hekla
