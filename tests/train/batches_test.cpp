// Batches picked on the device, sums of metrics over them, and passes over a whole data set.
#include "train/batches.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "train/pass.h"
#include "train/running_metrics.h"

namespace hekla::testing {

namespace {

using Steps = std::vector<std::pair<std::int64_t, std::int64_t>>;

// Image i is one pixel of 51 * i, so that it reads i / 5; its label is i.
data::Batches five_images() {
  return data::Batches(
      {.images = {0, 51, 102, 153, 204}, .labels = {0, 1, 2, 3, 4}, .count = 5, .height = 1, .width = 1});
}

// What one run of a step that takes `size` images finds.
std::vector<int> labels_of(const data::Batches& batches, std::int64_t size) {
  const data::Batch batch = batches.next(size);
  const auto found = compile({.outputs = {batch.labels, batch.images}, .updates = {batch.advance}}).run();
  const std::vector<int> labels = found[0].to_vector<int>();
  const std::vector<float> pixels = found[1].to_vector();
  for (std::size_t i = 0; i < labels.size(); ++i) CHECK(pixels[i] == doctest::Approx(labels[i] / 5.0));
  return labels;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("batches: sizes may change on the way") {
    reference();
    const data::Batches batches = five_images();
    CHECK(batches.count() == 5);
    CHECK(batches.features() == 1);
    CHECK(labels_of(batches, 2) == std::vector{0, 1});
    CHECK(labels_of(batches, 2) == std::vector{2, 3});
    CHECK(labels_of(batches, 1) == std::vector{4});
  }

  TEST_CASE("batches: starting again, in a given order or the last one") {
    reference();
    data::Batches batches = five_images();
    CHECK(labels_of(batches, 3) == std::vector{0, 1, 2});
    batches.restart(std::vector<std::int32_t>{4, 2, 0, 1, 3});
    CHECK(labels_of(batches, 2) == std::vector{4, 2});
    CHECK(labels_of(batches, 3) == std::vector{0, 1, 3});
    batches.restart();
    CHECK(labels_of(batches, 1) == std::vector{4});
    CHECK_THROWS_AS(batches.restart(std::vector<std::int32_t>{0, 1}), Error);
  }

  TEST_CASE("running metrics: a mean over examples, not over batches") {
    reference();
    RunningMetrics metrics;
    const Tensor scores = tensor({1, 0, 0, 1, 0, 1}, {3, 2});  // best: 0, 1, 1
    const auto add = [&](double loss, std::vector<std::uint8_t> labels) {
      const Tensor some = slice(scores, {{0, std::ssize(labels)}});
      compile({.updates = metrics.add(constant(loss), tensor(labels), some)}).run();
    };
    add(1.0, {0, 1, 0});
    add(4.0, {0});
    CHECK(metrics.read(4).loss == doctest::Approx((3 * 1.0 + 4.0) / 4));
    CHECK(metrics.read(4).accuracy == doctest::Approx(3.0 / 4));
    metrics.reset();
    add(2.0, {1, 1});
    CHECK(metrics.read(2).loss == doctest::Approx(2.0));
    CHECK(metrics.read(2).accuracy == doctest::Approx(0.5));
  }

  TEST_CASE("pass: every example once, the last batch with what is left") {
    reference();
    const Tensor seen = variable(constant(0, {}, i32));
    std::vector<std::int64_t> compiled;
    Pass pass(100, 7, [&](std::int64_t size) {
      compiled.push_back(size);
      return compile({.updates = {{seen, seen + static_cast<std::int32_t>(size)}}});
    });
    CHECK(pass.steps() == 15);
    for (int i = 1; i <= 3; ++i) {
      Steps reports;
      pass.run([&](std::int64_t steps, std::int64_t examples) {
        CHECK(seen.item<std::int64_t>() == (i - 1) * 100 + examples);
        reports.emplace_back(steps, examples);
      });
      CHECK(reports.back() == Steps::value_type{15, 100});
      for (const auto& [steps, examples] : reports) CHECK(examples == std::min<std::int64_t>(steps * 7, 100));
    }
    CHECK(compiled == std::vector<std::int64_t>{7, 2});
  }

  TEST_CASE("pass: a batch larger than the data is all of it") {
    reference();
    std::vector<std::int64_t> compiled;
    Pass pass(3, 1000, [&](std::int64_t size) {
      compiled.push_back(size);
      const Tensor some = variable(constant(0));
      return compile({.updates = {{some, some + 1}}});
    });
    CHECK(pass.steps() == 1);
    pass.run();
    CHECK(compiled == std::vector<std::int64_t>{3});
  }
}

}  // namespace hekla::testing
