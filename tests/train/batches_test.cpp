// Data sets side by side, and loops over batches.
#include "train/data/batches.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/layers/layers.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

Tensor numbers(double start, std::int64_t count) { return (cast(arange(count), f32) + start).detach(); }

// All examples of an input or a target in the order of a pass.
Numbers seen(Batches batches, bool target = false, std::size_t which = 0) {
  Numbers all;
  for (const Batch& batch : batches)
    for (const double each : (target ? batch.targets : batch.inputs).at(which).to_vector<double>())
      all.push_back(each);
  return all;
}

}  // namespace

TEST_SUITE("data") {
  TEST_CASE("batches: a loop over examples, on every device") {
    for (const auto& each : reference_and_device()) {
      set_default_device(each);
      const Dataset data = Dataset(numbers(0, 5), numbers(10, 5), numbers(20, 5)).map(Rescaling(2));
      std::vector<Numbers> inputs, targets, weights;
      for (const auto& [x, y, weight] : data.batches(2)) {
        inputs.push_back(x[0].to_vector<double>());
        targets.push_back(y[0].to_vector<double>());
        weights.push_back(weight.to_vector<double>());
      }
      CHECK(inputs == std::vector<Numbers>{{0, 2}, {4, 6}, {8}});
      CHECK(targets == std::vector<Numbers>{{10, 11}, {12, 13}, {14}});
      CHECK(weights == std::vector<Numbers>{{20, 21}, {22, 23}, {24}});
    }
    set_default_device(reference());
  }

  TEST_CASE("batches: order, remainder, maps in training") {
    reference();
    const Dataset data(numbers(0, 7), numbers(0, 7));
    CHECK(seen(data.batches(3, {.drop_remainder = true})) == Numbers{0, 1, 2, 3, 4, 5});
    CHECK(seen(data.batches(9, {.drop_remainder = true})).empty());
    CHECK(seen(data.pick({4, 2, 2}).batches(2)) == Numbers{4, 2, 2});
    Numbers shuffled = seen(data.batches(3, {.shuffle = random_key(1)}));
    CHECK(shuffled == seen(data.batches(3, {.shuffle = random_key(1)}), true));
    CHECK(shuffled != seen(data.batches(3, {.shuffle = random_key(2)})));
    CHECK(shuffled != seen(data.batches(3)));
    std::ranges::sort(shuffled);
    CHECK(shuffled == seen(data.batches(7)));

    const Dataset noisy = Dataset(zeros({4, 50}), zeros({4})).map(GaussianNoise(1));
    CHECK(seen(noisy.batches(2)) == Numbers(200, 0));
    const Numbers drawn = seen(noisy.batches(2, {.training = random_key(3)}));
    CHECK(drawn == seen(noisy.batches(2, {.training = random_key(3)})));
    CHECK(Numbers(drawn.begin(), drawn.begin() + 100) != Numbers(drawn.begin() + 100, drawn.end()));

    CHECK(error_of([&] { data.batches(0); }) == "[batches] the batch size is 0; it must be positive.");
  }

  TEST_CASE("batches: of a generator") {
    reference();
    const Dataset data = Dataset::from_generator([] {
      return [left = 3]() mutable -> std::optional<Batch> {
        if (left-- == 0) return std::nullopt;
        return Batch{.inputs = {ones({left + 1})}, .targets = {}, .sample_weight = {}};
      };
    });
    std::vector<Numbers> batches;
    for (const Batch& batch : data.map(Rescaling(3)).batches(3))
      batches.push_back(batch.inputs[0].to_vector<double>());
    CHECK(batches == std::vector<Numbers>{{3, 3, 3}, {3, 3}, {3}});
    CHECK(seen(data.batches(3, {.drop_remainder = true})).size() == 3);
    CHECK(error_of([&] { data.batches(3, {.shuffle = random_key(1)}); }) ==
          "[batches] a generator decides on the order of its batches; it is not shuffled.");
    const Dataset wrong = Dataset::from_generator([] {
      return [] { return std::optional(Batch{.inputs = {ones({2}), ones({3})}}); };
    });
    CHECK(error_of([&] { seen(wrong.batches(2)); }) ==
          "[generator] a batch holds f32[3]; all its tensors need the same number of examples, one or more, "
          "along their "
          "first axis.");
  }

  TEST_CASE("zip: inputs, targets, weights and maps of both") {
    reference();
    const Dataset a = Dataset(numbers(0, 4), numbers(10, 4)).map(Rescaling(-1));
    const Dataset b =
        Dataset(numbers(20, 4), numbers(30, 4), numbers(40, 4)).map_targets([](const Tensor& y) {
          return y * 2;
        });
    const Dataset both = Dataset::zip(a, b);
    CHECK(both.inputs().size() == 2);
    CHECK(seen(both.batches(3), false, 0) == Numbers{0, -1, -2, -3});
    CHECK(seen(both.batches(3), false, 1) == Numbers{20, 21, 22, 23});
    CHECK(seen(both.batches(3), true, 0) == Numbers{10, 11, 12, 13});
    CHECK(seen(both.batches(3), true, 1) == Numbers{60, 62, 64, 66});
    CHECK((both.maps_inputs() && both.maps_targets()));
    for (const Batch& batch : both.batches(9))
      CHECK(batch.sample_weight.to_vector<double>() == Numbers{40, 41, 42, 43});

    // The same positions stay positions; others are picked.
    const Dataset same = Dataset::zip(a.pick({3, 1}), b.pick({3, 1}));
    CHECK(same.picked() != nullptr);
    CHECK(seen(same.batches(2), false, 1) == Numbers{23, 21});
    const Dataset other = Dataset::zip(a.pick({3, 1, 1, 0}), b);
    CHECK(other.picked() == nullptr);
    CHECK(seen(other.batches(4), false, 0) == Numbers{-3, -1, -1, 0});
    CHECK(seen(other.batches(4), false, 1) == Numbers{20, 21, 22, 23});
  }

  TEST_CASE("with_targets: the inputs of another data set are what is to be predicted") {
    reference();
    const Dataset features({numbers(0, 3)});
    const Dataset labels = Dataset({numbers(5, 3)}).map(Rescaling(10));
    const Dataset data = features.with_targets(labels);
    CHECK(data.inputs().size() == 1);
    CHECK(seen(data.batches(2), true) == Numbers{50, 60, 70});
    CHECK((data.maps_targets() && !data.maps_inputs()));
    CHECK(!features.with_targets(Dataset({numbers(5, 3)})).maps_targets());
    // In predict, a batch has no targets.
    CHECK(data.mapped({.inputs = {ones({1})}}, Mode::inference()).targets.empty());
  }

  TEST_CASE("zip: errors") {
    reference();
    const Dataset four(numbers(0, 4), numbers(0, 4), numbers(0, 4)), three(numbers(0, 3), numbers(0, 3));
    CHECK(error_of([&] { Dataset::zip(four, three); }) ==
          "[zip] 4 examples beside 3; each needs its counterpart.");
    CHECK(error_of([&] { Dataset::zip(four, four); }) ==
          "[zip] both have a sample weight; an example has one.");
    CHECK(error_of([&] { four.with_targets(three); }) ==
          "[with_targets] the targets have targets themselves; hk::Dataset::zip keeps both.");
    const Dataset generated = Dataset::from_generator([] { return [] { return std::optional<Batch>(); }; });
    CHECK(error_of([&] { Dataset::zip(generated, three); }) ==
          "[zip] a generator makes its batches whole; let it make all inputs and targets.");
  }
}

}  // namespace hekla::testing
