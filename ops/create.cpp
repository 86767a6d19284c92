// Leaves.
#include "ops/create.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "graph/elements.h"
#include "graph/error.h"
#include "graph/host_memory.h"
#include "graph/run/evaluator.h"
#include "graph/run/runtime_lock.h"
#include "graph/run/value.h"
#include "ops/elementwise.h"

namespace hekla {

const Op iota_op{.name = "iota", .kind = Kind::iota};

namespace {

// Converts integers without a dtype of their own, such as int64_t, to i32.
template <class T>
std::vector<std::int32_t> narrowed(std::span<const T> elements) {
  std::vector<std::int32_t> result(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (!std::in_range<std::int32_t>(elements[i])) {
      throw Error(
          fmt::format("[tensor] element {} is {}, which i32 does not hold ({} to {}); give it as float, or "
                      "divide it.",
                      i, elements[i], INT32_MIN, INT32_MAX));
    }
    result[i] = static_cast<std::int32_t>(elements[i]);
  }
  return result;
}

void check_count(std::size_t count, const Shape& shape) {
  if (shape.count() != static_cast<std::int64_t>(count))
    throw Error(fmt::format("[tensor] {} elements for shape {}; it holds {}.", count, to_string(shape),
                            shape.count()));
}

// Integers must be held as they are; a float is rounded.
Tensor of_dtype(std::vector<double> numbers, const Shape& shape, DType dtype) {
  check_count(numbers.size(), shape);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double held = convert(numbers[i], dtype);
    if (!is_float(dtype) && dtype != DType::boolean && held != numbers[i])
      throw Error(fmt::format("[tensor] element {} is {}, which {} does not hold; give another dtype.", i,
                              numbers[i], name(dtype)));
    numbers[i] = held;
  }
  HostArray elements(host_format(dtype), static_cast<std::int64_t>(numbers.size()));
  if (dtype == DType::f32) elements = HostArray(std::span<const double>(numbers));
  for (std::size_t i = 0; i < numbers.size() && dtype != DType::f32; ++i)
    elements.set(static_cast<std::int64_t>(i), numbers[i]);
  return make_leaf(data_op, shape, dtype, std::make_shared<Value>(std::move(elements)));
}

}  // namespace

template <HostNumber T>
Tensor tensor(std::span<const T> elements, const Shape& shape) try {
  check_count(elements.size(), shape);
  constexpr DType dtype = dtype_of<T>();
  if constexpr (dtype == DType::i32 && !std::is_same_v<T, std::int32_t>) {
    return tensor(narrowed(elements), shape);
  } else {
    return make_leaf(data_op, shape, dtype, std::make_shared<Value>(HostArray(elements)));
  }
} catch (const std::bad_alloc&) {
  throw no_host_memory("tensor", elements.size(), sizeof(T));
}

template Tensor tensor(std::span<const double>, const Shape&);
template Tensor tensor(std::span<const float>, const Shape&);
template Tensor tensor(std::span<const signed char>, const Shape&);
template Tensor tensor(std::span<const short>, const Shape&);
template Tensor tensor(std::span<const int>, const Shape&);
template Tensor tensor(std::span<const long>, const Shape&);
template Tensor tensor(std::span<const long long>, const Shape&);
template Tensor tensor(std::span<const unsigned char>, const Shape&);
template Tensor tensor(std::span<const unsigned short>, const Shape&);
template Tensor tensor(std::span<const unsigned>, const Shape&);
template Tensor tensor(std::span<const unsigned long>, const Shape&);
template Tensor tensor(std::span<const unsigned long long>, const Shape&);

Tensor tensor(const std::vector<bool>& elements) {
  return tensor(elements, {static_cast<std::int64_t>(elements.size())});
}

Tensor tensor(const std::vector<bool>& elements, const Shape& shape) {
  return of_dtype(std::vector<double>(elements.begin(), elements.end()), shape, DType::boolean);
}

namespace {

// Adds the numbers of a list to `numbers`, in order, and returns its shape.
std::vector<std::int64_t> flatten(std::span<const Literal> list, std::vector<double>& numbers,
                                  std::optional<DType>& dtype) {
  const auto size = static_cast<std::int64_t>(list.size());
  std::optional<std::vector<std::int64_t>> inner;
  for (const Literal& each : list) {
    std::vector<std::int64_t> shape;
    if (each.is_list()) {
      shape = flatten(each.list(), numbers, dtype);
    } else {
      numbers.push_back(each.number());
      if (!dtype || *dtype == each.dtype())
        dtype = each.dtype();
      else
        dtype = is_float(*dtype) || is_float(each.dtype()) ? DType::f32 : DType::i32;
    }
    if (inner && *inner != shape)
      throw Error(fmt::format("[tensor] a list holds {} and {} side by side; rows must have one shape.",
                              to_string(Shape(*inner)), to_string(Shape(shape))));
    inner = std::move(shape);
  }
  std::vector<std::int64_t> result = inner.value_or(std::vector<std::int64_t>{});
  result.insert(result.begin(), size);
  return result;
}

}  // namespace

Tensor tensor(std::initializer_list<Literal> list) {
  std::vector<double> numbers;
  std::optional<DType> dtype;
  const Shape shape(flatten(list, numbers, dtype));
  return of_dtype(numbers, shape, dtype.value_or(DType::f32));
}

