// Masks of times: what is left out must not matter, and what remains must be as if nothing else were there.
#include <doctest/doctest.h>

#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

// Two sentences of five times. Of the first, times 1 and 2 count; of the second, 0, 2 and 3.
Tensor sentences() { return sin(cast(reshape(arange(20), {2, 5, 2}), f32) * 1.3).detach(); }
Tensor counted_times() { return cast(tensor({0.0, 1, 1, 0, 0, 1, 0, 1, 1, 0}, {2, 5}), boolean).detach(); }
Tensor first_sentence() { return slice(sentences(), {{0, 1}, {1, 3}}); }
Tensor second_sentence() {
  const Tensor one = slice(sentences(), {{1, 2}});
  return concat({slice(one, {{}, {0, 1}}), slice(one, {{}, {2, 4}})}, 1);
}

RecurrentOptions filled(RecurrentOptions options) {
  options.kernel_initializer = patterned(7, 11);
  options.recurrent_initializer = patterned(5, 9);
  options.bias_initializer = patterned(3, 7);
  options.return_sequences = true;
  return options;
}

// [1, time, units] at one time.
Tensor at(const Tensor& sequence, std::int64_t time) { return slice(sequence, {{}, {time, time + 1}}); }

void check_near(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  const std::vector<double> left = reference_values(a), right = reference_values(b);
  for (std::size_t i = 0; i < left.size(); ++i) CHECK(left[i] == doctest::Approx(right[i]).epsilon(1e-6));
}

