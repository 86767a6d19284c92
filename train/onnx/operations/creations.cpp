// Constants, ranges and random numbers.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/layers/layer.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

Results constant_node(const Call& call) {
  if (call.has_attribute("value")) {
    Operand value(call.constant("value"));
    if (value.tensor.defined()) value.tensor = computed(value.tensor);
    return {value};
  }
  if (call.has_attribute("value_float")) return {constant(call.number("value_float", 0))};
  if (call.has_attribute("value_floats")) {
    const std::vector<double> numbers = call.numbers("value_floats");
    return {tensor(std::span<const double>(numbers), Shape{static_cast<std::int64_t>(numbers.size())})};
  }
  TensorProto integers{.type = ElementType::i64};
  const bool is_list = !call.has_attribute("value_int");
  integers.integers = call.wide_integers(is_list ? "value_ints" : "value_int");
  if (is_list && !call.has_attribute("value_ints"))
    call.fail("it has none of the values that are supported.");
  const bool fit =
      std::ranges::all_of(integers.integers, [](auto i) { return std::in_range<std::int32_t>(i); });
  if (!fit) return {Operand(integers)};
  const Shape shape = is_list ? Shape{static_cast<std::int64_t>(integers.integers.size())} : Shape{};
  return {int64(tensor(std::span<const std::int64_t>(integers.integers), shape))};
}

Results constant_of_shape(const Call& call) {
  const std::vector<std::int64_t> sizes = call.known_integers(0);
  for (const std::int64_t size : sizes) {
    if (size < 0) call.fail(fmt::format("an axis of size {}.", size));
  }
  const Shape shape(sizes);
  if (!call.has_attribute("value")) return {zeros(shape)};
  const TensorProto& value = call.constant("value");
  if (!value.tensor.defined() || value.tensor.count() != 1)
    call.fail("its value must be one element of a supported type.");
  return {Operand(broadcast_to(reshape(computed(value.tensor), Shape{}), shape), value.type)};
}

Results range(const Call& call) {
  const double start = call.known_number(0);
  const double limit = call.known_number(1);
  const double delta = call.known_number(2);
  const double count = std::ceil((limit - start) / delta);
  if (!(std::abs(count) < static_cast<double>(most_positions)))
    call.fail(fmt::format("from {} to {} in steps of {} are no elements that can be counted.", start, limit,
                          delta));
  const Tensor& first = call[0];
  const auto n = static_cast<std::int64_t>(std::max(count, 0.0));
  const Tensor positions = arange(n, first.dtype() == DType::f32 ? DType::f32 : DType::i32);
  return {Operand(cast(start + positions * delta, first.dtype()), call.operand(0).type)};
}

ElementType result_type(const Call& call, ElementType otherwise) {
  return call.has_attribute("dtype") ? static_cast<ElementType>(call.integer("dtype")) : otherwise;
}

Results eye_like(const Call& call) {
  const Tensor& x = call[0];
  if (x.rank() != 2) call.fail(fmt::format("{} is given; a matrix is needed.", describe(x)));
  const ElementType type = result_type(call, call.operand(0).type);
  return {Operand(rounded(eye(x.size(0), x.size(1), call.integer("k", 0)), type), type)};
}

Results one_hot_of(const Call& call) {
  const Tensor& indices = call[0];
  const std::int64_t depth = call.known_integer(1);
  const Tensor& values = call[2];
  if (depth < 1 || values.count() != 2) call.fail("a depth of at least 1, and two values, are needed.");
  const Tensor whole = cast(indices, DType::i32);
  const int axis = call.axis("axis", -1, indices.rank() + 1);
  const Tensor place = where(whole < 0, whole + static_cast<int>(depth), whole);
  Shape shape = expand_dims(place, axis).shape();
  shape[axis] = depth;
  const Tensor hot = equal(iota(shape, axis), expand_dims(place, axis));
  return {Operand(where(hot, values[1], values[0]), call.operand(2).type)};
}

// The seed of the file, if it has one. Without, another at each call.
RandomKey key_of(const Call& call) {
  if (!call.has_attribute("seed")) return random_key(next_random_seed());
  return random_key(std::bit_cast<std::uint32_t>(static_cast<float>(call.number("seed", 0))));
}

Shape declared_shape(const Call& call) {
  return call.has_attribute("shape") ? Shape(call.integers("shape")) : call[0].shape();
}

Results uniform(const Call& call) {
  const ElementType type =
      result_type(call, call.input_count() > 0 ? call.operand(0).type : ElementType::f32);
  const Tensor drawn =
      random_uniform(declared_shape(call), key_of(call), call.number("low", 0), call.number("high", 1));
  return {Operand(rounded(drawn, type), type)};
}

Results normal(const Call& call) {
  const ElementType type =
      result_type(call, call.input_count() > 0 ? call.operand(0).type : ElementType::f32);
  const Tensor drawn =
      random_normal(declared_shape(call), key_of(call), call.number("mean", 0), call.number("scale", 1));
  return {Operand(rounded(drawn, type), type)};
}

Results bernoulli(const Call& call) {
  const ElementType type = result_type(call, call.operand(0).type);
  return {Operand(rounded(random_bernoulli(call[0].shape(), key_of(call), call[0]), type), type)};
}

Results multinomial(const Call& call) {
  const Tensor drawn = random_categorical(call[0], key_of(call), call.integer("sample_size", 1));
  const ElementType type = result_type(call, ElementType::i32);
  return {Operand(rounded(drawn, type), type)};
}

}  // namespace

std::vector<Conversion> creations() {
  return {
      {"Bernoulli", bernoulli, {"dtype", "seed"}},
      {"Constant", constant_node, {"value", "value_float", "value_floats", "value_int", "value_ints"}},
      {"ConstantOfShape", constant_of_shape, {"value"}},
      {"EyeLike", eye_like, {"dtype", "k"}},
      {"Multinomial", multinomial, {"dtype", "sample_size", "seed"}},
      {"OneHot", one_hot_of, {"axis"}},
      {"RandomNormal", normal, {"dtype", "mean", "scale", "seed", "shape"}},
      {"RandomNormalLike", normal, {"dtype", "mean", "scale", "seed"}},
      {"RandomUniform", uniform, {"dtype", "high", "low", "seed", "shape"}},
      {"RandomUniformLike", uniform, {"dtype", "high", "low", "seed"}},
      {"Range", range},
  };
}

}  // namespace hekla::onnx
