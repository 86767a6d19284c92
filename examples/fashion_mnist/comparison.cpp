// See comparison.h.
#include "examples/fashion_mnist/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "examples/fashion_mnist/chart_file.h"
#include "examples/fashion_mnist/charts.h"
#include "examples/fashion_mnist/html.h"
#include "examples/fashion_mnist/words.h"
#include "train/files/atomic_file.h"

namespace hekla::fashion_mnist {

namespace {

std::string time_of(const Run& run) { return run.trained > 0 ? duration_words(run.seconds) : "-"; }

std::string fixed(double value) { return fmt::format("{:.4f}", value); }

}  // namespace

void write_comparison(const std::vector<Run>& runs, const RunFolder& folder) {
  std::vector<NamedHistory> histories;
  std::vector<std::vector<std::string>> rows;
  std::string csv =
      "optimizer,learning_rate,loss,accuracy,val_loss,val_accuracy,test_loss,test_accuracy,seconds\n";
  std::string text = "optimizer   learning rate  val_loss  val_accuracy  test accuracy     time\n";
  for (const Run& run : runs) {
    const std::string& name = run.settings.optimizer;
    const EpochNumbers& kept = run.kept;
    histories.push_back({name, run.history});
    rows.push_back({escaped(name), fmt::format("{}", run.settings.learning_rate), fixed(kept.loss),
                    fixed(kept.accuracy), fixed(kept.val_loss), fixed(kept.val_accuracy),
                    fixed(run.test_accuracy), time_of(run)});
    text += fmt::format("{:<10}  {:>13}    {:.4f}        {:.4f}         {:.4f}  {:>7}\n", name,
                        run.settings.learning_rate, kept.val_loss, kept.val_accuracy, run.test_accuracy,
                        time_of(run));
    csv += fmt::format("{},{},{},{},{},{},{},{},{:.2f}\n", name, run.settings.learning_rate, kept.loss,
                       kept.accuracy, kept.val_loss, kept.val_accuracy, run.test_loss, run.test_accuracy,
                       run.seconds);
  }
  fmt::print("\n{}", text);
  write_file(folder.summary(), text);
  write_file(folder.comparison_table(), csv);
  const std::string chart = draw_chart(comparison_chart(histories), folder.comparison());
  const auto best = std::ranges::max_element(runs, {}, [](const Run& run) { return run.kept.val_accuracy; });
  std::string body = headline({{"best on the validation images", best->settings.optimizer},
                               {"its validation accuracy", fixed(best->kept.val_accuracy)},
                               {"epochs", fmt::format("{}", best->history.size())}});
  body += "<h2>Learning</h2>\n" + (chart.empty() ? "" : inline_svg(chart));
  body += "<h2>After the last epoch</h2>\n" +
          table({"optimizer", "learning rate", "loss", "accuracy", "validation loss", "validation accuracy",
                 "test accuracy", "time"},
                rows);
  body += "<h2>Model</h2>\n<pre>" + escaped(runs[0].model) + "</pre>\n";
  write_file(folder.report(),
             page("Fashion-MNIST: optimizers",
                  fmt::format("The relu network trained with {} optimizers as they come, seed {}. {}.",
                              runs.size(), runs[0].settings.seed, runs[0].data),
                  body));
}

}  // namespace hekla::fashion_mnist
