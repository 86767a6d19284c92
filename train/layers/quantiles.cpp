// See quantiles.h.
#include "train/layers/quantiles.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace hekla {

namespace {

// Values in rising order with the number of elements that each stands for.
struct Summary {
  std::vector<double> values, weights;
};

// As np.interp: linear between the points, the outermost value beyond them.
double interpolated(double at, const std::vector<double>& x, const std::vector<double>& y) {
  if (at <= x.front()) return y.front();
  if (at >= x.back()) return y.back();
  const std::size_t above = static_cast<std::size_t>(std::ranges::upper_bound(x, at) - x.begin());
  const double share = (at - x[above - 1]) / (x[above] - x[above - 1]);
  return y[above - 1] + share * (y[above] - y[above - 1]);
}

// The values at the shares epsilon, 2 epsilon, ..
Summary compressed(const Summary& summary, double epsilon) {
  if (static_cast<double>(summary.values.size()) * epsilon < 1) return summary;
  std::vector<double> reached, shares;
  double total = 0;
  for (const double weight : summary.weights) reached.push_back(total += weight);
  for (const double count : reached) shares.push_back(count / total);
  Summary result;
  double before = 0;
  const int count = static_cast<int>(std::ceil(1 / epsilon));
  for (int i = 0; i < count; ++i) {
    const double share = epsilon + i * epsilon;
    result.values.push_back(interpolated(share, shares, summary.values));
    const double now = interpolated(share, shares, reached);
    result.weights.push_back(now - before);
    before = now;
  }
  return result;
}

}  // namespace

std::vector<double> quantile_boundaries(std::vector<double> values, int num_bins, double epsilon) {
  std::ranges::sort(values);
  // In this order of rounding, as whole steps are taken of it.
  const double step = std::max(static_cast<double>(values.size()) / (1 / epsilon), 1.0);
  Summary summary;
  for (auto i = static_cast<std::size_t>(step - 1); i < values.size(); i += static_cast<std::size_t>(step)) {
    summary.values.push_back(values[i]);
    summary.weights.push_back(step);
  }
  std::vector<double> boundaries = compressed(compressed(summary, epsilon), 1.0 / num_bins).values;
  boundaries.pop_back();
  return boundaries;
}

}  // namespace hekla
