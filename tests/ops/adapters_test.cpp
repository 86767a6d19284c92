// Views of other libraries, by local classes that look like theirs.
#include "ops/adapters.h"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ops/elementwise.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

enum class Order { column_major, row_major };

// As Eigen::Matrix: signed sizes, const and mutable access, and a constant that tells vectors from matrices.
template <class T, Order order = Order::column_major, bool is_vector = false>
class Matrix {
 public:
  enum { IsVectorAtCompileTime = is_vector };
  Matrix(std::ptrdiff_t rows, std::ptrdiff_t cols)
      : rows_(rows), cols_(cols), elements_(static_cast<std::size_t>(rows * cols)) {}
  std::ptrdiff_t rows() const { return rows_; }
  std::ptrdiff_t cols() const { return cols_; }
  const T* data() const { return elements_.data(); }
  const T& operator()(std::ptrdiff_t i, std::ptrdiff_t j) const { return elements_[at(i, j)]; }
  T& operator()(std::ptrdiff_t i, std::ptrdiff_t j) { return elements_[at(i, j)]; }

 private:
  std::size_t at(std::ptrdiff_t i, std::ptrdiff_t j) const {
    REQUIRE((i >= 0 && i < rows_ && j >= 0 && j < cols_));
    return static_cast<std::size_t>(order == Order::row_major ? i * cols_ + j : j * rows_ + i);
  }
  std::ptrdiff_t rows_, cols_;
  std::vector<T> elements_;
};

// As a coefficient-wise expression: elements come by value, and there is no memory.
struct Sum {
  int rows() const { return 2; }
  int cols() const { return 3; }
  double operator()(int i, int j) const { return 10 * i + j; }
};

// As a comparison of matrices.
struct Diagonal {
  int rows() const { return 2; }
  int cols() const { return 2; }
  bool operator()(int i, int j) const { return i == j; }
};

// A column-major matrix of one's own whose elements are a range, too.
struct RangeMatrix {
  std::size_t rows() const { return 2; }
  std::size_t cols() const { return 2; }
  float operator()(std::size_t i, std::size_t j) const { return elements[i + 2 * j]; }
  const float* begin() const { return elements.data(); }
  const float* end() const { return elements.data() + 4; }
  std::array<float, 4> elements{1, 3, 2, 4};
};

// As std::mdspan, over memory of others and with unsigned extents; the first axis is contiguous, as in layout_left.
template <class T, std::size_t N>
class Mdspan {
 public:
  using value_type = std::remove_cv_t<T>;
  Mdspan(T* data, std::array<std::uint32_t, N> extents) : data_(data), extents_(extents) {}
  static constexpr std::size_t rank() { return N; }
  std::uint32_t extent(std::size_t axis) const { return extents_[axis]; }
  template <class I>
  T& operator[](const std::array<I, N>& position) const {
    std::size_t at = 0;
    for (std::size_t axis = N; axis-- > 0;)
      at = at * extents_[axis] + static_cast<std::size_t>(position[axis]);
    return data_[at];
  }

 private:
  T* data_;
  std::array<std::uint32_t, N> extents_;
};

// As Kokkos's implementation for C++17: elements between parentheses.
struct Grid {
  using value_type = int;
  static constexpr std::size_t rank() { return 3; }
  std::size_t extent(std::size_t axis) const { return axis + 1; }
  int operator()(std::int64_t i, std::int64_t j, std::int64_t k) const {
    return static_cast<int>(100 * i + 10 * j + k);
  }
};

template <class M>
M counted(std::ptrdiff_t rows, std::ptrdiff_t cols) {
  M m(rows, cols);
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    for (std::ptrdiff_t j = 0; j < cols; ++j) m(i, j) = static_cast<float>(i * cols + j);
  }
  return m;
}

}  // namespace

