#include "examples/fashion_mnist/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

#if __has_include(<spawn.h>)
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "graph/error.h"
#include "train/files/atomic_file.h"

namespace hekla::fashion_mnist {

namespace {

// gnuplot prints the faulty line and a marker first; the last line is the error message.
std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

struct Ended {
  int status = 0;
  std::string output;
  std::string error;
};

#if __has_include(<spawn.h>)

// Temporary files rather than pipes, which could deadlock unless read while they are written.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File temporary_file() {
  File file(std::tmpfile(), std::fclose);
  if (!file) throw Error(fmt::format("[gnuplot] no temporary file can be made ({}).", std::strerror(errno)));
  return file;
}

std::string content(std::FILE* file) {
  std::string text;
  std::rewind(file);
  std::array<char, 4096> part;
  for (std::size_t size = 0; (size = std::fread(part.data(), 1, part.size(), file)) > 0;)
    text.append(part.data(), size);
  return text;
}

// Status 127 means that gnuplot was not found, as in a shell.
Ended run(const std::string& script, const char* argument) {
  const File input = temporary_file(), output = temporary_file(), error = temporary_file();
  if (std::fwrite(script.data(), 1, script.size(), input.get()) != script.size() ||
      std::fflush(input.get()) != 0)
    throw Error("[gnuplot] its script cannot be written to a temporary file; is the disk full?");
  std::rewind(input.get());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(output.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(error.get()), STDERR_FILENO);
  std::string program = "gnuplot", option = argument;
  std::array<char*, 3> arguments{program.data(), option.data(), nullptr};
  pid_t process = 0;
  const int failure = posix_spawnp(&process, program.c_str(), &actions, nullptr, arguments.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return {.status = 127};
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1,
          .output = content(output.get()),
          .error = content(error.get())};
}

#else

// This system has no posix_spawn; gnuplot counts as missing.
Ended run(const std::string&, const char*) { return {.status = 127}; }

#endif

}  // namespace

bool has_gnuplot() {
  static const bool has_it = run("", "--version").status == 0;
  return has_it;
}

std::string run_gnuplot(const std::string& script) {
  Ended ended = run(script, "-");
  if (ended.status != 0 || ended.output.empty())
    throw Error(fmt::format(
        "[gnuplot] no chart was drawn: {}.",
        ended.error.empty() ? fmt::format("it ended with status {}", ended.status) : last_line(ended.error)));
  return std::move(ended.output);
}

