// What gdb stops in, to print tensors (see gdb.cmake).
#include "graph/run/value.h"  // for its debug information, which the library may lack
#include "graph/tensor.h"
#include "ops/create.h"
#include "ops/elementwise.h"

namespace {

// gdb prints the arguments here.
[[gnu::noinline]] int stop_here(const hekla::Tensor& x, const hekla::Tensor& number, const hekla::Tensor& sum,
                                const hekla::Tensor& none, const hekla::Shape& shape) {
  return x.rank() + number.rank() + sum.rank() + (none.defined() ? 1 : 0) + shape.rank();
}

}  // namespace

int main() {
  const hekla::Tensor x = hekla::tensor({{1.0, 2.5, 3.0}, {4.0, 5.0, 6.0}}).label("weights");
  const hekla::Tensor many = hekla::tensor({1, 2, 3, 4, 5, 6, 7, 8, 9});
  const hekla::Tensor number = hekla::full({2, 3}, 0.5);
  return stop_here(x, number, many + 1, hekla::Tensor(), many.shape()) == 6 ? 0 : 1;
}