TEST_CASE("adapters: a matrix keeps its rows and columns in either order of memory") {
  set_default_device(reference());
  const auto columns = counted<Matrix<float>>(2, 3);
  REQUIRE(columns.data()[1] == 3);
  const auto rows = counted<Matrix<float, Order::row_major>>(2, 3);
  REQUIRE(rows.data()[1] == 1);
  for (const Tensor& x : {tensor(columns), tensor(rows)}) {
    CHECK(describe(x) == "f32[2,3]");
    CHECK(x.to_vector() == std::vector<float>{0, 1, 2, 3, 4, 5});
  }
  CHECK(tensor(Sum()).to_vector<double>() == std::vector<double>{0, 1, 2, 10, 11, 12});
  CHECK(describe(tensor(Matrix<float>(0, 3))) == "f32[0,3]");
}

TEST_CASE("adapters: vectors have one axis, and a matrix that is a range has two") {
  set_default_device(reference());
  using Vector = Matrix<float, Order::column_major, true>;
  for (const auto& vector : {counted<Vector>(3, 1), counted<Vector>(1, 3)}) {
    CHECK(describe(tensor(vector)) == "f32[3]");
    CHECK(tensor(vector).to_vector() == std::vector<float>{0, 1, 2});
  }
  CHECK(describe(tensor(counted<Matrix<float>>(3, 1))) == "f32[3,1]");
  CHECK(describe(tensor(RangeMatrix())) == "f32[2,2]");
  CHECK(tensor(RangeMatrix()).to_vector() == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("adapters: elements have the dtype of their C++ type") {
  set_default_device(reference());
  CHECK(tensor(Matrix<double>(1, 2)).dtype() == f32);
  CHECK(tensor(Matrix<std::uint8_t>(1, 2)).dtype() == u8);
  CHECK(tensor(Matrix<int>(1, 2)).dtype() == i32);
  CHECK(describe(tensor(Diagonal())) == "bool[2,2]");
  CHECK(tensor(Diagonal()).to_vector<int>() == std::vector<int>{1, 0, 0, 1});
  Matrix<std::int64_t> large(1, 1);
  large(0, 0) = std::int64_t{1} << 40;
  CHECK_THROWS_AS(tensor(large), Error);
}

TEST_CASE("adapters: arrays of any number of axes") {
  set_default_device(reference());
  const std::vector<float> elements{0, 1, 2, 3, 4, 5};
  const Mdspan<const float, 2> view(elements.data(), {2, 3});
  CHECK(describe(tensor(view)) == "f32[2,3]");
  CHECK(tensor(view).to_vector() == std::vector<float>{0, 2, 4, 1, 3, 5});
  CHECK(describe(tensor(Mdspan<const float, 0>(elements.data() + 4, {}))) == "f32[]");
  CHECK(tensor(Mdspan<const float, 0>(elements.data() + 4, {})).item() == 4);
  CHECK(describe(tensor(Grid())) == "i32[1,2,3]");
  CHECK(tensor(Grid()).to_vector<int>() == std::vector<int>{0, 1, 2, 10, 11, 12});
}

TEST_CASE("adapters: copies back to a matrix, a vector and an array") {
  for (const auto& device : reference_and_device()) {
    set_default_device(device);
    auto columns = counted<Matrix<double>>(2, 3);
    copy_to(tensor(columns) * 2, columns);
    CHECK(std::vector<double>(columns.data(), columns.data() + 6) == std::vector<double>{0, 6, 2, 8, 4, 10});
    Matrix<int, Order::column_major, true> row(1, 3);
    copy_to(tensor({1.5, -2.5, 7.0}), row);
    CHECK(std::vector<int>(row.data(), row.data() + 3) == std::vector<int>{1, -2, 7});
    std::vector<float> memory(6);
    copy_to(tensor({{1, 2, 3}, {4, 5, 6}}), Mdspan<float, 2>(memory.data(), {2, 3}));
    CHECK(memory == std::vector<float>{1, 4, 2, 5, 3, 6});
  }
}

TEST_CASE("adapters: a copy to another shape is refused") {
  set_default_device(reference());
  Matrix<float> empty(0, 0);
  CHECK_THROWS_WITH_AS(
      copy_to(zeros({2, 3}).label("weights"), empty),
      "[copy_to] the tensor is weights f32[2,3] and the view [0,0]; their shapes must be equal, so "
      "resize the view or reshape the tensor.",
      Error);
}

}  // namespace hekla::testing