// The layer over the sentences with the mask is the layer over the times that count.
template <class L>
void check_recurrent(const L& layer) {
  const Tensor none = zeros({1, 1, 2});
  const Scan all = layer.run(sentences(), {}, {}, counted_times());
  const Scan first = layer.run(first_sentence()), second = layer.run(second_sentence());
  for (std::size_t i = 0; i < all.state.size(); ++i)
    check_near(all.state[i], concat({first.state[i], second.state[i]}, 0));
  const Tensor a = first.sequence, b = second.sequence;
  check_near(slice(all.sequence, {{0, 1}}), concat({none, at(a, 0), at(a, 1), at(a, 1), at(a, 1)}, 1));
  check_near(slice(all.sequence, {{1, 2}}), concat({at(b, 0), at(b, 0), at(b, 1), at(b, 2), at(b, 2)}, 1));
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("masks: batch normalization leaves out times that do not count") {
    reference();
    const BatchNormalization layer({.momentum = 0});
    const Mode mode = training();
    const Tensor x = sentences();
    mode.set_mask(x, counted_times());
    layer(x, mode);
    const Tensor counted = concat({first_sentence(), second_sentence()}, 1);
    check_near(mode.latest(layer.weights()[2]), mean(counted, {0, 1}));
    check_near(mode.latest(layer.weights()[3]), variance(counted, {0, 1}));
  }

  TEST_CASE("masks: recurrent layers keep their state at times that are left out") {
    reference();
    check_recurrent(LSTM(2, filled({})));
    check_recurrent(GRU(2, filled({})));
    check_recurrent(GRU(2, filled({.reset_after = false})));
    check_recurrent(SimpleRNN(2, filled({})));
  }

  TEST_CASE("masks: backwards, in both directions, and zeros at times that are left out") {
    reference();
    const LSTM backwards(2, filled({.go_backwards = true}));
    const Scan all = backwards.run(sentences(), {}, {}, counted_times());
    const Scan second = backwards.run(second_sentence());
    check_near(slice(all.state[0], {{1, 2}}), second.state[0]);
    const Tensor none = zeros({1, 1, 2}), b = second.sequence;
    check_near(slice(all.sequence, {{1, 2}}), concat({none, at(b, 0), at(b, 1), at(b, 1), at(b, 2)}, 1));

    const LSTM zeroing(2, filled({.zero_output_for_mask = true}));
    const Scan zeroed = zeroing.run(sentences(), {}, {}, counted_times());
    const Tensor c = zeroing.run(first_sentence()).sequence;
    check_near(slice(zeroed.sequence, {{0, 1}}), concat({none, at(c, 0), at(c, 1), none, none}, 1));

    const Bidirectional both(LSTM(2, filled({})));
    const Tensor merged = both(sentences(), {}, counted_times());
    const Tensor d = both(second_sentence());
    for (const auto& [time, kept] : {std::pair{0, 0}, {2, 1}, {3, 2}})
      check_near(at(slice(merged, {{1, 2}}), time), at(d, kept));
  }

  TEST_CASE("masks: an embedding's padding is left out by the layers after it, the loss and the metrics") {
    for (const bool on_device : {false, true}) {
      set_default_device(on_device ? device() : reference());
      set_random_seed(3);
      const Embedding words(7, 4, {.mask_zero = true});
      const LSTM lstm(5, {.return_sequences = true});
      const Dense scores(3);
      Sequential tagger({words, Dropout(0.0), LayerNormalization(), lstm, scores});
      tagger.compile({.optimizer = SGD({.learning_rate = 0.0}),
                      .loss = "sparse_categorical_crossentropy_from_logits",
                      .metrics = {"accuracy"},
                      .weighted_metrics = {"sparse_categorical_accuracy"}});
      const Tensor padded = tensor(std::vector<std::int32_t>{1, 2, 0, 0, 3, 4, 5, 6}, {2, 4});
      const Tensor labels = tensor(std::vector<std::int32_t>{0, 1, 2, 2, 1, 0, 2, 1}, {2, 4});
      const Tensor weights = tensor({3.0, 1});
      const Logs plain = tagger.evaluate(padded, labels, {.verbose = 0});
      const Logs weighed = tagger.evaluate(padded, labels, {.verbose = 0, .sample_weight = weights});
      // The two sentences by themselves, without padding.
      const auto alone = [&](const Tensor& sentence, const Tensor& truth) {
        const Tensor s = tagger(sentence);
        return std::pair{
            sparse_categorical_crossentropy_from_logits(truth, s, {.reduction = Reduction::none}),
            cast(argmax(s, -1) == truth, f32)};
      };
      const auto [loss_a, right_a] = alone(slice(padded, {{0, 1}, {0, 2}}), slice(labels, {{0, 1}, {0, 2}}));
      const auto [loss_b, right_b] = alone(slice(padded, {{1, 2}}), slice(labels, {{1, 2}}));
      const double a = sum(loss_a).item<double>(), b = sum(loss_b).item<double>();
      const double hit_a = sum(right_a).item<double>(), hit_b = sum(right_b).item<double>();
      CHECK(plain["loss"] == doctest::Approx((a + b) / 6).epsilon(1e-5));
      CHECK(plain["accuracy"] == doctest::Approx((hit_a + hit_b) / 6));
      CHECK(weighed["loss"] == doctest::Approx((3 * a + b) / 6).epsilon(1e-5));
      CHECK(weighed["accuracy"] == doctest::Approx((hit_a + hit_b) / 6));
      CHECK(weighed["sparse_categorical_accuracy"] == doctest::Approx((3 * hit_a + hit_b) / (3 * 2 + 4)));
      // fit sees the same loss.
      CHECK(tagger.fit(padded, labels, {.verbose = 0})["loss"][0] ==
            doctest::Approx((a + b) / 6).epsilon(1e-5));
      // A state that is the end of a sentence: that of its last word.
      const LSTM last(5);
      Sequential classifier({words, last});
      check_near(slice(classifier.predict(padded, {.verbose = 0}), {{0, 1}}),
                 classifier.predict(slice(padded, {{0, 1}, {0, 2}}).detach(), {.verbose = 0}));
    }
  }

  TEST_CASE("masks: attention and averages over the times that count") {
    reference();
    const Embedding words(7, 4, {.mask_zero = true});
    const MultiHeadAttention attend(2, 3);
    const GlobalAveragePooling1D average;
    const Tensor padded = tensor(std::vector<std::int32_t>{1, 2, 0, 0}, {1, 4});
    const auto attended = [&](const Tensor& x) {
      const Mode mode;
      const Tensor y = attend(words(x, mode), mode);
      return std::pair{y, average(y, mode)};
    };
    const auto [y, mean] = attended(padded);
    const auto [alone, mean_alone] = attended(slice(padded, {{}, {0, 2}}));
    check_near(slice(y, {{}, {0, 2}}), alone);
    check_near(mean, mean_alone);
    // A sentence of padding alone.
    check_values(average(ones({1, 2, 3}), Mode()), {1, 3}, {1, 1, 1});
    const Mode mode;
    const Tensor empty = words(tensor(std::vector<std::int32_t>{0, 0}, {1, 2}), mode);
    check_values(average(empty, mode), {1, 4}, {0, 0, 0, 0});
  }

  TEST_CASE("masking layer") {
    reference();
    const Mode mode;
    const Tensor x = tensor({9.0, 9, 1, 9, 2, 3, 9, 9}, {1, 4, 2});
    const Tensor y = Masking({.mask_value = 9})(x, mode);
    check_values(y, {1, 4, 2}, {0, 0, 1, 9, 2, 3, 0, 0});
    check_values(mode.mask_of(y), {1, 4}, {0, 1, 1, 0});
    // What Dense gives is masked, too; what a function gives is not.
    CHECK(mode.mask_of(Dense(2)(y, mode)).defined());
    CHECK(mode.mask_of(BatchNormalization()(y, mode)).defined());
    CHECK(mode.mask_of(GroupNormalization(1)(y, mode)).defined());
    CHECK(mode.mask_of(Rescaling(2)(y, mode)).defined());
    CHECK_FALSE(mode.mask_of(relu(y)).defined());
    // A dense layer over all times leaves none.
    const Tensor numbers = zeros({1, 4});
    mode.set_mask(numbers, mode.mask_of(y));
    CHECK_FALSE(mode.mask_of(Dense(2)(numbers, mode)).defined());
    const LSTM layer(2, filled({}));
    check_near(slice(layer(y, mode), {{}, {3, 4}}), slice(layer(slice(x, {{}, {1, 3}})), {{}, {1, 2}}));
    CHECK(error_of([] {
            Masking()(zeros({2, 3}));
          }) == "[masking] takes [batch, time, ..] with the features of each time, not f32[2,3].");
  }

  TEST_CASE("masks: errors") {
    reference();
    const LSTM layer(2);
    const Tensor x = zeros({2, 5, 3});
    CHECK(error_of([&] {
            layer(x, {}, zeros({2, 5}));
          }) == "[lstm] the mask is f32[2,5]; it must be bool[2,5].");
    CHECK(error_of([&] {
            layer(x, {}, zeros({5, 2}, boolean));
          }) == "[lstm] the mask is bool[5,2]; it must be bool[2,5].");
    CHECK(error_of([&] {
            Mode().set_mask(x, zeros({2, 3}, boolean));
          }) == "[mask] bool[2,3] for f32[2,5,3]; a mask is bool [batch, time].");
    // A loss that gives one number for all times of an example cannot leave some of them out.
    Sequential model({Embedding(4, 2, {.mask_zero = true}), Dense(1)});
    const Tensor words = tensor(std::vector<std::int32_t>{1, 0, 2, 3}, {2, 2});
    const auto fitted = [&](const Loss& loss) {
      model.compile({.loss = loss});
      return error_of([&] { model.fit(words, zeros({2, 2, 1}), {.verbose = 0}); });
    };
    CHECK(fitted([](const Tensor& t, const Tensor& p) {
            return mean(square(t - p), {1, 2});
          }) ==
          "[loss] the predictions f32[2,2,1] have a mask of times, but the loss gives f32[2]; let it return "
          "one "
          "number for each time, [batch, time, ..].");
    CHECK(fitted([](const Tensor& t, const Tensor& p) { return mean(square(t - p)); }) ==
          "[loss] samples are weighted or masked, but the loss is one number already; let it return one for "
          "each sample.");
  }
}

}  // namespace hekla::testing
