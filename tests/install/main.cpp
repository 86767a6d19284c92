// What an installed user writes first: if this builds and runs, headers, library and package are complete.
#include <hekla.h>

#include <cstdio>

int main() {
  const auto x = hekla::variable(hekla::tensor({1.0, 2.0, 3.0}));
  const auto slope = hekla::grad(hekla::sum(x * x), x);
  hekla::set_default_device(hekla::open_device("reference"));
  const auto values = slope.to_vector();
  std::printf("%g %g %g\n", values[0], values[1], values[2]);
  return values[0] == 2 && values[1] == 4 && values[2] == 6 ? 0 : 1;
}
