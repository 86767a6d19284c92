// Data sets and passes over them.
#include "train/data/pass.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/data/prefetch.h"
#include "train/layers/layers.h"

using namespace hekla;
using namespace hekla::testing;

namespace {

using Steps = std::vector<std::pair<std::int64_t, std::int64_t>>;

Dataset counted_examples(std::int64_t count) {
  return {cast(arange(count), f32).detach(), arange(count).detach()};
}

// The examples that the steps of a pass see, as outputs.
std::vector<std::vector<double>> seen(const Dataset& data, Pass::Options options,
                                      const std::optional<RandomKey>& shuffle = {}) {
  options.report_each_step = true;
  Pass pass(data, options, [&](const Batch& batch, std::int64_t size) -> Computation {
    CHECK(batch.inputs[0].size(0) == size);
    return {.outputs = {data.mapped(batch, {}).inputs[0]}};
  });
  evaluate({.updates = pass.restart(shuffle)});
  std::vector<std::vector<double>> batches;
  pass.run([&](std::int64_t, std::int64_t, const std::vector<Tensor>& outputs) {
    batches.push_back(outputs[0].to_vector<double>());
    return true;
  });
  return batches;
}

}  // namespace

TEST_SUITE("data") {
  TEST_CASE("pass: every example once, the last batch with what is left") {
    reference();
    CHECK(seen(counted_examples(5), {.batch_size = 2}) ==
          std::vector<std::vector<double>>{{0, 1}, {2, 3}, {4}});
    CHECK(seen(counted_examples(2), {.batch_size = 9}) == std::vector<std::vector<double>>{{0, 1}});
    CHECK(seen(counted_examples(9), {.batch_size = 2, .steps = 2}) ==
          std::vector<std::vector<double>>{{0, 1}, {2, 3}});
    const auto shuffled = seen(counted_examples(5), {.batch_size = 5}, random_key(3));
    CHECK(shuffled != seen(counted_examples(5), {.batch_size = 5}));
  }

  TEST_CASE("pass: reports tell how far it has come, and may end it") {
    reference();
    const Tensor total = variable(constant(0, {}, i32));
    Pass pass(counted_examples(100), {.batch_size = 7}, [&](const Batch&, std::int64_t size) -> Computation {
      return {.updates = {{total, total + static_cast<std::int32_t>(size)}}};
    });
    CHECK(*pass.steps() == 15);
    Steps reports;
    pass.run([&](std::int64_t steps, std::int64_t examples, const std::vector<Tensor>&) {
      CHECK(total.item<std::int64_t>() == examples);
      CHECK(examples == std::min<std::int64_t>(steps * 7, 100));
      reports.emplace_back(steps, examples);
      return true;
    });
    CHECK(reports.back() == Steps::value_type{15, 100});
    int reported = 0;
    pass.run([&](std::int64_t, std::int64_t, const std::vector<Tensor>&) {
      ++reported;
      return false;
    });
    CHECK(reported == 1);
  }

  TEST_CASE("data sets: picking, slices, maps") {
    reference();
    const Dataset data = counted_examples(6);
    CHECK(data.size() == 6);
    const Dataset picked = data.pick({5, 0, 3, 3});
    CHECK(picked.size() == 4);
    CHECK(seen(picked, {.batch_size = 9}) == std::vector<std::vector<double>>{{5, 0, 3, 3}});
    CHECK(seen(picked.slice(1, 3), {}) == std::vector<std::vector<double>>{{0, 3}});
    CHECK(seen(picked.pick({2, 0}), {}) == std::vector<std::vector<double>>{{3, 5}});
    CHECK(seen(data.take(2).map(Rescaling(10, 1)).map([](const Tensor& x) { return -x; }), {}) ==
          std::vector<std::vector<double>>{{-1, -11}});
    CHECK(data.take(100).size() == 6);
    CHECK(error_of([&] { data.pick({6}); }) ==
          "[dataset] position 6 of 6 examples; positions run from 0 to 5.");
    CHECK(error_of([&] { data.pick({}); }) == "[dataset] no positions; at least one example is needed.");
    CHECK(error_of([&] { data.slice(3, 3); }) ==
          "[dataset] examples 3 to 3 of 6; 0 <= begin < end <= 6 is needed.");
    CHECK(error_of([] {
            Dataset(zeros({0, 2}), zeros({0}));
          }) == "[dataset] the first input is f32[0,2]; there is no example.");
    CHECK(error_of([&] { data.with_sample_weight(zeros({5})); }) ==
          "[dataset] sample_weight is f32[5]; f32[6], a number for each example, is needed.");
  }

  TEST_CASE("generators: batches of ever other lengths leave no programs without end") {
    reference();
    constexpr std::int64_t lengths = 12;
    const Dataset data = Dataset::from_generator([] {
      return [made = std::int64_t{0}]() mutable -> std::optional<Batch> {
        if (made == 2 * lengths) return std::nullopt;
        const auto length = static_cast<std::size_t>(made++ % lengths + 1);
        return Batch{.inputs = {tensor(std::vector<float>(length))}, .targets = {}, .sample_weight = {}};
      };
    });
    std::vector<std::weak_ptr<Node>> graphs;
    Pass pass(data, {.report_each_step = true}, [&](const Batch& batch, std::int64_t) -> Computation {
      Tensor x = batch.inputs[0];
      for (int i = 0; i < 400; ++i) x = x + 1;
      graphs.push_back(x.pointer());
      return {.outputs = {x}};
    });
    pass.run([&](std::int64_t, std::int64_t, const std::vector<Tensor>& outputs) {
      CHECK(outputs[0].to_vector<double>().back() == 400);
      return true;
    });
    const auto alive = std::ranges::count_if(graphs, [](const auto& graph) { return !graph.expired(); });
    CHECK(alive > 1);
    CHECK(alive < lengths);
  }

  TEST_CASE("generators: batches of any size, errors come through, an early end is told") {
    reference();
    const auto generator = [](std::vector<std::vector<double>> batches) {
      return Dataset::from_generator([batches] {
        return [batches, next = std::size_t{0}]() mutable -> std::optional<Batch> {
          if (next == batches.size()) return std::nullopt;
          if (batches[next].empty()) throw std::runtime_error("the disk is gone");
          return Batch{.inputs = {tensor(batches[next++])}};
        };
      });
    };
    const std::vector<std::vector<double>> three{{1, 2}, {3, 4}, {5}};
    CHECK(seen(generator(three), {}) == three);
    CHECK(seen(generator(three), {.steps = 2}) == std::vector<std::vector<double>>{{1, 2}, {3, 4}});
    CHECK_THROWS_WITH(seen(generator({{1}, {}}), {}), "the disk is gone");
    CHECK(error_of([&] { seen(generator(three), {.steps = 4}); }) ==
          "[generator] it ended after 3 of 4 steps; a pass needs them all.");
    CHECK(error_of([&] { seen(generator({}), {}); }) ==
          "[generator] it gives no batch; at least one is needed for a pass.");
    CHECK(error_of([&] { generator(three).size(); }) ==
          "[dataset] how many examples a generator makes is not known beforehand.");
    CHECK(error_of([] { Dataset::from_generator(nullptr); }) ==
          "[dataset] the generator is an empty function.");
  }

  TEST_CASE("prefetch: asks ahead, but not further than told, and ends when it is destroyed") {
    std::atomic<int> asked = 0;
    {
      Prefetch prefetch(
          [&]() -> std::optional<Batch> {
            ++asked;
            return Batch{};
          },
          3);
      CHECK(prefetch.next().has_value());
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      CHECK(asked >= 3);
      CHECK(asked <= 4);
    }
    const int after = asked;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(asked == after);
  }
}
