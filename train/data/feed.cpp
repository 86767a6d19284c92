// See feed.h.
#include "train/data/feed.h"

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "train/data/shuffle.h"

namespace hekla {

Feed::Feed(const Dataset& dataset)
    : dataset_(dataset),
      positions_(dataset.picked() ? tensor(*dataset.picked()) : arange(dataset.size())),
      order_(variable(positions_, "order")),
      used_(variable(constant(0, {}, i32), "used")) {}

Batch Feed::next(std::int64_t size) const {
  const Tensor at = gather(order_, used_ + arange(size));
  Batch batch;
  for (const Tensor& input : dataset_.inputs()) batch.inputs.push_back(gather(input, at));
  for (const Tensor& target : dataset_.targets()) batch.targets.push_back(gather(target, at));
  if (dataset_.sample_weight().defined()) batch.sample_weight = gather(dataset_.sample_weight(), at);
  return batch;
}

Update Feed::advance(std::int64_t size) const { return {used_, used_ + static_cast<std::int32_t>(size)}; }

std::vector<Update> Feed::restart(const std::optional<RandomKey>& shuffle) const {
  const Tensor order = shuffle ? gather(positions_, shuffled_positions(count(), *shuffle)) : positions_;
  return {{order_, order}, {used_, zeros_like(used_)}};
}

}  // namespace hekla
