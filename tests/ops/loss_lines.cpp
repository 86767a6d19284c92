// check_op lines: losses, each with its reductions and with weights.
#include "ops/circle_loss.h"
#include "ops/create.h"
#include "ops/ctc_loss.h"
#include "ops/elementwise.h"
#include "ops/focal_loss.h"
#include "ops/generalized_cross_entropy.h"
#include "ops/loss.h"
#include "ops/region_loss.h"
#include "ops/triplet_loss.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

using Loss =
    std::function<Tensor(const Tensor& targets, const Tensor& predictions, const LossOptions& options)>;

Operand numbers(const Shape& shape, double low = -2, double high = 2) {
  return {.shape = shape, .low = low, .high = high};
}

// Samples of rank 2, one sample, none, and u8 targets; weights of the first axis.
void add(std::vector<Line>& lines, const std::string& name, const Loss& loss, const Operand& targets,
         const Operand& predictions, const CheckOptions& options = {}) {
  const auto line = [&](const std::string& what, const Shape& shape, const LossOptions& chosen,
                        bool weights = false) {
    Operand t = targets, p = predictions;
    t.shape = p.shape = shape;
    std::vector<Operand> operands{t, p};
    if (weights) operands.push_back(numbers({shape[0]}, 0.1, 1));
    lines.push_back({name + what,
                     [=](const Tensors& x) {
                       LossOptions given = chosen;
                       if (weights) given.sample_weight = x[2];
                       return loss(x[0], x[1], given);
                     },
                     operands, options});
  };
  line("", {3, 4}, {});
  line(", none", {2, 3, 4}, {.reduction = Reduction::none});
  line(", sum", {4}, {.reduction = Reduction::sum});
  line(", weights", {3, 4}, {}, true);
  line(", weights of two axes, none", {2, 3, 4}, {.reduction = Reduction::none}, true);
  line(", one class", {3, 1}, {});
  line(", no samples, sum", {0, 4}, {.reduction = Reduction::sum});
}

// The mean over two samples.
void add_one(std::vector<Line>& lines, const std::string& name,
             Tensor (*loss)(const Tensor&, const Tensor&, const LossOptions&), Operand targets,
             Operand predictions) {
  targets.shape = predictions.shape = {2, 3};
  lines.push_back({name, [=](const Tensors& x) { return loss(x[0], x[1], {}); }, {targets, predictions}});
}

void add_sparse(std::vector<Line>& lines, const std::string& name, const Loss& loss, double low,
                double high) {
  const auto line = [&](const std::string& what, const Shape& labels, const Shape& scores,
                        const LossOptions& chosen, DType dtype = i32) {
    lines.push_back({name + what,
                     [=](const Tensors& x) { return loss(x[0], x[1], chosen); },
                     {{labels, 0, 3, dtype}, numbers(scores, low, high)}});
  };
  line("", {5}, {5, 4}, {});
  line(", u8", {5}, {5, 4}, {}, u8);
  line(", none", {2, 3}, {2, 3, 4}, {.reduction = Reduction::none});
  line(", sum", {}, {4}, {.reduction = Reduction::sum});
  line(", no samples, sum", {0}, {0, 4}, {.reduction = Reduction::sum});
  lines.push_back({name + ", weights",
                   [=](const Tensors& x) { return loss(x[0], x[1], {.sample_weight = x[2]}); },
                   {{{5}, 0, 3, i32}, numbers({5, 4}, low, high), numbers({5}, 0.1, 1)}});
}

}  // namespace

