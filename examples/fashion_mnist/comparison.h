// What the step `optimizers` leaves.
#pragma once

#include <vector>

#include "examples/fashion_mnist/run.h"
#include "examples/fashion_mnist/run_folder.h"

namespace hekla::fashion_mnist {

/// Prints the table of the runs, of which there is at least one, and writes it as summary.txt and
/// comparison.csv, with comparison.svg (see draw_chart) and report.html. Throws hekla::Error when a file
/// cannot be written.
void write_comparison(const std::vector<Run>& runs, const RunFolder& folder);

}  // namespace hekla::fashion_mnist
