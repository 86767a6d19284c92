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

/// A tensor of the elements given in row-major order. Host types: double and float make f32 (the reference
/// device keeps a double's full precision), uint32_t u32, uint8_t u8, all other integers i32. Throws
/// hekla::Error when `shape` does not hold exactly that many elements, or when i32 does not hold one of them.
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

/// State: a leaf that keeps its elements between runs and that updates replace. It starts as `initial` is
/// now.
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

/// arange of numbers already converted; dtype i32, u32 or f32.
Tensor spaced(double start, double stop, double step, DType dtype);

/// Positions along `axis`: iota({2,3}, 1) is [[0,1,2],[0,1,2]]; i32, u32 or f32, else or too small: Error.
Tensor iota(const Shape& shape, int axis, DType dtype = DType::i32);
/// 0, 1, ..., count-1.
Tensor arange(std::int64_t count, DType dtype = DType::i32);
/// start, start + step, ... up to but without stop, as np.arange: i32, or f32 when one of the numbers is
/// fractional in type. Throws hekla::Error when step is 0 or the dtype's integers do not reach as far.
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
