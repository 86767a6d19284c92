// The progress bar: its formats, and when it prints what, with a clock of the test's own.
#include "train/progress.h"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <string>
#include <utility>

using namespace hekla;

namespace {

const std::array<MetricValue, 2> metrics = {{{"accuracy", 0.737}, {"loss", 0.7853}}};

// An output that records what is printed; the test sets its time.
struct FakeScreen {
  double now = 100;
  int columns = 100;
  std::string text;

  ProgressOutput output(bool terminal) {
    return {.terminal = terminal,
            .color = false,
            .width = [this] { return columns; },
            .print = [this](std::string_view piece) { text += piece; },
            .seconds = [this] { return now; }};
  }

  std::string take() { return std::exchange(text, {}); }
};

}  // namespace

TEST_CASE("progress: metrics have four digits, small ones an exponent") {
  CHECK(format_metric(0.737) == "0.7370");
  CHECK(format_metric(-12.34567) == "-12.3457");
  CHECK(format_metric(0.001) == "1.0000e-03");
  CHECK(format_metric(-0.00025) == "-2.5000e-04");
  CHECK(format_metric(0) == "0.0000e+00");
  CHECK(format_metric(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(format_metric(std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("progress: durations") {
  CHECK(format_duration(0) == "0s");
  CHECK(format_duration(59.9) == "59s");
  CHECK(format_duration(65) == "1:05");
  CHECK(format_duration(7384) == "2:03:04");
  CHECK(format_duration(-1) == "0s");
}

TEST_CASE("progress: times per step") {
  CHECK(format_step_time(3) == "3s/step");
  CHECK(format_step_time(0.002) == "2ms/step");
  CHECK(format_step_time(0.00085) == "850µs/step");
  CHECK(format_step_time(0.0009997) == "1ms/step");
}

TEST_CASE("progress: the live line while running and finished") {
  ProgressMoment moment{.step = 750, .total = 1500, .elapsed = 1.5, .per_step = 0.002, .metrics = metrics};
  CHECK(format_live_line(moment, 100, false) ==
        " 750/1500 ━━━━━━━━━━────────── 1s 2ms/step - accuracy: 0.7370 - loss: 0.7853");
  moment.step = 1500;
  moment.elapsed = 3;
  CHECK(format_live_line(moment, 100, false) ==
        "1500/1500 ━━━━━━━━━━━━━━━━━━━━ 3s 2ms/step - accuracy: 0.7370 - loss: 0.7853");
  CHECK(format_live_line(moment, 100, true) ==
        "1500/1500 \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[2m\x1b[0m 3s 2ms/step - accuracy: 0.7370 - loss: "
        "0.7853");
}

TEST_CASE("progress: before the first step there is no estimate") {
  CHECK(format_live_line({.step = 0, .total = 10, .elapsed = 2.5}, 80, false) ==
        " 0/10 ──────────────────── 2s");
}

TEST_CASE("progress: a narrow terminal shortens the bar, then loses it, then the last metrics") {
  const ProgressMoment moment{.step = 5, .total = 10, .elapsed = 1, .per_step = 0.2, .metrics = metrics};
  CHECK(format_live_line(moment, 63, false) ==
        " 5/10 ━━━━───── 1s 200ms/step - accuracy: 0.7370 - loss: 0.7853");
  CHECK(format_live_line(moment, 54, false) == " 5/10 1s 200ms/step - accuracy: 0.7370 - loss: 0.7853");
  CHECK(format_live_line(moment, 40, false) == " 5/10 1s 200ms/step - accuracy: 0.7370");
  CHECK(format_live_line(moment, 9, false) == " 5/10 1s ");
  CHECK(format_live_line(moment, 0, false).empty());
}

TEST_CASE("progress: a terminal gets at most one line in 50 ms") {
  FakeScreen screen;
  ProgressBar bar("Epoch 1/5", 100, screen.output(true));
  CHECK(screen.take() == "Epoch 1/5\n");
  screen.now += 1;
  CHECK(bar.due(10));
  bar.update(10, metrics);
  // 90 remaining steps of 0.1 s each.
  CHECK(screen.take() ==
        "\r 10/100 ━━────────────────── 9s 100ms/step - accuracy: 0.7370 - loss: 0.7853\x1b[K");
  screen.now += 0.04;
  CHECK_FALSE(bar.due(20));
  bar.update(20, metrics);
  CHECK(screen.take().empty());
  screen.now += 0.02;
  CHECK(bar.due(22));
  bar.update(22, metrics);
  // The slow first steps are not counted: 12 steps took 60 ms.
  CHECK(screen.take() ==
        "\r 22/100 ━━━━──────────────── 0s 5ms/step - accuracy: 0.7370 - loss: 0.7853\x1b[K");
  screen.now += 0.39;
  bar.finish(metrics);
  CHECK(screen.take() ==
        "\r100/100 ━━━━━━━━━━━━━━━━━━━━ 1s 5ms/step - accuracy: 0.7370 - loss: 0.7853\x1b[K\n");
}

TEST_CASE("progress: elsewhere a few plain lines without control characters") {
  FakeScreen screen;
  {
    ProgressBar bar("Epoch 2/5", 8, screen.output(false));
    for (int step = 1; step <= 8; ++step) {
      screen.now += 0.5;
      bar.update(step, metrics);
    }
    bar.finish(metrics);
  }
  CHECK(screen.take() ==
        "Epoch 2/5\n"
        "2/8 - 1s - 500ms/step - accuracy: 0.7370 - loss: 0.7853\n"
        "4/8 - 2s - 500ms/step - accuracy: 0.7370 - loss: 0.7853\n"
        "6/8 - 3s - 500ms/step - accuracy: 0.7370 - loss: 0.7853\n"
        "8/8 - 4s - 500ms/step - accuracy: 0.7370 - loss: 0.7853\n");
}

TEST_CASE("progress: a note stands on a terminal until the first line") {
  FakeScreen screen;
  ProgressBar bar("Epoch 1/1", 10, screen.output(true));
  screen.take();
  bar.note("compiling 41 kernels");
  CHECK(screen.take() == "\rcompiling 41 kernels\x1b[K");
  screen.now += 1;
  bar.update(1, {});
  CHECK(screen.take().starts_with("\r 1/10 "));
  ProgressBar lines("Epoch 1/1", 10, screen.output(false));
  screen.take();
  lines.note("compiling 41 kernels");
  CHECK(screen.take().empty());
}

TEST_CASE("progress: left half done, the bar ends its line") {
  FakeScreen screen;
  {
    ProgressBar bar("Epoch 1/1", 10, screen.output(true));
    bar.update(1, {});
    screen.take();
  }
  CHECK(screen.take() == "\n");
}