std::vector<Line> loss_lines() {
  std::vector<Line> lines;
  const Operand real = numbers({}), classes{{}, 0, 1, i32}, share = numbers({}, 0.1, 0.9);
  add(lines, "mean_squared_error", mean_squared_error, real, real);
  add(lines, "mean_absolute_error", mean_absolute_error, real, real);
  add(lines, "mean_absolute_error ties", mean_absolute_error, real, real, ties);
  const Loss huber_half = [](const Tensor& t, const Tensor& p, const LossOptions& options) {
    return huber(t, p, options, 0.5);
  };
  add(lines, "huber", huber_half, numbers({}, 2.2, 3.4), real);
  add(lines, "huber near", huber_half, numbers({}, 0.1, 0.3), numbers({}, 0.1, 0.3));
  const Operand away = numbers({}, 0.3, 2);
  add_one(lines, "mean_absolute_percentage_error", mean_absolute_percentage_error, away, real);
  add_one(lines, "mean_squared_logarithmic_error", mean_squared_logarithmic_error, away, away);
  add_one(
      lines, "binary_focal_crossentropy",
      [](const Tensor& t, const Tensor& p, const LossOptions& options) {
        return binary_focal_crossentropy(t, p, options, {.gamma = 0.5, .apply_class_balancing = true});
      },
      classes, share);
  add_one(lines, "binary_focal_crossentropy_from_logits", binary_focal_crossentropy_from_logits, share, real);
  add_one(lines, "categorical_focal_crossentropy", categorical_focal_crossentropy, share, share);
  add_one(lines, "categorical_focal_crossentropy_from_logits", categorical_focal_crossentropy_from_logits,
          share, real);
  add_one(lines, "dice", dice, classes, share);
  add_one(
      lines, "tversky",
      [](const Tensor& t, const Tensor& p, const LossOptions& options) {
        return tversky(t, p, options, {.alpha = 0.3, .beta = 0.7, .axis = {1}});
      },
      classes, share);
  lines.push_back({"ctc",
                   [](const Tensors& x) { return ctc(x[0], x[1]); },
                   {{{2, 2}, 1, 3, i32}, numbers({2, 4, 3})},
                   {.device_derivatives = 1}});
  lines.push_back({"triplet_margin_loss",
                   [](const Tensors& x) {
                     return triplet_margin_loss(x[0], x[1], x[2], {}, {.margin = 3, .swap = true});
                   },
                   {numbers({3, 4}), numbers({3, 4}), numbers({3, 4})}});
  lines.push_back({"circle",
                   [](const Tensors& x) {
                     return circle(tensor(std::vector<std::int32_t>{0, 1, 0, 1, 2}), x[0], {}, {.gamma = 2});
                   },
                   {numbers({5, 3}, 0.1, 0.5)}});
  lines.push_back({"categorical_generalized_cross_entropy",
                   [](const Tensors& x) { return categorical_generalized_cross_entropy(x[0], x[1]); },
                   {{{4}, 0, 2, i32}, numbers({4, 3}, 0.1, 0.9)}});
  add(lines, "log_cosh", log_cosh, real, real);
  add(lines, "poisson", poisson, numbers({}, 0, 3), numbers({}, 0.5, 3));
  add(lines, "cosine_similarity", cosine_similarity, real, real, {.tolerance = 3e-5});
  add(lines, "hinge", hinge, classes, real);
  add(lines, "squared_hinge", squared_hinge, classes, real);
  add(lines, "categorical_hinge", categorical_hinge, classes, real);
  add(lines, "kl_divergence", kl_divergence, share, share);
  add(lines, "binary_crossentropy",
      [](const Tensor& t, const Tensor& p, const LossOptions& options) {
        return binary_crossentropy(t, p, options, 0.1);
      },
      share, share, {.tolerance = 3e-5});
  add(
      lines, "binary_crossentropy_from_logits",
      [](const Tensor& t, const Tensor& p, const LossOptions& options) {
        return binary_crossentropy_from_logits(t, p, options, 0.1);
      },
      share, real);
  add(lines, "categorical_crossentropy",
      [](const Tensor& t, const Tensor& p, const LossOptions& options) {
        return categorical_crossentropy(t, p, options, 0.1);
      },
      share, numbers({}, 0.3, 0.9), {.tolerance = 3e-5});
  add(
      lines, "categorical_crossentropy_from_logits",
      [](const Tensor& t, const Tensor& p, const LossOptions& options) {
        return categorical_crossentropy_from_logits(t, p, options, 0.1);
      },
      share, real);
  add_sparse(lines, "sparse_categorical_crossentropy", sparse_categorical_crossentropy, 0.1, 0.9);
  add_sparse(lines, "sparse_categorical_crossentropy_from_logits",
             sparse_categorical_crossentropy_from_logits, -2, 2);
  return lines;
}

}  // namespace hekla::testing
