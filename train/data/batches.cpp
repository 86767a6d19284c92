// See batches.h.
#include "train/data/batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/error.h"
#include "graph/run/evaluator.h"
#include "ops/create.h"
#include "train/data/feed.h"
#include "train/data/prefetch.h"

namespace hekla {

namespace {

// The values of what a batch is an expression of, after `updates` were made, too.
Batch evaluated(Batch batch, const std::vector<Update>& updates) {
  const std::vector<Tensor> values = evaluate({.outputs = tensors_of(batch), .updates = updates});
  auto value = values.begin();
  for (Tensor& input : batch.inputs) input = *value++;
  for (Tensor& target : batch.targets) target = *value++;
  if (batch.sample_weight.defined()) batch.sample_weight = *value;
  return batch;
}

// The same key of leaves: as constants, the numbers of each key would need plans of their own.
std::optional<RandomKey> as_data(const std::optional<RandomKey>& key) {
  if (!key) return {};
  return RandomKey{key->seed.detach(), key->stream.detach()};
}

}  // namespace

struct Batches::State {
  Dataset dataset;
  std::int64_t batch_size;
  BatchesOptions options;
  std::optional<Feed> feed;
  std::unique_ptr<Prefetch> generated;
  std::int64_t examples = 0;
  std::uint32_t number = 0;

  Batch mapped(Batch batch) {
    const Tensor which = tensor(std::vector<std::uint32_t>{number}, {});
    const Mode mode =
        options.training ? Mode::training(fold_in(*options.training, which)) : Mode::inference();
    ++number;
    return dataset.mapped(std::move(batch), mode);
  }
};

Batches::Batches(const Dataset& dataset, std::int64_t batch_size, const BatchesOptions& options)
    : state_(new State{.dataset = dataset, .batch_size = batch_size, .options = options}) {
  if (batch_size < 1)
    throw Error(fmt::format("[batches] the batch size is {}; it must be positive.", batch_size));
  state_->options.shuffle = as_data(options.shuffle);
  state_->options.training = as_data(options.training);
  if (!dataset.is_generated()) {
    state_->feed.emplace(dataset);
    evaluate({.updates = state_->feed->restart(state_->options.shuffle)});
  } else if (options.shuffle) {
    throw Error("[batches] a generator decides on the order of its batches; it is not shuffled.");
  } else {
    state_->generated = std::make_unique<Prefetch>(dataset.generator()(), dataset.ahead());
  }
}

std::optional<Batch> Batches::next() {
  State& state = *state_;
  if (state.generated) {
    std::optional<Batch> batch = state.generated->next();
    if (!batch) return batch;
    const std::int64_t size = generated_size(*batch);
    if (state.options.drop_remainder && size < state.batch_size) return std::nullopt;
    return evaluated(state.mapped(*batch), {});
  }
  const std::int64_t left = state.feed->count() - state.examples;
  if (left == 0 || (state.options.drop_remainder && left < state.batch_size)) return std::nullopt;
  const std::int64_t size = std::min(state.batch_size, left);
  state.examples += size;
  return evaluated(state.mapped(state.feed->next(size)), {state.feed->advance(size)});
}

Batches Dataset::batches(std::int64_t batch_size, const BatchesOptions& options) const {
  return {*this, batch_size, options};
}

Batches Dataset::batches(std::int64_t batch_size) const { return {*this, batch_size, {}}; }

}  // namespace hekla
