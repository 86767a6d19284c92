// See mode.h.
#include "train/layers/mode.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "train/layers/layer.h"

namespace hekla {

namespace {

thread_local const Trace* walking = nullptr;

}  // namespace

Mode::Mode() : Mode(std::make_shared<Trace>()) { trace_->chosen = false; }

Mode Mode::inference() { return Mode(std::make_shared<Trace>()); }

Mode Mode::training(const RandomKey& key) {
  auto trace = std::make_shared<Trace>();
  trace->training = true;
  trace->key = key;
  return Mode(std::move(trace));
}

bool Mode::is_training() const {
  check_handed_on();
  return trace_->training;
}

void Mode::check_handed_on() const {
  if (walking == nullptr || walking == trace_.get() || trace_->chosen) return;
  const bool is_layer = !trace_->open.empty();
  throw Error(
      fmt::format("[{}] {} inside a model without the model's mode, so it cannot know whether it is trained; "
                  "hand the mode on, as in layer(x, mode), or hk::Mode::inference() where training does not "
                  "concern it.",
                  is_layer ? trace_->open.front()->display_name() : "mode",
                  is_layer ? "is called" : "a function is called"));
}

RandomKey Mode::next_key() const {
  check_handed_on();
  if (!trace_->training) throw Error("[mode] inference draws no random numbers; ask is_training() first.");
  return fold_in(trace_->key, static_cast<double>(trace_->draws++));
}

void Mode::update(const Tensor& variable, const Tensor& value) const {
  check_handed_on();
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
  check_handed_on();
  if (!loss.defined() || loss.rank() != 0 || loss.dtype() != DType::f32)
    throw Error(fmt::format("[add_loss] {}; what is added to a loss is one f32 number.",
                            loss.defined() ? describe(loss) : "an empty tensor"));
  trace_->losses.push_back(loss);
}

// A model that forgets a mode leaves the one around it in force, which its layers are then held to.
Walk::Walk(const Mode& mode) : outer_(walking) {
  if (walking == nullptr || mode.trace().chosen) walking = &mode.trace();
}

Walk::~Walk() { walking = outer_; }

}  // namespace hekla
