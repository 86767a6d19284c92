// See chart_file.h.
#include "examples/fashion_mnist/chart_file.h"

#include <fmt/format.h>

#include <cstdio>

#include "examples/fashion_mnist/gnuplot.h"
#include "graph/error.h"
#include "train/files/atomic_file.h"

namespace hekla::fashion_mnist {

namespace {

void warn(std::string_view text) {
  std::fflush(stdout);
  fmt::print(stderr, "fashion_mnist: {}\n", text);
}

// Says it the first time.
bool can_draw() {
  static const bool can = [] {
    const bool has_it = has_gnuplot();
    if (!has_it)
      warn("[charts] gnuplot is missing, so there are no charts; the Debian package is gnuplot-nox.");
    return has_it;
  }();
  return can;
}

}  // namespace

std::string draw_chart(const std::string& script, const std::filesystem::path& path) {
  std::string svg;
  try {
    if (!can_draw()) return {};
    svg = run_gnuplot(script);
  } catch (const Error& error) {
    warn(error.what());
    return {};
  }
  write_file(path, svg);
  return svg;
}

}  // namespace hekla::fashion_mnist