namespace {

void warn(std::string_view text) {
  std::fflush(stdout);
  fmt::print(stderr, "fashion_mnist: {}\n", text);
}

// Warns at the first call only.
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

namespace {

struct Line {
  std::string_view colour;
  int dashes;
  int point;
  double point_size = 0.7;
};
constexpr std::array<Line, 6> lines{{{"#0072B2", 1, 7},
                                     {"#D55E00", 2, 5},
                                     {"#009E73", 4, 9, 0.9},
                                     {"#CC79A7", 3, 11, 0.9},
                                     {"#E69F00", 5, 13, 0.9},
                                     {"#56B4E9", 1, 4}}};

std::string style(std::size_t index) {
  const Line& line = lines[index % lines.size()];
  return fmt::format("lc rgb '{}' lw 2 dt {} pt {} ps {}", line.colour, line.dashes, line.point,
                     line.point_size);
}

std::string opening(std::string_view title, int width, int height) {
  return fmt::format(
      "set encoding utf8\n"
      "set terminal svg size {},{} dynamic font 'sans-serif,14' background '#ffffff' name '{}'\n",
      width, height, title);
}

std::string two_panels(std::string_view margins) {
  return fmt::format(
      "set border 3\n"
      "set tics nomirror out scale 0.5\n"
      "set grid ytics lc rgb '#bbbbbb' lt 1 lw 0.5\n"
      "set format y '%g'\n"
      "set xlabel 'epoch' offset 0,0.3\n"
      "set multiplot layout 1,2 margins {} spacing 0.09\n",
      margins);
}

std::string epochs_axis(std::size_t epochs) {
  const std::size_t apart = (epochs + 9) / 10;
  return fmt::format("set xrange [0.7:{}]\nset xtics 1,{}\n", static_cast<double>(epochs) + 0.3, apart);
}

// A row of numbers for each epoch: its number, training loss and accuracy, validation loss and accuracy.
std::string block(std::string_view name, const std::vector<EpochNumbers>& history) {
  std::string text = fmt::format("${} << EOD\n", name);
  for (const EpochNumbers& one : history)
    text += fmt::format("{} {} {} {} {}\n", one.epoch + 1, one.loss, one.accuracy, one.val_loss,
                        one.val_accuracy);
  return text + "EOD\n";
}

struct Colour {
  double red, green, blue;
};

// Interpolates from white at 0 to the colour at 1.
int mixed(const Colour& colour, double share) {
  const auto part = [&](double value) { return static_cast<int>(std::lround(255 + share * (value - 255))); };
  return part(colour.red) * 65536 + part(colour.green) * 256 + part(colour.blue);
}

}  // namespace

std::string learning_curve(const std::vector<EpochNumbers>& history, const EpochNumbers& kept) {
  std::string script = opening("learning_curve", 960, 400) + block("numbers", history) +
                       two_panels("0.07,0.985,0.25,0.84") + epochs_axis(history.size()) +
                       "set key at screen 0.53,0.01 center bottom horizontal width 2\n";
  if (kept.epoch != history.back().epoch) {
    // Graph coordinates do not depend on the range of the axes.
    script += fmt::format(
        "set arrow from {0},graph 0 to {0},graph 1 nohead dt 3 lc rgb '#777777'\n"
        "set label 'kept' at {0},graph 1 offset 0,0.6 center tc rgb '#777777'\n",
        kept.epoch + 1);
  }
  struct Panel {
    std::string_view title;
    int train, validation;
  };
  for (const Panel& panel : {Panel{"loss", 2, 4}, Panel{"accuracy", 3, 5}}) {
    script += fmt::format("set title '{}' offset 0,{}\n", panel.title,
                          kept.epoch != history.back().epoch ? 0.7 : 0);
    script += fmt::format(
        "plot $numbers using 1:{} with linespoints {} title 'training', "
        "'' using 1:{} with linespoints {} title 'validation'\nunset key\n",
        panel.train, style(0), panel.validation, style(1));
  }
  return script + "unset multiplot\n";
}

std::string confusion_chart(const Predictions& predictions, std::span<const std::string_view> classes) {
  constexpr Colour right{0, 114, 178}, wrong{213, 94, 0};
  std::string cells = "$cells << EOD\n";
  std::string names;
  for (int truth = 0; truth < predictions.classes(); ++truth) {
    const double all = static_cast<double>(std::max<std::int64_t>(predictions.count(truth), 1));
    names +=
        fmt::format("{}'{}' {}", names.empty() ? "" : ", ", classes[static_cast<std::size_t>(truth)], truth);
    for (int taken_for = 0; taken_for < predictions.classes(); ++taken_for) {
      const std::int64_t count = predictions.count(truth, taken_for);
      const double share = static_cast<double>(count) / all;
      // Mistakes are rare, so their colour scale is steeper.
      const double depth = truth == taken_for ? share : std::min(1.0, std::sqrt(share) * 1.4);
      cells += fmt::format("{} {} {} {} {}\n", taken_for, truth, count,
                           mixed(truth == taken_for ? right : wrong, depth * 0.9),
                           truth == taken_for && depth > 0.75 ? 0xffffff : 0x222222);
    }
  }
  const double end = predictions.classes() - 0.5;
  return opening("confusion", 860, 620) + cells + "EOD\n" +
         fmt::format(
             "set xrange [-0.5:{0}]\nset yrange [{0}:-0.5]\n"
             "set xtics ({1}) rotate by 35 right scale 0\nset ytics ({1}) scale 0\n"
             "set xlabel 'taken for' offset 0,0.5\nset ylabel 'is a' offset 1,0\n"
             "unset key\nunset colorbox\nunset border\nset style fill solid 1 noborder\n"
             "set lmargin 15\nset bmargin 6.2\nset rmargin 2\nset tmargin 1\n"
             "plot $cells using 1:2:(0.48):(0.48):4 with boxxyerror lc rgb variable, "
             "'' using 1:2:($3 == 0 ? '' : sprintf('%d', $3)):5 with labels tc rgb variable\n",
             end, names);
}

std::string comparison_chart(const std::vector<NamedHistory>& runs) {
  std::string script = opening("comparison", 1060, 380);
  std::size_t epochs = 1;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    script += block(fmt::format("run{}", i), runs[i].history);
    epochs = std::max(epochs, runs[i].history.size());
  }
  script += two_panels("0.065,0.85,0.17,0.88") + epochs_axis(epochs) +
            "set key at screen 0.98,0.87 right top vertical Left reverse samplen 3 spacing 1.3\n";
  for (const auto& [title, column] : {std::pair{"validation loss", 4}, std::pair{"validation accuracy", 5}}) {
    script += fmt::format("set title '{}'\nplot ", title);
    for (std::size_t i = 0; i < runs.size(); ++i)
      script += fmt::format("{}$run{} using 1:{} with linespoints {} title '{}'", i == 0 ? "" : ", ", i,
                            column, style(i), runs[i].name);
    script += "\nunset key\n";
  }
  return script + "unset multiplot\n";
}

}  // namespace hekla::fashion_mnist
