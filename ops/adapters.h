// Tensors of other libraries' matrices and arrays, and copies back. A type that looks like Eigen's dense matrices or like
// std::mdspan will do (see MatrixView and ArrayView), so no library is included.
//
//   Eigen::MatrixXf m(2, 3);
//   hk::Tensor x = hk::tensor(m);     // f32[2,3], in row-major order as every tensor
//   hk::copy_to(hk::relu(x), m);
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "graph/host_memory.h"
#include "graph/tensor.h"
#include "ops/create.h"

namespace hekla {

/// Elements that a view may have: the numbers that tensor() takes, and bool.
template <class T>
concept ViewNumber = HostNumber<T> || std::same_as<T, bool>;

/// A matrix, in whatever order it lies in memory: m.rows(), m.cols() and m(row, col). (Eigen's matrices, arrays, maps,
/// blocks and coefficient-wise expressions; a product of theirs needs its eval().)
template <class M>
concept MatrixView = requires(const M& m) {
  { m.rows() } -> std::convertible_to<std::int64_t>;
  { m.cols() } -> std::convertible_to<std::int64_t>;
  requires ViewNumber<std::remove_cvref_t<decltype(m(m.rows(), m.cols()))>>;
};

/// An array of several axes: A::value_type, A::rank(), a.extent(axis), and an element by an array of positions between
/// brackets or by positions between parentheses. (std::mdspan, Kokkos::mdspan.)
template <class A>
concept ArrayView = requires(const A& a) {
  typename std::integral_constant<std::size_t, A::rank()>;
  { a.extent(0) } -> std::convertible_to<std::int64_t>;
  requires ViewNumber<typename A::value_type>;
};

/// What tensor() and copy_to() take.
template <class V>
concept HostView = MatrixView<V> || ArrayView<V>;

/// How the elements of a view are reached.
template <class V>
struct ViewTraits;

template <MatrixView M>
struct ViewTraits<M> {
  using Size = decltype(std::declval<const M&>().rows());
  using Element = std::remove_cvref_t<decltype(std::declval<const M&>()(Size(), Size()))>;
  /// Eigen's types with one row or one column by their type.
  static constexpr bool is_vector = requires { requires static_cast<bool>(M::IsVectorAtCompileTime); };
  static constexpr std::size_t rank = is_vector ? 1 : 2;
  using Position = std::array<std::int64_t, rank>;

  static Shape shape(const M& m) {
    const auto rows = static_cast<std::int64_t>(m.rows()), cols = static_cast<std::int64_t>(m.cols());
    return is_vector ? Shape{rows * cols} : Shape{rows, cols};
  }
  static decltype(auto) at(auto& m, const Position& position) {
    if constexpr (is_vector) {
      const auto i = static_cast<Size>(position[0]);
      return m.rows() == 1 ? m(Size(), i) : m(i, Size());
    } else {
      return m(static_cast<Size>(position[0]), static_cast<Size>(position[1]));
    }
  }
};

template <ArrayView A>
struct ViewTraits<A> {
  using Element = typename A::value_type;
  static constexpr std::size_t rank = A::rank();
  using Position = std::array<std::int64_t, rank>;

  static Shape shape(const A& a) {
    Shape shape;
    for (std::size_t axis = 0; axis < rank; ++axis)
      shape.push_back(static_cast<std::int64_t>(a.extent(axis)));
    return shape;
  }
  static decltype(auto) at(auto& a, const Position& position) {
    if constexpr (requires { a[position]; })
      return a[position];
    else
      return std::apply([&](auto... i) -> decltype(auto) { return a(i...); }, position);
  }
};

/// Calls visit(i, element) for all elements of a view in row-major order, i counting from 0.
template <class V, class Visit>
void visit_elements(V& view, const Visit& visit) {
  using Traits = ViewTraits<std::remove_const_t<V>>;
  const Shape shape = Traits::shape(view);
  typename Traits::Position position{};
  for (std::size_t i = 0, count = static_cast<std::size_t>(shape.count()); i < count; ++i) {
    visit(i, Traits::at(view, position));
    for (std::size_t axis = Traits::rank; axis-- > 0;) {
      if (++position[axis] < shape[static_cast<int>(axis)]) break;
      position[axis] = 0;
    }
  }
}

/// What tensor() makes of a view.
template <HostView V>
Tensor copy_of(const V& view) {
  using Element = typename ViewTraits<V>::Element;
  const Shape shape = ViewTraits<V>::shape(view);
  auto elements = host_elements<Element>("tensor", static_cast<std::size_t>(shape.count()));
  visit_elements(view, [&](std::size_t i, const Element& element) { elements[i] = element; });
  return tensor(elements, shape);
}

/// A tensor of the elements of another library's matrix or array, copied now, with the dtype_of() them. Its shape is [rows,
/// cols], or that of the extents; a type that is a vector by itself (Eigen's VectorXd) gives [n]. Throws hekla::Error when
/// an element does not fit i32, and beyond Shape::max_rank axes.
template <HostView V>
Tensor tensor(const V& view) {
  return copy_of(view);
}
/// The same of a view that is a range, too: its sizes count, and its order in memory does not.
template <std::ranges::contiguous_range V>
requires HostNumber<std::ranges::range_value_t<V>> && HostView<V> Tensor tensor(const V& view) {
  return copy_of(view);
}

/// Throws hekla::Error unless x has the shape of a view that it is to be copied to.
void check_view_shape(const Tensor& x, const Shape& view);

/// Writes the elements of x, computed now on the default device, to a matrix or array of another library, which keeps its
/// size and its order in memory. Elements are converted as by Tensor::to_vector(). Throws hekla::Error where the shapes
/// differ.
template <class V>
requires HostView<std::remove_cvref_t<V>>
void copy_to(const Tensor& x, V&& view) {
  using Traits = ViewTraits<std::remove_cvref_t<V>>;
  check_view_shape(x, Traits::shape(view));
  const auto elements = x.to_vector<typename Traits::Element>();
  visit_elements(view, [&](std::size_t i, auto& element) { element = elements[i]; });
}

}  // namespace hekla