Tensor tensor(std::initializer_list<Literal> list, const Shape& shape) {
  std::vector<double> numbers;
  std::optional<DType> dtype;
  flatten(list, numbers, dtype);
  return of_dtype(numbers, shape, dtype.value_or(DType::f32));
}

Tensor tensor_as(std::initializer_list<Literal> list, DType dtype) {
  std::vector<double> numbers;
  std::optional<DType> ignored;
  const Shape shape(flatten(list, numbers, ignored));
  return of_dtype(numbers, shape, dtype);
}

Tensor variable(const Tensor& initial, std::string label) {
  if (initial.count() > most_positions) {
    throw Error(fmt::format("[variable] {} {} has {} elements; a tensor in memory has at most {}.",
                            label.empty() ? "a variable" : label, describe(initial), initial.count(),
                            most_positions));
  }
  const RuntimeLock lock;
  bool changes = false;
  for (const Node* node : topological_order({&initial, 1})) {
    if (is_storage(node->op->kind) && !node->value) {
      throw Error(fmt::format(
          "[variable] {} cannot start as something that depends on input {}, which is fed only when a "
          "program runs; use known values.",
          label.empty() ? "a variable" : label, node->label));
    }
    changes |= node->op->kind == Kind::variable;
  }
  // Initial values are computed lazily, on first use: an expression over variables could have another value
  // by then.
  if (changes) {
    return make_leaf(variable_op, initial.shape(), initial.dtype(),
                     std::make_shared<Value>(initial.to_host()), std::move(label));
  }
  return make_leaf(variable_op, initial.shape(), initial.dtype(), std::make_shared<Value>(initial),
                   std::move(label));
}

void assign(const Tensor& variable, const Tensor& value) {
  const Update update{variable, value};
  check_updates({&update, 1});
  variable.node().value->assign(value.to_host());
}

Tensor input(std::string label, const Shape& shape, DType dtype) {
  return make_leaf(input_op, shape, dtype, nullptr, std::move(label));
}

Tensor zeros(const Shape& shape, DType dtype) { return constant(0, shape, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return constant(1, shape, dtype); }
Tensor full(const Shape& shape, double number, DType dtype) { return constant(number, shape, dtype); }
Tensor zeros_like(const Tensor& x) { return constant(0, x.shape(), x.dtype()); }
Tensor ones_like(const Tensor& x) { return constant(1, x.shape(), x.dtype()); }

namespace {

// Integers that would wrap around are an error; f32 rounds what it cannot represent.
void check_range(std::string_view op, double first, double last, DType dtype) {
  for (const double number : {first, last}) {
    if (is_float(dtype) || convert(number, dtype) == number) continue;
    throw Error(
        fmt::format("[{}] numbers from {} to {}; {} does not hold them all.", op, first, last, name(dtype)));
  }
}

}  // namespace

Tensor iota(const Shape& shape, int axis, DType dtype) {
  if (!is_arithmetic(dtype)) {
    throw Error(fmt::format("[iota] positions cannot be {}; use i32, u32 or f32.", name(dtype)));
  }
  const int along = normalize_axis(axis, shape.rank(), "iota");
  check_range("iota", 0, static_cast<double>(std::max<std::int64_t>(shape[along] - 1, 0)), dtype);
  Tensor result = make_leaf(iota_op, shape, dtype, nullptr);
  result.pointer()->attributes.integers = {along};
  return result;
}

Tensor arange(std::int64_t count, DType dtype) { return iota({count}, 0, dtype); }

Tensor spaced(double start, double stop, double step, DType dtype) {
  if (step == 0)
    throw Error(fmt::format("[arange] from {} to {} by 0; a step is positive or negative.", start, stop));
  const double numbers = std::max(0.0, std::ceil((stop - start) / step));
  if (!(numbers < 0x1p62)) {
    throw Error(fmt::format("[arange] from {} to {} by {} gives {} numbers; a tensor holds fewer than 2^62.",
                            start, stop, step, numbers));
  }
  const auto count = static_cast<std::int64_t>(numbers);
  if (count > 0) check_range("arange", start, start + step * (numbers - 1), dtype);
  return constant(start, {}, dtype) + constant(step, {}, dtype) * iota({count}, 0, dtype);
}

Tensor linspace(double start, double stop, std::int64_t count) {
  if (count < 0) throw Error(fmt::format("[linspace] {} numbers; the count must not be negative.", count));
  const Tensor position = iota({count}, 0);
  const double step = count > 1 ? (stop - start) / static_cast<double>(count - 1) : 0;
  const Tensor along = cast(position, DType::f32) * step + start;
  // The last element is exactly `stop`, however the steps round.
  return count < 2 ? along : where(position == count - 1, stop, along);
}

std::vector<Tensor> variables(std::span<const Tensor> roots) {
  std::vector<Tensor> found;
  std::unordered_set<const Node*> seen;
  const auto add = [&](const Tensor& tensor) {
    if (tensor.defined() && tensor.node().op->kind == Kind::variable && seen.insert(tensor.get()).second)
      found.push_back(tensor);
  };
  for (const Tensor& root : roots) add(root);
  for (const Node* node : topological_order(roots)) {
    for (const Tensor& input : node->inputs) add(input);
  }
  return found;
}

std::vector<Tensor> variables(const Tensor& root) { return variables({&root, 1}); }

}  // namespace hekla
