// Normalizations, dropout, embedding and attention against numbers from loops over their definitions.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/nn/attention.h"
#include "ops/nn/dropout.h"
#include "ops/nn/embedding.h"
#include "ops/nn/normalize.h"
#include "ops/reduce.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

TEST_SUITE("ops") {
  TEST_CASE("layer and RMS normalization") {
    const auto x = [] { return tensor({1.0, 2, 4, 0, -3, 6}, {2, 3}); };
    const auto gamma = [] { return tensor({1.0, 2, 3}); };
    const auto beta = [] { return tensor({0, 0.5, -1}); };
    expect([&] { return layer_normalization(x(), gamma(), beta()); }, {2, 3}, f32,
           {-1.068701512, -0.03435075582, 3.007630669, -0.2672516974, -1.638013579, 3.008775461});
    expect(
        [&] {
          return layer_normalization(x(), {}, {}, {0, 1});
        },
        {2, 3}, f32, {-0.2324811406, 0.1162405703, 0.8136839919, -0.5812028514, -1.627367984, 1.511127414});
    expect([&] { return rms_normalization(x(), gamma()); }, {2, 3}, f32,
           {0.377964446, 1.511857784, 4.535573352, 0, -1.549193287, 4.647579861});
  }

  TEST_CASE("batch normalization") {
    const auto x = [] { return tensor({1.0, 10, 2, 30, 6, 20}, {3, 2}); };
    const auto training = [&] {
      return batch_normalization_training(x(), variable(tensor({1.0, 5})), variable(tensor({1.0, 2})),
                                          tensor({2.0, 1}), tensor({0.0, -1}));
    };
    expect([&] { return training().output; }, {3, 2}, f32,
           {-1.851441841, -2.224735686, -0.9257209207, 0.2247356859, 2.777162762, -1});
    expect([&] { return training().updates[0].value; }, {2}, f32, {1.02, 5.15});
    expect([&] { return training().updates[1].value; }, {2}, f32, {1.036666667, 2.646666667});
    expect(
        [&] {
          return batch_normalization(x(), tensor({1.0, 5}), tensor({4.0, 25}), tensor({2.0, 1}),
                                     tensor({0.0, -1}));
        },
        {3, 2}, f32, {0, -1.999940002e-05, 0.9998750234, 3.999900003, 4.999375117, 1.999940002});
  }

  TEST_CASE("batch normalization: statistics of what a mask lets count, Keras's numbers") {
    const auto x = [] {
      return tensor({-0.625, 0.25, -0.25, 0.625, 0.125, -0.375, 0.5, 0, -0.5, 0.375, -0.125, -0.625},
                    {2, 3, 2});
    };
    const auto masked = [&] {
      return batch_normalization_training(x(), variable(zeros({2})), variable(ones({2})), {}, {}, -1, 0.5,
                                          1e-3,
                                          tensor(std::vector<std::int32_t>{1, 1, 0, 1, 0, 0}, {2, 3}) != 0);
    };
    expect([&] { return masked().output; }, {2, 3, 2}, f32,
           {-1.06660974, -0.16100572, -0.266652435, 1.28804612, 0.53330487, -2.576092, 1.33326221,
            -1.12704027, -0.799957275, 0.32201156, 0, -3.54212642});
    expect([&] { return masked().updates[0].value; }, {2}, f32, {-0.0625, 0.145833328});
    expect([&] { return masked().updates[1].value; }, {2}, f32, {0.609375, 0.532986104});
    CHECK(error_of([&] {
            batch_normalization_training(x(), zeros({2}), ones({2}), {}, {}, -1, 0.5, 1e-3, zeros({2, 2}));
          }) ==
          "[batch_normalization_training] the mask is f32[2,2] for x f32[2,3,2]; it must be bool of x's "
          "leading "
          "axes.");
  }

  TEST_CASE("batch normalization: the statistics move with every step") {
    const Tensor mean = variable(tensor({1.0, 5})), variance = variable(tensor({1.0, 2}));
    const BatchNormalized y =
        batch_normalization_training(tensor({1.0, 10, 2, 30, 6, 20}, {3, 2}), mean, variance);
    compile({.outputs = {y.output}, .updates = y.updates}, reference()).run(2);
    CHECK(mean.to_vector<double>()[0] == doctest::Approx(1 * 0.99 * 0.99 + 3 * (1 - 0.99 * 0.99)));
    CHECK(mean.to_vector<double>()[1] == doctest::Approx(5 * 0.99 * 0.99 + 20 * (1 - 0.99 * 0.99)));
    CHECK(variance.to_vector<double>()[1] ==
          doctest::Approx(2 * 0.99 * 0.99 + 200.0 / 3 * (1 - 0.99 * 0.99)));
  }

  TEST_CASE("group and instance normalization") {
    const auto x = [] { return tensor({1.0, 2, 3, 5, -1, 0, 2, 8}, {1, 2, 4}); };
    expect(
        [&] {
          return group_normalization(x(), 2, tensor({1.0, 2, 3, 4}), tensor({0.0, 0, 1, 1}));
        },
        {1, 2, 4}, f32,
        {0.4470348173, 2.682208904, -0.9637739949, 1.872788442, -1.341104452, -0.8940696346, -2.272956658,
         7.109519095});
    expect([&] { return instance_normalization(x()); }, {1, 2, 4}, f32,
           {0.9995003747, 0.9995003747, 0.9980059801, -0.9997778518, -0.9995003747, -0.9995003747,
            -0.9980059801, 0.9997778518});
  }

  // The sum of 27 equal numbers is rounded. The rounding error, divided by the root of a small epsilon, was
  // 7e-4.
  TEST_CASE("normalizations of equal numbers are 0") {
    const auto x = [](const Shape& shape) { return zeros(shape) + tensor({-0.548100709915161133}); };
    const auto zero = [&](const Shape& shape, const std::function<Tensor(const Tensor&)>& normalize) {
      expect([&] { return normalize(x(shape)); }, shape, f32,
             std::vector<double>(static_cast<std::size_t>(shape.count())), 0);
    };
    zero({2, 27, 1}, [](const Tensor& at) { return instance_normalization(at, {}, {}, 1e-6); });
    zero({2, 9, 6}, [](const Tensor& at) { return group_normalization(at, 2, {}, {}, 1e-6); });
    zero({3, 1001}, [](const Tensor& at) { return layer_normalization(at, {}, {}, {-1}, 1e-6); });
    zero({7, 11, 5}, [](const Tensor& at) {
      return batch_normalization_training(at, zeros({5}), ones({5}), {}, {}, -1, 0.99, 1e-6).output;
    });
    // With a momentum of 0, the moving mean becomes that number.
    expect(
        [&] {
          return batch_normalization_training(x({7, 11, 1}), variable(zeros({1})), variable(ones({1})), {},
                                              {}, -1, 0)
              .updates[0]
              .value;
        },
        {1}, f32, {-0.548100709915161133}, 0);
  }

  TEST_CASE("normalizations of nearly equal numbers: within 5e-5 of what double precision gives") {
    std::vector<double> numbers(2000);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = static_cast<float>(0.55 + 1e-6 * std::sin(static_cast<double>(i)));
    const auto y = [&] { return layer_normalization(tensor(numbers, {2, 1000}), {}, {}, {-1}, 1e-6); };
    expect(y, {2, 1000}, f32, reference_values(y()), 5e-5);
  }

  TEST_CASE("dropout: zeros at the rate asked for, the rest scaled") {
    const auto dropped = [](double rate, std::uint32_t stream) {
      return reference_values(dropout(full({20000}, 3), rate, random_key(7, stream)));
    };
    const std::vector<double> values = dropped(0.25, 0);
    double zeros = 0;
    for (const double value : values) {
      REQUIRE((value == 0 || value == doctest::Approx(4)));
      zeros += value == 0;
    }
    // Within four standard deviations.
    CHECK(std::abs(zeros / 20000 - 0.25) < 4 * std::sqrt(0.25 * 0.75 / 20000));
    CHECK(dropped(0.25, 0) == values);
    CHECK(dropped(0.25, 1) != values);
    expect([] { return dropout(tensor({1.0, 2}), 0, random_key(1)); }, {2}, f32, {1, 2});
    expect([] { return dropout(tensor({1.0, 2}), 1, random_key(1)); }, {2}, f32, {0, 0});
  }

  TEST_CASE("dropout: elements that share a place are dropped together") {
    const std::vector<double> values =
        reference_values(dropout(full({100, 3, 20}, 3), 0.25, random_key(7), {100, 1, 20}));
    double dropped = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t first = i / 60 * 60 + i % 20;
      REQUIRE(values[i] == values[first]);
      dropped += i == first && values[i] == 0;
    }
    CHECK(std::abs(dropped / 2000 - 0.25) < 4 * std::sqrt(0.25 * 0.75 / 2000));
    CHECK(error_of([] {
            dropout(zeros({2, 3}), 0.5, random_key(1), {2});
          }) == "[dropout] noise_shape is [2] and x f32[2,3]; its sizes must be those of x or 1.");
    CHECK(error_of([] {
            dropout(zeros({2, 3}), 0.5, random_key(1), {2, 2});
          }).starts_with("[dropout] noise_shape is [2,2]"));
  }

  TEST_CASE("alpha dropout: Keras's two values at the rate asked for; mean and variance stay") {
    // a x + b and a c + b, from the formulas of keras.layers.AlphaDropout in double precision.
    const std::vector<double> values = reference_values(alpha_dropout(full({20000}, 2), 0.3, random_key(7)));
    double dropped = 0;
    for (const double value : values) {
      const bool is_dropped = value == doctest::Approx(-1.0595481589864801);
      REQUIRE((is_dropped || value == doctest::Approx(2.175997300629775)));
      dropped += is_dropped;
    }
    CHECK(std::abs(dropped / 20000 - 0.3) < 4 * std::sqrt(0.3 * 0.7 / 20000));
    const Tensor noise = random_normal({50000}, random_key(3));
    const Tensor y = alpha_dropout(noise, 0.3, random_key(5));
    CHECK(std::abs(reference_values(mean(y))[0]) < 0.02);
    CHECK(std::abs(reference_values(variance(y))[0] - 1) < 0.03);
    expect([] { return alpha_dropout(tensor({1.0, 2}), 0, random_key(1)); }, {2}, f32, {1, 2});
    CHECK(error_of([] { alpha_dropout(zeros({2}), 1, random_key(1)); }) ==
          "[alpha_dropout] rate is 1; it must lie in [0, 1).");
    CHECK(error_of([] { alpha_dropout(zeros({2}, i32), 0.5, random_key(1)); }) ==
          "[alpha_dropout] x is i32[2]; it must be f32 (see hk::cast).");
  }

  TEST_CASE("embedding: rows of the table") {
    const auto table = [] { return tensor({1.0, 2, 3, 4, 5, 6}, {3, 2}); };
    expect(
        [&] {
          return embedding(tensor(std::vector<std::int32_t>{2, 0, 9, -1}, {2, 2}), table());
        },
        {2, 2, 2}, f32, {5, 6, 1, 2, 5, 6, 1, 2});
    expect([&] { return embedding(tensor(std::vector<std::uint8_t>{1}, {}), table()); }, {2}, f32, {3, 4});
  }

  TEST_CASE("scaled dot-product attention") {
    const auto attend = [](const AttentionOptions& options) {
      return scaled_dot_product_attention(tensor({1, 0, 0.5, -1}, {2, 2}),
                                          tensor({1, 1, 0, 2, -1, 0.5}, {3, 2}),
                                          tensor({1.0, 2, 3, -4, 5, 0}, {3, 2}), options);
    };
    expect([&] { return attend({}); }, {2, 2}, f32, {2.1281078, 0.01596905147, 2.709227474, 0.3002766226});
    expect([&] { return attend({.scale = 2}); }, {2, 2}, f32,
           {1.298125816, 1.264384953, 2.108223895, 1.270292918});
    expect([&] { return attend({.is_causal = true}); }, {2, 2}, f32, {1, 2, 1.51436663, 0.4569001086});
    // The mask hides all keys from the second query.
    const auto mask = [] { return tensor({1.0, 0, 1, 0, 0, 0}, {2, 3}) != 0; };
    expect([&] { return attend({.mask = mask()}); }, {2, 2}, f32, {1.78228127, 1.608859365, 0, 0});
    expect(
        [&] {
          return attend({.mask = tensor({0, -1e30, 0})});
        },
        {2, 2}, f32, {1.78228127, 1.608859365, 2.650083997, 1.174958002});
  }

  TEST_CASE("attention: a query that sees no key gives 0 and sends no gradient, whatever the mask is of") {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto floats = [=] { return tensor({0, 0, -infinity, -infinity}, {2, 2}); };
    const auto truths = [] { return tensor({1.0, 1, 0, 0}, {2, 2}) != 0; };
    const double a = 1 / (1 + std::exp(std::sqrt(2.0)));  // weight of the first key for the first query
    for (const std::function<Tensor()>& mask :
         {std::function<Tensor()>(floats), std::function<Tensor()>(truths)}) {
      const auto attend = [&](const Tensor& q, const Tensor& k, const Tensor& v) {
        return scaled_dot_product_attention(q, k, v, {.mask = mask()});
      };
      const auto v = [] { return tensor({1.0, 2, 3, 4}, {2, 2}); };
      const auto q = [] { return tensor({1.0, 0, 0, 1}, {2, 2}); };
      expect([&] { return attend(q(), v(), v()); }, {2, 2}, f32, {3 - 2 * a, 4 - 2 * a, 0, 0}, 2e-6);
      expect(
          [&] {
            const Tensor at = v();
            return grad(sum(attend(q(), v(), at)), at);
          },
          {2, 2}, f32, {a, a, 1 - a, 1 - a}, 2e-6);
      const double slope = 4 * a * (1 - a) / std::sqrt(2.0);  // d sum(y) / d (score difference)
      expect(
          [&] {
            const Tensor at = q();
            return grad(sum(attend(at, v(), v())), at);
          },
          {2, 2}, f32, {2 * slope, 2 * slope, 0, 0}, 2e-6);
      expect(
          [&] {
            const Tensor at = v();
            return grad(sum(attend(q(), at, v())), at);
          },
          {2, 2}, f32, {-slope, 0, slope, 0}, 2e-6);
    }
  }

  TEST_CASE("multi-head attention: heads side by side") {
    const auto x = [] { return tensor({1, 0, 2, 1, 0.5, -1, 0, 3}, {1, 2, 4}); };
    expect([&] { return multi_head_attention(x(), x(), x(), 2); }, {1, 2, 4}, f32,
           {0.7937395004, -0.4125209992, 1.608859365, 1.391140635, 0.685219952, -0.629560096, 0.02833207175,
            2.971667928});
  }

  TEST_CASE("normalizations: errors") {
    reference();
    const Tensor x = zeros({4, 3, 6});
    CHECK(error_of([&] { layer_normalization(x, zeros({3})); }) ==
          "[layer_normalization] gamma is f32[3] for x f32[4,3,6]; it must be f32[6].");
    CHECK(error_of([&] {
            layer_normalization(x, {}, zeros({6}), {1, 2});
          }) == "[layer_normalization] beta is f32[6] for x f32[4,3,6]; it must be f32[3,6].");
    CHECK(error_of([&] { layer_normalization(x, {}, {}, {}); }) ==
          "[layer_normalization] no axes; name at least one.");
    CHECK(error_of([&] {
            rms_normalization(zeros({4, 0}));
          }) == "[rms_normalization] axis 1 of f32[4,0] has no elements to average.");
    CHECK(error_of([&] {
            rms_normalization(zeros({4, 3}, i32));
          }) == "[rms_normalization] x is i32[4,3]; it must be f32 (see hk::cast).");
    CHECK(error_of([&] { batch_normalization(x, zeros({6}), zeros({5})); }) ==
          "[batch_normalization] variance is f32[5] for x f32[4,3,6]; it must be f32[6].");
    CHECK(error_of([&] { batch_normalization_training(zeros({3}), zeros({3}), zeros({3})); }) ==
          "[batch_normalization_training] x is f32[3]; it must have an axis beside that of the features.");
    CHECK(error_of([&] { batch_normalization_training(x, zeros({6}), zeros({6}), {}, {}, -1, 1.5); }) ==
          "[batch_normalization_training] momentum is 1.5; it must lie in [0, 1].");
    CHECK(error_of([&] {
            batch_normalization_training(zeros({0, 3}), zeros({3}), zeros({3}));
          }) == "[batch_normalization_training] axis 0 of f32[0,3] has no elements to average.");
    CHECK(error_of([&] { group_normalization(x, 4); }) ==
          "[group_normalization] 4 groups of 6 channels of f32[4,3,6]; the groups must divide the channels.");
    CHECK(error_of([&] { instance_normalization(zeros({3})); }) ==
          "[instance_normalization] x is f32[3]; it must be [batch, .., channels].");
  }

  TEST_CASE("dropout, embedding and attention: errors") {
    reference();
    CHECK(error_of([] { dropout(zeros({3}), -0.1, random_key(1)); }) ==
          "[dropout] rate is -0.1; it must lie in [0, 1].");
    CHECK(error_of([] { dropout(zeros({3}, i32), 0.1, random_key(1)); }) ==
          "[dropout] x is i32[3]; it must be f32 (see hk::cast).");
    CHECK(error_of([] { embedding(zeros({3}, i32), zeros({3})); }) ==
          "[embedding] the table is f32[3]; it must be f32 [words, features].");
    CHECK(error_of([] {
            embedding(zeros({3}), zeros({3, 2}));
          }) == "[embedding] indices are f32[3]; they must be integers.");
    const Tensor q = zeros({3, 4}), k = zeros({5, 4}), v = zeros({5, 2});
    CHECK(error_of([&] { scaled_dot_product_attention(zeros({4}), k, v); }) ==
          "[scaled_dot_product_attention] f32[4] among query, key and value; all must be f32 [.., positions, "
          "features].");
    CHECK(error_of([&] {
            scaled_dot_product_attention(q, k, zeros({4, 2}));
          }) ==
          "[scaled_dot_product_attention] key f32[5,4] and value f32[4,2]; they must have the same number of "
          "positions, at least one.");
    CHECK(error_of([&] {
            scaled_dot_product_attention(q, zeros({5, 3}), v);
          }) ==
          "[scaled_dot_product_attention] query f32[3,4] and key f32[5,3]; they must have the same number of "
          "features.");
    CHECK(
        error_of([&] {
          scaled_dot_product_attention(q, k, v, {.mask = zeros({2, 3, 5})});
        }) ==
        "[scaled_dot_product_attention] the mask is f32[2,3,5] for scores [3,5]; it must be bool or f32 and "
        "broadcast to them.");
    CHECK(error_of([&] { multi_head_attention(q, k, v, 4); }) ==
          "[multi_head_attention] 4 heads for query f32[3,4] and value f32[5,2]; the heads must divide their "
          "last "
          "axes.");
  }
}

}  // namespace hekla::testing
