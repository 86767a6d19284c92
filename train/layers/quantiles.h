// Quantiles of data as Keras estimates them.
#pragma once

#include <vector>

namespace hekla {

/// The num_bins - 1 numbers that divide the values into bins of about equal counts, to within a share `epsilon`: fewer
/// where there are fewer values than bins. (keras/src/layers/preprocessing/discretization.py, summarize and
/// compress_summary.)
std::vector<double> quantile_boundaries(std::vector<double> values, int num_bins, double epsilon);

}  // namespace hekla
