// The report of a run.
#pragma once

#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/recipe.h"
#include "examples/fashion_mnist/run.h"
#include "examples/fashion_mnist/run_folder.h"

namespace hekla::fashion_mnist {

/// Writes summary.txt, mistakes.png, the charts (see draw_chart) and report.html, which holds all of it.
/// Throws hekla::Error when a file cannot be written.
void write_report(const Run& run, const Recipe& recipe, const Data& data, const RunFolder& folder);

}  // namespace hekla::fashion_mnist
