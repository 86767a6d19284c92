// See batches.h.
#include "train/batches.h"

#include <vector>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"

namespace hekla::data {

Batches::Batches(const LabeledImages& data)
    : images_(tensor(data.images, {data.count, data.height * data.width})),
      labels_(tensor(data.labels)),
      order_(variable(arange(data.count), "order")),
      position_(variable(constant(0, {}, i32), "position")) {
  images_.label("images");
  labels_.label("labels");
}

Batch Batches::next(std::int64_t size) const {
  const Tensor picked = gather(order_, position_ + arange(size));
  return {.images = cast(gather(images_, picked), f32) / 255,
          .labels = gather(labels_, picked),
          .advance = {position_, position_ + static_cast<std::int32_t>(size)}};
}

void Batches::restart(std::span<const std::int32_t> order) {
  assign(order_, tensor(order, order_.shape()));
  restart();
}

void Batches::restart() { assign(position_, tensor(std::vector<std::int32_t>{0}, {})); }

}  // namespace hekla::data
