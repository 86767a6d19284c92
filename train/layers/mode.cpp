// See mode.h.
#include "train/layers/mode.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

Mode Mode::training(const RandomKey& key) {
  auto trace = std::make_shared<Trace>();
  trace->training = true;
  trace->key = key;
  return Mode(std::move(trace));
}

RandomKey Mode::next_key() const {
  if (!trace_->training) throw Error("[mode] inference draws no random numbers; ask is_training() first.");
  return fold_in(trace_->key, static_cast<double>(trace_->draws++));
}

void Mode::update(const Tensor& variable, const Tensor& value) const {
  if (!trace_->training) return;
  const Update update{variable, value};
  check_updates({&update, 1});
  for (Update& earlier : trace_->updates) {
    if (earlier.variable.get() != variable.get()) continue;
    earlier = update;
    return;
  }
  trace_->updates.push_back(update);
}

Tensor Mode::latest(const Tensor& variable) const {
  for (const Update& update : trace_->updates) {
    if (update.variable.get() == variable.get()) return update.value;
  }
  return variable;
}

void Mode::add_loss(const Tensor& loss) const {
  if (!trace_->training) return;
  if (!loss.defined() || loss.rank() != 0 || loss.dtype() != DType::f32)
    throw Error(fmt::format("[add_loss] {}; what is added to a loss is one f32 number.", describe(loss)));
  trace_->losses.push_back(loss);
}

}  // namespace hekla
