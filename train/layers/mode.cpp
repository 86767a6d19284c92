// See mode.h.
#include "train/layers/mode.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "train/layers/layer.h"

namespace hekla {

namespace {

thread_local const CallRecord* walking = nullptr;

}  // namespace

Mode::Mode() : Mode(std::make_shared<CallRecord>()) { record_->chosen = false; }

Mode Mode::inference() { return Mode(std::make_shared<CallRecord>()); }

Mode Mode::training(const RandomKey& key) {
  auto record = std::make_shared<CallRecord>();
  record->training = true;
  record->key = key;
  return Mode(std::move(record));
}

bool Mode::is_training() const {
  check_handed_on();
  return record_->training;
}

void Mode::check_handed_on() const {
  if (walking == nullptr || walking == record_.get() || record_->chosen) return;
  const bool is_layer = !record_->open.empty();
  throw Error(
      fmt::format("[{}] {} inside a model without the model's mode, so it cannot know whether it is trained; "
                  "hand the mode on, as in layer(x, mode), or hk::Mode::inference() where training does not "
                  "concern it.",
                  is_layer ? record_->open.front()->display_name() : "mode",
                  is_layer ? "is called" : "a function is called"));
}

RandomKey Mode::next_key() const {
  check_handed_on();
  if (!record_->training) throw Error("[mode] inference draws no random numbers; ask is_training() first.");
  return fold_in(record_->key, static_cast<double>(record_->draws++));
}

void Mode::update(const Tensor& variable, const Tensor& value) const {
  check_handed_on();
  if (!record_->training) return;
  const Update update{variable, value};
  check_updates({&update, 1});
  for (Update& earlier : record_->updates) {
    if (earlier.variable.get() != variable.get()) continue;
    earlier = update;
    return;
  }
  record_->updates.push_back(update);
}

Tensor Mode::latest(const Tensor& variable) const {
  for (const Update& update : record_->updates) {
    if (update.variable.get() == variable.get()) return update.value;
  }
  return variable;
}

void Mode::add_loss(const Tensor& loss) const {
  check_handed_on();
  if (!loss.defined() || loss.rank() != 0 || loss.dtype() != DType::f32)
    throw Error(fmt::format("[add_loss] {}; what is added to a loss is one f32 number.",
                            loss.defined() ? describe(loss) : "an empty tensor"));
  record_->losses.push_back(loss);
}

void Mode::set_mask(const Tensor& sequence, const Tensor& mask) const {
  bool fits = mask.defined() && mask.dtype() == DType::boolean && mask.rank() == 2 && sequence.rank() >= 2;
  for (int axis = 0; fits && axis < 2; ++axis) fits = mask.size(axis) == sequence.size(axis);
  if (!fits)
    throw Error(fmt::format("[mask] {} for {}; a mask is bool [batch, time].",
                            mask.defined() ? describe(mask) : "an empty tensor", describe(sequence)));
  record_->masks.push_back({.sequence = sequence, .mask = mask});
}

Tensor Mode::mask_of(const Tensor& sequence) const {
  const auto is_its = [&](const TimeMask& one) { return one.sequence.get() == sequence.get(); };
  const auto found = std::find_if(record_->masks.rbegin(), record_->masks.rend(), is_its);
  return found == record_->masks.rend() ? Tensor() : found->mask;
}

// Where an inner model is called without a mode, the outer walk stays in force, and the inner layers are
// checked against it.
Walk::Walk(const Mode& mode) : outer_(walking) {
  if (walking == nullptr || mode.record().chosen) walking = &mode.record();
}

Walk::~Walk() { walking = outer_; }

}  // namespace hekla
