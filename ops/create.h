// Leaves: data from the host, variables, inputs, constants and positions.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// C++ numbers that tensors can be made of.
template <class T>
concept HostNumber = Number<T> && !std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8;

/// A tensor of `elements` in row-major order. Host types: double and float make f32 (the reference device
/// keeps a double's full precision), uint32_t makes u32, uint8_t u8, and all other integers i32. Throws
/// hekla::Error when `shape` does not hold exactly that many elements, or when an element does not fit i32.
template <HostNumber T>
Tensor tensor(std::span<const T> elements, const Shape& shape);
template <HostNumber T>
Tensor tensor(const std::vector<T>& elements, const Shape& shape) {
  return tensor(std::span<const T>(elements), shape);
}
/// A vector (rank 1).
template <HostNumber T>
Tensor tensor(const std::vector<T>& elements) {
  return tensor(std::span<const T>(elements), Shape{static_cast<std::int64_t>(elements.size())});
}
Tensor tensor(std::initializer_list<double> elements);
Tensor tensor(std::initializer_list<double> elements, const Shape& shape);

/// State: a leaf that keeps its elements between runs and that updates replace. Its initial value is that of
/// `initial` at this moment.
Tensor variable(const Tensor& initial, std::string label = {});

/// Gives `variable` new elements now. Shape and dtype must be the variable's.
void assign(const Tensor& variable, const Tensor& value);

/// A placeholder to be fed when a compiled program runs.
Tensor input(std::string label, const Shape& shape, DType dtype = DType::f32);

Tensor zeros(const Shape& shape, DType dtype = DType::f32);                ///< 0 in every element
Tensor ones(const Shape& shape, DType dtype = DType::f32);                 ///< 1 in every element
Tensor full(const Shape& shape, double number, DType dtype = DType::f32);  ///< `number` in every element
Tensor zeros_like(const Tensor& x);                                        ///< 0 in x's shape and dtype
Tensor ones_like(const Tensor& x);                                         ///< 1 in x's shape and dtype

/// arange with its numbers already converted; dtype i32, u32 or f32.
Tensor spaced(double start, double stop, double step, DType dtype);

/// Positions along `axis`: iota({2,3}, 1) is [[0,1,2],[0,1,2]]. i32, u32 or f32; throws hekla::Error for
/// another dtype, or where it does not hold the positions.
Tensor iota(const Shape& shape, int axis, DType dtype = DType::i32);
/// 0, 1, ..., count-1.
Tensor arange(std::int64_t count, DType dtype = DType::i32);
/// start, start + step, ... up to and excluding stop, as np.arange. The dtype is i32, or f32 when one of the
/// numbers has a floating-point type. Throws hekla::Error when step is 0 or when the dtype does not hold the
/// integers.
template <Number Start, Number Stop, Number Step = int>
Tensor arange(Start start, Stop stop, Step step = 1,
              DType dtype = std::floating_point<decltype(start + stop + step)> ? DType::f32 : DType::i32) {
  return spaced(static_cast<double>(start), static_cast<double>(stop), static_cast<double>(step), dtype);
}

/// `count` numbers (f32) at equal distances from start to stop, both included, as np.linspace. A single one
/// is start. Throws hekla::Error when count is negative.
Tensor linspace(double start, double stop, std::int64_t count);

/// The variables that `roots` depend on, in the order of their first use.
std::vector<Tensor> variables(std::span<const Tensor> roots);
std::vector<Tensor> variables(const Tensor& root);

extern const Op iota_op;

}  // namespace hekla
