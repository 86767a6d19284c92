// The chapter on neural networks as a program: one step of the book each. Start with recipes.cpp, which holds
// the networks; run.cpp trains them, report.cpp draws what came of it, options.cpp is the command line.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <vector>

#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/options.h"
#include "examples/fashion_mnist/recipes.h"
#include "examples/fashion_mnist/report.h"
#include "examples/fashion_mnist/run.h"
#include "hekla.h"

namespace {

using namespace hekla;
using namespace hekla::fashion_mnist;

void train_one(const Options& options) {
  const Recipe& recipe = *find_recipe(options.step);
  const RunFolder folder = open_folder(options.out);
  const Data data = load_data(options);
  const Run run = train(recipe, options, data, folder);
  save_result(run, folder);
  fmt::print("{}", result_lines(run));
  std::fflush(stdout);  // the charts take a moment
  write_report(run, recipe, data, folder);
  fmt::print("report {}\n", folder.report().string());
}

// Each optimizer gets a folder of its own in the step's folder.
void train_all(const Options& options) {
  const Recipe& recipe = *find_recipe("relu");
  const RunFolder folder = open_folder(options.out);
  const Data data = load_data(options);
  std::vector<Run> runs;
  for (const std::string_view name : compared_optimizers()) {
    if (interrupted()) break;
    Options one = options;
    one.optimizer = std::string(name);
    const RunFolder inner = open_folder(options.out / name);
    // Optimizers that were not begun yet start from the beginning.
    one.resume = options.resume && std::filesystem::exists(inner.settings());
    fmt::print("{}--- {}\n", runs.empty() ? "" : "\n", name);
    runs.push_back(train(recipe, one, data, inner));
    save_result(runs.back(), inner);
    write_file(inner.summary(), summary_text(runs.back()));
  }
  write_comparison(runs, folder);
  fmt::print("report {}\n", folder.report().string());
}

void run_step(const Options& options) {
  set_default_device(open_device(options.device));
  if (options.step == "look") {
    look(options);
    return;
  }
  watch_interrupts();
  if (options.step == "optimizers")
    train_all(options);
  else
    train_one(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse_options(argc, argv);
    if (options.help.empty())
      run_step(options);
    else
      fmt::print("{}", options.help);
    // A full disk shows only when the buffer is flushed.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw Error("[output] standard output cannot be written; is the disk full?");
    constexpr int ended_by_interrupt = 130;  // as shells count it
    return interrupted() ? ended_by_interrupt : 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);  // so that the output precedes the error
    fmt::print(stderr, "fashion_mnist: {}\n", error.what());
    return 1;
  }
}
