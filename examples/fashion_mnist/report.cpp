#include "examples/fashion_mnist/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "examples/fashion_mnist/charts.h"
#include "examples/fashion_mnist/pictures.h"
#include "train/data/fashion_mnist.h"
#include "train/files/atomic_file.h"
#include "train/grouped.h"

namespace hekla::fashion_mnist {

std::string duration_words(double seconds) {
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::round(seconds));
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

namespace {

constexpr std::string_view stylesheet = R"(
:root { color-scheme: light dark; --ink: #1d2329; --soft: #5c6670; --page: #ffffff; --card: #f4f6f8; --line: #d5dbe1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b0; --page: #14181c; --card: #1e242a; --line: #343d46; }
}
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --page: #fff; --card: #fff; --line: #bbb; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; break-after: avoid; }
.lead, .note { color: var(--soft); margin: .25rem 0 1.25rem; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 0; }
.headline div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem 1rem; }
.headline dt { color: var(--soft); font-size: .85rem; }
.headline dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .9rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; }
.text td { text-align: left; }
tr.kept td { font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem;
  overflow-x: auto; font: 13px/1.25 ui-monospace, "DejaVu Sans Mono", monospace; }
figure { margin: 0; break-inside: avoid; }
.chart svg { display: block; width: 100%; height: auto; }
.chart { margin-bottom: 1rem; }
.chart rect[fill="#ffffff"] { fill: none; }
@media screen and (prefers-color-scheme: dark) { .chart svg { filter: invert(1) hue-rotate(180deg); } }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: 1rem .75rem; }
.images img { width: 84px; height: 84px; image-rendering: pixelated; border: 1px solid var(--line); border-radius: .25rem; }
.images figcaption { font-size: .85rem; line-height: 1.3; }
.images figcaption span { color: var(--soft); }
)";

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

std::string data_url(std::string_view type, std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result = fmt::format("data:{};base64,", type);
  // Base64: three bytes make four digits; padding marks the bytes missing at the end.
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      result += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return result;
}

std::string inline_svg(std::string_view svg) {
  std::string text(svg.substr(std::min(svg.find("<svg"), svg.size())));
  // HTML needs neither namespace; they would be the only URLs in the page.
  for (const std::string_view name :
       {" xmlns=\"http://www.w3.org/2000/svg\"", " xmlns:xlink=\"http://www.w3.org/1999/xlink\""}) {
    const std::size_t at = text.find(name);
    if (at != std::string::npos) text.erase(at, name.size());
  }
  return fmt::format("<figure class=\"chart\">{}</figure>\n", text);
}

std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  std::string text = "<div class=\"wide\"><table>\n<tr>";
  for (const std::string& cell : head) text += fmt::format("<th>{}</th>", cell);
  text += "</tr>\n";
  for (const std::vector<std::string>& row : rows) {
    text += "<tr>";
    for (const std::string& cell : row) text += fmt::format("<td>{}</td>", cell);
    text += "</tr>\n";
  }
  return text + "</table></div>\n";
}

std::string headline(const std::vector<std::pair<std::string, std::string>>& numbers) {
  std::string text = "<dl class=\"headline\">\n";
  for (const auto& [name, number] : numbers)
    text += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), escaped(number));
  return text + "</dl>\n";
}

std::string page(std::string_view title, std::string_view lead, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p "
      "class=\"lead\">{2}</p>\n{3}</body>\n</html>\n",
      escaped(title), stylesheet, escaped(lead), body);
}

namespace {

// Of a resumed run, only the time since the resumption is known.
std::string training_time(const Run& run) {
  const bool is_whole = run.trained == std::ssize(run.history);
  return duration_words(run.seconds) + (is_whole ? "" : fmt::format(" for the last {} epochs", run.trained));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_of(const Run& run) {
  std::string epochs = fmt::format("{}", run.history.size());
  if (run.kept.epoch != run.history.back().epoch)
    epochs += fmt::format(", the weights of epoch {} kept", run.kept.epoch + 1);
  std::vector<std::pair<std::string, std::string>> settings{
      {"device", run.device},
      {"data", run.data},
      {"optimizer", fmt::format("{}, learning rate {}", run.settings.optimizer, run.settings.learning_rate)},
      {"batch size", fmt::format("{}", run.settings.batch_size)},
      {"seed", fmt::format("{}", run.settings.seed)},
      {"epochs", epochs},
      {"parameters", grouped(run.parameters)}};
  if (run.trained > 0) settings.push_back({"training", training_time(run)});
  return settings;
}

std::string command_of(const Run& run) {
  const Settings& settings = run.settings;
  std::string text = fmt::format(
      "scripts/fashion_mnist.sh {} --epochs {} --optimizer {} --learning-rate {} "
      "--batch-size {} --seed {}",
      settings.step, run.history.size(), settings.optimizer, settings.learning_rate, settings.batch_size,
      settings.seed);
  if (settings.limit) text += fmt::format(" --limit {}", *settings.limit);
  return text;
}

std::string result_lines(const Run& run) {
  return fmt::format("validation loss {:.4f}  accuracy {:.4f}\ntest loss {:.4f}  accuracy {:.4f}\n",
                     run.kept.val_loss, run.kept.val_accuracy, run.test_loss, run.test_accuracy);
}

std::string summary_text(const Run& run) {
  std::string text;
  for (const auto& [name, value] : settings_of(run)) text += fmt::format("{:<12}{}\n", name, value);
  text += fmt::format("{:<12}{}\n\n{}\n", "again", command_of(run), run.model);
  text += "epoch    loss  accuracy  val_loss  val_accuracy\n";
  for (const EpochNumbers& one : run.history)
    text += fmt::format("{:>5}  {:.4f}    {:.4f}    {:.4f}        {:.4f}{}\n", one.epoch + 1, one.loss,
                        one.accuracy, one.val_loss, one.val_accuracy,
                        one.epoch == run.kept.epoch ? "  kept" : "");
  return text + "\n" + result_lines(run);
}

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

namespace {

std::string time_of(const Run& run) { return run.trained > 0 ? duration_words(run.seconds) : "-"; }

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
