// Leaves: data from the host, variables, inputs, constants and positions.
#pragma once

#include <concepts>
#include <initializer_list>
#include <ranges>
#include <span>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// C++ numbers that tensors can be made of.
template <class T>
concept HostNumber = Number<T> && !std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8;

/// The dtype of a C++ number in a tensor. Floating-point numbers are f32 (the reference device keeps a double's full
/// precision); of integers uint32_t is u32, uint8_t u8, bool boolean, and all others i32.
template <Number T>
constexpr DType dtype_of() {
  if constexpr (std::floating_point<T>) return DType::f32;
  if constexpr (std::same_as<T, bool>) return DType::boolean;
  if constexpr (std::same_as<T, std::uint32_t>) return DType::u32;
  if constexpr (std::same_as<T, std::uint8_t>) return DType::u8;
  return DType::i32;
}

/// A tensor of `elements` in row-major order, with the dtype_of() them. Throws hekla::Error when `shape` does not hold
/// exactly that many elements, or when an element does not fit i32.
template <HostNumber T>
Tensor tensor(std::span<const T> elements, const Shape& shape);
/// The same of a vector, an array, a span, or whatever else lies in memory in a row.
template <std::ranges::contiguous_range R>
requires HostNumber<std::ranges::range_value_t<R>> Tensor tensor(const R& elements, const Shape& shape) {
  return tensor(std::span<const std::ranges::range_value_t<R>>(elements), shape);
}
/// A vector (rank 1).
template <std::ranges::contiguous_range R>
requires HostNumber<std::ranges::range_value_t<R>> Tensor tensor(const R& elements) {
  return tensor(elements, Shape{static_cast<std::int64_t>(std::ranges::size(elements))});
}
Tensor tensor(const std::vector<bool>& elements);  ///< boolean
Tensor tensor(const std::vector<bool>& elements, const Shape& shape);

/// A number, or a list of them, nested to any depth.
class Literal {
 public:
  template <Number T>
  Literal(T number) : dtype_(dtype_of<T>()), number_(static_cast<double>(number)) {}
  Literal(std::initializer_list<Literal> list) : is_list_(true), list_(list) {}

  bool is_list() const { return is_list_; }
  DType dtype() const { return dtype_; }
  double number() const { return number_; }
  const std::vector<Literal>& list() const { return list_; }

 private:
  bool is_list_ = false;
  DType dtype_ = DType::f32;
  double number_ = 0;
  std::vector<Literal> list_ = {};
};

/// tensor({1, 2.5}), tensor({{1, 2}, {3, 4}}): the lists' shape. Numbers of one C++ type have its dtype_of(); integers of
/// several types are i32, and among floating-point numbers all are f32, as in NumPy. Throws hekla::Error where lists
/// side by side differ in length, and on an integer that i32 does not hold.
Tensor tensor(std::initializer_list<Literal> list);
/// The same numbers, in this shape.
Tensor tensor(std::initializer_list<Literal> list, const Shape& shape);
/// The same in this dtype. Throws hekla::Error where it does not hold an integer.
Tensor tensor_as(std::initializer_list<Literal> list, DType dtype);
template <std::same_as<DType> D>
Tensor tensor(std::initializer_list<Literal> list, D dtype) {
  return tensor_as(list, dtype);
}

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
