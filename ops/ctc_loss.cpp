// The loss of connectionist temporal classification.
#include "ops/ctc_loss.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/loops.h"
#include "ops/loss_parts.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The logarithm of a probability of 0. It is finite, so that differences of two are numbers.
constexpr double impossible = -1e30;

void check_operands(const Tensor& labels, const Tensor& logits) {
  const bool fits = labels.rank() == 2 && logits.rank() == 3 && labels.size(0) == logits.size(0) &&
                    logits.size(1) > 0 && logits.size(2) > 0;
  if (!fits || is_float(labels.dtype()) || labels.dtype() == DType::boolean || logits.dtype() != DType::f32)
    throw Error(
        fmt::format("[ctc] labels are {} and logits {}; they must be integers [batch, most labels] and f32 "
                    "[batch, time, classes] with at least one time and class.",
                    describe(labels), describe(logits)));
}

// One length of each sample, i32 [batch, 1].
Tensor checked_length(std::string_view what, const Tensor& length, std::int64_t batch) {
  if (is_float(length.dtype()) || length.dtype() == DType::boolean || !(length.shape() == Shape{batch}))
    throw Error(fmt::format("[ctc] {} is {}; it must be integers [{}].", what, describe(length), batch));
  return expand_dims(cast(length, DType::i32), 1);
}

// The last axis moved by `places`, with `fill` in front.
Tensor shifted(const Tensor& x, std::int64_t places, double fill) {
  return slice(pad(x, {{}, {.low = places}}, fill), {{}, {.stop = x.size(1)}});
}

Tensor log_of_sum(const std::vector<Tensor>& logs) { return logsumexp(stack(logs, -1), {-1}); }

}  // namespace

Tensor ctc(const Tensor& labels, const Tensor& logits, const LossOptions& options,
           const CtcOptions& lengths) {
  check_operands(labels, logits);
  const std::int64_t batch = labels.size(0), most = labels.size(1), times = logits.size(1);
  const Tensor own = cast(labels, DType::i32);
  const Tensor count = lengths.label_length.defined()
                           ? checked_length("label_length", lengths.label_length, batch)
                           : sum(cast(own != 0, DType::i32), {1}, KeepDims::yes);

  // The states of a sample are its labels with blanks around them. A state follows itself, the one before, and the one
  // before that where both are labels and differ.
  const Tensor blanks = zeros({batch, most}, DType::i32);
  const Tensor states =
      concat({reshape(stack({blanks, own}, 2), Shape{batch, 2 * most}), zeros({batch, 1}, i32)}, 1);
  const Tensor may_skip = states != 0 && states != shifted(states, 2, 0);

  const Tensor logs = log_softmax(logits);
  const Tensor bounded = where(logs < impossible, impossible, logs);
  const Tensor emitted = moveaxis(take_along_axis(bounded, expand_dims(states, 1), 2), 1, 0);
  std::vector<Tensor> elements{emitted};
  if (lengths.logit_length.defined()) {
    const Tensor length = checked_length("logit_length", lengths.logit_length, batch);
    elements.push_back(iota({times, batch, 1}, 0) < expand_dims(length, 0));
  }
  const ScanStep step = [&](const std::vector<Tensor>& state, const std::vector<Tensor>& now) -> Scanned {
    const Tensor& before = state[0];
    const Tensor skipped = where(may_skip, shifted(before, 2, impossible), impossible);
    const Tensor after = now[0] + log_of_sum({before, shifted(before, 1, impossible), skipped});
    return {.state = {now.size() > 1 ? where(now[1], after, before) : after}};
  };
  const Tensor start = where(iota(states.shape(), 1) == 0, 0.0f, static_cast<float>(impossible));
  const Tensor reached = scan(step, elements, {start}).state[0];

  // A sample ends with its last label or the blank after it.
  const Tensor in_blank = take_along_axis(reached, 2 * count, 1);
  const Tensor in_label = take_along_axis(reached, maximum(2 * count - 1, 0), 1);
  const Tensor all = squeeze(log_of_sum({in_blank, where(count == 0, impossible, in_label)}), {1});
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return reduced_losses("ctc", where(all < impossible / 2, infinity, -all), options);
}

Tensor ctc(const Tensor& labels, const Tensor& logits, const LossOptions& options) {
  return ctc(labels, logits, options, {});
}

}  // namespace hekla
