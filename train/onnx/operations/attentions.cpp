// Attention and what belongs to it. Formulas: https://onnx.ai/onnx/operators/onnx__Attention.html.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "ops/activation.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/reorder.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

constexpr double infinity = std::numeric_limits<double>::infinity();

// [batch, time, heads * size] as [batch, heads, time, size].
Tensor by_heads(const Call& call, const Tensor& x, std::string_view attribute) {
  if (x.rank() == 4) return x;
  const std::int64_t heads = call.integer(attribute, 0);
  if (x.rank() != 3 || heads < 1 || x.size(2) % heads != 0)
    call.fail(fmt::format("{} does not divide into {} heads.", describe(x), heads));
  return swapaxes(reshape(x, {x.size(0), x.size(1), heads, x.size(2) / heads}), 1, 2);
}

// What is added to the scores; bool becomes 0 and -inf.
Tensor as_bias(const Tensor& mask) {
  return mask.dtype() == DType::boolean ? where(mask, 0, full(mask.shape(), -infinity))
                                        : cast(mask, DType::f32);
}

Tensor bias(const Call& call, std::int64_t queries, std::int64_t keys, std::int64_t past) {
  Tensor total = zeros(Shape{queries, keys});
  if (call.has_input(3)) {
    const Tensor mask = as_bias(call[3]);
    std::vector<Padding> to_keys(static_cast<std::size_t>(mask.rank()));
    if (mask.rank() > 0 && mask.size(-1) > 1)
      to_keys.back().high = std::max<std::int64_t>(keys - mask.size(-1), 0);
    total = total + pad(mask, to_keys, -infinity);
  }
  if (call.flag("is_causal")) {
    const Shape pairs{queries, keys};
    total = where(iota(pairs, 1) <= iota(pairs, 0) + past, total, -infinity);
  }
  if (call.has_input(6)) {
    const Tensor lengths = reshape(call[6], {-1, 1, 1, 1});
    total = where(iota(Shape{1, 1, 1, keys}, 3) < lengths, total, -infinity);
  }
  return total;
}

Results attention(const Call& call) {
  const Tensor q = by_heads(call, call[0], "q_num_heads");
  Tensor k = by_heads(call, call[1], "kv_num_heads");
  Tensor v = by_heads(call, call[2], "kv_num_heads");
  const std::int64_t past = call.has_input(4) ? call[4].size(2) : 0;
  if (call.has_input(4)) k = concat({call[4], k}, 2);
  if (call.has_input(5)) v = concat({call[5], v}, 2);
  const Tensor present_key = k;
  const Tensor present_value = v;
  if (k.size(1) == 0 || q.size(1) % k.size(1) != 0)
    call.fail(fmt::format("{} heads of queries do not divide into {} of keys.", q.size(1), k.size(1)));
  if (const std::int64_t shared = q.size(1) / k.size(1); shared > 1) {
    k = repeat(k, shared, 1);
    v = repeat(v, shared, 1);
  }
  const double scale = call.number("scale", 1 / std::sqrt(static_cast<double>(q.size(3))));
  const std::int64_t mode = call.integer("qk_matmul_output_mode", 0);
  Tensor scores = matmul(q, swapaxes(k, 2, 3)) * scale;
  Tensor shown = scores;
  scores = scores + bias(call, q.size(2), k.size(2), past);
  if (mode == 1) shown = scores;
  if (const double cap = call.number("softcap", 0); cap > 0) scores = tanh(scores / cap) * cap;
  if (mode == 2) shown = scores;
  const Tensor weights = softmax(scores, -1);
  if (mode == 3) shown = weights;
  Tensor y = matmul(weights, v);
  if (call[0].rank() == 3) y = reshape(swapaxes(y, 1, 2), {y.size(0), y.size(2), -1});
  return {y, present_key, present_value, shown};
}

Results rotary_embedding(const Call& call) {
  const Tensor& input = call[0];
  const bool is_flat = input.rank() == 3;
  const Tensor x = by_heads(call, input, "num_heads");  // [batch, heads, time, size]
  const std::int64_t size = x.size(3);
  std::int64_t rotated = call.integer("rotary_embedding_dim", 0);
  if (rotated == 0) rotated = size;
  if (rotated % 2 != 0 || rotated < 2 || rotated > size)
    call.fail(fmt::format("{} of {} numbers are rotated; an even number is needed.", rotated, size));
  const auto angles = [&](std::size_t i) {
    const Tensor table = call.has_input(3) ? gather(call[i], call[3], 0) : call[i];
    if (table.rank() != 3 || table.size(2) != rotated / 2)
      call.fail(fmt::format("the table {} is not for {} rotated numbers.", describe(table), rotated));
    return expand_dims(table, 1);
  };
  const Tensor cosine = angles(1);
  const Tensor sine = angles(2);
  const std::vector<Tensor> halves = split(x, {rotated, size - rotated}, -1);
  const bool interleaved = call.flag("interleaved");
  // [.., rotated / 2, 2] or [.., 2, rotated / 2]
  const std::vector<std::int64_t> pairs{x.size(0), x.size(1), x.size(2), interleaved ? rotated / 2 : 2,
                                        interleaved ? 2 : rotated / 2};
  const int axis = interleaved ? 4 : 3;
  const std::vector<Tensor> parts = split(reshape(halves[0], pairs), 2, axis);
  const Tensor a = squeeze(parts[0], axis);
  const Tensor b = squeeze(parts[1], axis);
  const Tensor turned = stack({cosine * a - sine * b, sine * a + cosine * b}, axis);
  const Tensor y = concat({reshape(turned, halves[0].shape()), halves[1]}, -1);
  return {is_flat ? reshape(swapaxes(y, 1, 2), input.shape()) : y};
}

}  // namespace

std::vector<Conversion> attentions() {
  return {
      {"Attention",
       attention,
       {"is_causal", "kv_num_heads", "q_num_heads", "qk_matmul_output_mode", "scale", "softcap",
        "softmax_precision"}},
      {"RotaryEmbedding", rotary_embedding, {"interleaved", "num_heads", "rotary_embedding_dim"}},
  };
}

}  // namespace hekla::onnx
