// See report.h.
#include "examples/fashion_mnist/report.h"

#include <fmt/format.h>

#include <string_view>

#include "examples/fashion_mnist/chart_file.h"
#include "examples/fashion_mnist/charts.h"
#include "examples/fashion_mnist/html.h"
#include "examples/fashion_mnist/image_sheet.h"
#include "examples/fashion_mnist/summary.h"
#include "train/data/fashion_mnist.h"
#include "train/files/atomic_file.h"
#include "train/grouped.h"

namespace hekla::fashion_mnist {

namespace {

constexpr std::size_t shown_mistakes = 24;

std::string_view class_name(int label) {
  return data::fashion_mnist_classes[static_cast<std::size_t>(label)];
}

std::string fixed(double value) { return fmt::format("{:.4f}", value); }

std::string settings_table(const Run& run) {
  std::string text = "<table class=\"text\">\n";
  for (const auto& [name, value] : settings_of(run))
    text += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", name, escaped(value));
  return text + "</table>\n";
}

std::string epochs_table(const Run& run) {
  std::string text =
      "<div class=\"wide\"><table>\n<tr><th>epoch</th><th>loss</th><th>accuracy</th><th>validation loss</th>"
      "<th>validation accuracy</th></tr>\n";
  for (const EpochNumbers& one : run.history)
    text += fmt::format("<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        one.epoch == run.kept.epoch ? " class=\"kept\"" : "", one.epoch + 1, fixed(one.loss),
                        fixed(one.accuracy), fixed(one.val_loss), fixed(one.val_accuracy));
  return text + "</table></div>\n";
}

std::string classes_table(const Predictions& predictions) {
  std::vector<std::vector<std::string>> rows;
  for (int label = 0; label < predictions.classes(); ++label) {
    const std::int64_t all = predictions.count(label), right = predictions.count(label, label);
    int rival = label == 0 ? 1 : 0;
    for (int other = 0; other < predictions.classes(); ++other)
      if (other != label && predictions.count(label, other) > predictions.count(label, rival)) rival = other;
    const std::int64_t lost = predictions.count(label, rival);
    rows.push_back(
        {escaped(class_name(label)), grouped(all), grouped(right),
         all > 0 ? fmt::format("{:.1f} %", 100.0 * static_cast<double>(right) / static_cast<double>(all))
                 : "",
         lost > 0 ? fmt::format("{} ({})", escaped(class_name(rival)), lost) : ""});
  }
  return table({"class", "images", "right", "share", "most often taken for"}, rows);
}

std::string images_of(const std::vector<Mistake>& mistakes, const data::LabeledImages& images) {
  std::string text = "<div class=\"images\">\n";
  for (const Mistake& one : mistakes) {
    const std::string png = to_png(inverted(image_of(images, one.image)));
    text += fmt::format(
        "<figure><img src=\"{}\" alt=\"test image {}\" width=\"28\" height=\"28\"><figcaption>{}<br>"
        "<span>is a {}</span></figcaption></figure>\n",
        data_url("image/png", png), one.image,
        escaped(
            fmt::format("{} {:.1f} %", class_name(one.taken_for), 100 * static_cast<double>(one.confidence))),
        escaped(class_name(one.truth)));
  }
  return text + "</div>\n";
}

Picture mistakes_sheet(const std::vector<Mistake>& mistakes, const data::LabeledImages& images) {
  std::vector<Captioned> list;
  for (const Mistake& one : mistakes)
    list.push_back(
        {image_of(images, one.image),
         {fmt::format("guess {}", class_name(one.taken_for)), fmt::format("is {}", class_name(one.truth))}});
  return image_sheet(list, 6, 4);
}

}  // namespace

void write_report(const Run& run, const Recipe& recipe, const Data& data, const RunFolder& folder) {
  write_file(folder.summary(), summary_text(run));
  const std::vector<Mistake> worst = run.predictions.worst(shown_mistakes);
  write_file(folder.mistakes(), to_png(mistakes_sheet(worst, data.files.test)));
  const std::string curve = draw_chart(learning_curve(run.history, run.kept), folder.learning_curve());
  const std::string confusion =
      draw_chart(confusion_chart(run.predictions, data::fashion_mnist_classes), folder.confusion());

  std::string body = headline({{"validation accuracy", fixed(run.kept.val_accuracy)},
                               {"test accuracy", fixed(run.test_accuracy)},
                               {"test loss", fixed(run.test_loss)},
                               {"epochs", fmt::format("{}", run.history.size())}});
  body += "<h2>Learning</h2>\n" + (curve.empty() ? "" : inline_svg(curve)) + epochs_table(run);
  body += "<h2>Test images by class</h2>\n" + (confusion.empty() ? "" : inline_svg(confusion)) +
          classes_table(run.predictions);
  body +=
      "<h2>Most confident mistakes</h2>\n<p class=\"note\">Test images with the class they were taken for, "
      "the probability the network gave it, and what they are.</p>\n" +
      images_of(worst, data.files.test);
  body += "<h2>Settings</h2>\n" + settings_table(run) + "<pre>" + escaped(command_of(run)) + "</pre>\n";
  body += "<h2>Model</h2>\n<pre>" + escaped(run.model) + "</pre>\n";
  write_file(folder.report(), page(fmt::format("Fashion-MNIST: {}", recipe.name), recipe.title, body));
}

}  // namespace hekla::fashion_mnist
