// Layers that prepare numbers and categories. The numbers are those of Keras 3.15's layers of the same names.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"
#include "train/layers/quantiles.h"

namespace hekla::testing {

namespace {

Tensor integers(const std::vector<std::int32_t>& numbers, const Shape& shape) {
  return tensor(numbers, shape);
}

Tensor data() { return pattern({4, 3, 2}); }
Tensor first() { return slice(data(), {{0, 1}}); }

// The layer adapted to all of the data, over the first example.
void check_adapted(const NormalizationOptions& options, const std::vector<double>& expected) {
  expect(
      [&] {
        Normalization layer(options);
        layer.adapt(data());
        return layer(first());
      },
      {1, 3, 2}, f32, expected);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("normalization layer: adapted, given, inverted") {
    check_adapted({}, {-1.37715352, 0.595683396, -0.475743949, 1.57043815, 0.425665617, -1.02890778});
    check_adapted({.axis = {}},
                  {-1.51463449, 0.660225272, -0.582551718, 1.59230804, 0.349531025, -0.893245935});
    check_adapted({.axis = {1, 2}},
                  {-1.5696137, 1.34164071, -0.686802804, 1.34164071, 1.34164071, -0.686802804});
    reference();
    const Tensor mean = tensor({1.0, 2}), variance = tensor({4, 0.25});
    const std::vector<double> given{-0.8125, -3.5, -0.625, -2.75, -0.4375, -4.75};
    check_values(Normalization({.mean = mean, .variance = variance})(first()), {1, 3, 2}, given);
    check_values(Normalization({.axis = {1, 2}, .mean = mean, .variance = variance})(first()), {1, 3, 2},
                 given);
    check_values(Normalization({.mean = constant(1.0), .variance = constant(4.0), .invert = true})(first()),
                 {1, 3, 2}, {-0.25, 1.5, 0.5, 2.25, 1.25, 0.25});
    // Numbers that do not vary are divided by 1e-7, and those of a layer that is not adapted by 1.
    check_values(Normalization({.mean = constant(1.0), .variance = constant(0.0)})(ones({1, 2})), {1, 2},
                 {0, 0});
    check_values(Normalization()(first()), {1, 3, 2}, reference_values(first()));
    Normalization bytes;
    bytes.adapt(integers({1, 3}, {2, 1}));
    check_values(bytes(cast(integers({5}, {1, 1}), u8)), {1, 1}, {3});
    const Mode mode;
    const Tensor x = first();
    mode.set_mask(x, ones({1, 3}, boolean));
    CHECK(mode.mask_of(Normalization()(x, mode)).defined());
  }

  TEST_CASE("normalization layer: in a model its weights are kept and not trained") {
    reference();
    set_random_seed(1);
    Normalization layer;
    const Tensor x = 5 + 3 * pattern({6, 2}), y = pattern({6, 1}, 3, 7);
    layer.adapt(x);
    Sequential model({Input({2}), layer, Dense(1)});
    CHECK(described(model.weights()) == std::vector<std::string>{"dense/kernel [2,1]", "dense/bias [1]",
                                                                 "normalization/mean [2]",
                                                                 "normalization/variance [2]"});
    CHECK(model.trainable_weights().size() == 2);
    CHECK(model.summary().find("normalization (Normalization)") != std::string::npos);
    const std::vector<double> before = reference_values(model.weights()[2]);
    check_near(before, reference_values(mean(x, {0})));
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
    model.fit(x, y, {.epochs = 2, .verbose = 0});
    CHECK(reference_values(model.weights()[2]) == before);
    // Adapting again reaches the model, as copies share the weights.
    layer.adapt(x + 1);
    check_near(reference_values(model.weights()[2]), reference_values(mean(x, {0}) + 1));
    // Before a network, as a map of the data.
    const Tensor mapped = Sequential({Input({2}), [](const Tensor& in) { return in; }})
                              .predict(Dataset(std::vector<Tensor>{x + 1}).map(layer), {.verbose = 0});
    check_near(reference_values(mapped), reference_values(layer(x + 1)));
    CHECK(error_of([&] {
            layer.adapt(zeros({3, 5}));
          }) ==
          "[normalization] the layer was built for normalization/mean f32[2] and is adapted to f32[3,5]; the "
          "sizes "
          "must be the same.");
  }

  TEST_CASE("normalization layer: errors") {
    reference();
    CHECK(error_of([] { Normalization({.mean = tensor({1.0})}); }) ==
          "[normalization] mean is f32[1] and variance none; both are given as f32 of one shape, or none.");
    CHECK(error_of([] {
            Normalization({.mean = tensor({1.0}), .variance = tensor({1.0, 2})});
          }).starts_with("[normalization] mean is f32[1] and variance f32[2]"));
    CHECK(error_of([] {
            Normalization({.axis = {0}})(zeros({2, 3}));
          }) == "[normalization] axis 0 is the batch, which has no statistics of its own; name others.");
    CHECK(error_of([] {
            Normalization({.axis = {2}})(zeros({2, 3}));
          }).starts_with("[normalization] axis 2"));
    CHECK(error_of([] {
            Normalization({.mean = tensor({1.0}), .variance = tensor({1.0})}).adapt(zeros({2, 3}));
          }).starts_with("[normalization] mean and variance are given"));
    CHECK(error_of([] {
            Normalization().adapt(zeros({0, 3}));
          }) == "[normalization] f32[0,3] has no examples to adapt to.");
  }

  TEST_CASE("discretization layer: bins and their encodings") {
    const auto coded = [](const std::string& mode) {
      return Discretization({.bin_boundaries = {-0.25, 0, 0.5}, .output_mode = mode})(pattern({2, 3}));
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    expect([&] { return coded("int"); }, {2, 3}, i32, {0, 2, 1, 3, 2, 0});
    expect(
        [&] {
          return Discretization({.bin_boundaries = {-0.25, 0, 0.5}})(
              tensor({nan, -infinity, infinity, 0, 0.5}));
        },
        {5}, i32, {3, 0, 3, 2, 3});
    reference();
    check_values(coded("one_hot"), {2, 3, 4},
                 {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0});
    check_values(coded("multi_hot"), {2, 4}, {1, 1, 1, 0, 1, 0, 1, 1});
    check_values(coded("count"), {2, 4}, {1, 1, 1, 0, 1, 0, 1, 1});
    Sequential model({Input({3}), Discretization({.bin_boundaries = {0}, .output_mode = "count"})});
    CHECK(model.summary().find("discretization (Discretization)") != std::string::npos);
    CHECK(model.count_params() == 0);
  }

  TEST_CASE("discretization layer: boundaries from data") {
    reference();
    const auto adapted = [](const Tensor& values, int bins, double epsilon = 0.01) {
      Discretization layer({.num_bins = bins, .epsilon = epsilon});
      const Discretization copy = layer;
      layer.adapt(values);
      return copy.bin_boundaries();
    };
    check_near(adapted(pattern({24}), 4), {-0.375, 0, 0.25});
    check_near(adapted(pattern({24}), 3, 0.2), {-0.25, 0.21666666});
    check_near(adapted(tensor({3.0, 1, 2}), 2), {1.5});
    check_near(adapted(tensor({3.0, 1, 2}), 5), {1, 2});
    const Tensor thousand = cast(arange(1000) * 7919 % 1000, f32) / 8;
    check_near(adapted(thousand, 4), {31.125, 62.375, 93.625});
    check_near(adapted(thousand, 7, 0.03),
               {17.4821396, 35.0892792, 52.6964188, 70.3035583, 87.9107056, 105.51786});
    Discretization one({.num_bins = 1});
    one.adapt(thousand);
    check_values(one(tensor({1.0, 2})), {2}, {0, 0});
  }

  TEST_CASE("discretization layer: errors") {
    reference();
    CHECK(error_of([] { Discretization({.bin_boundaries = {1}, .num_bins = 2}); }) ==
          "[discretization] 1 boundaries and 2 bins are given; either boundaries are needed or a number of "
          "bins.");
    CHECK(error_of([] {
            Discretization(DiscretizationOptions{});
          }).starts_with("[discretization] 0 boundaries"));
    CHECK(error_of([] {
            Discretization({.bin_boundaries = {1, 1}});
          }) == "[discretization] the boundaries are 1, 1; they must rise.");
    CHECK(error_of([] { Discretization({.num_bins = 2, .epsilon = 0}); }) ==
          "[discretization] epsilon is 0; it must lie between 0 and 1.");
    CHECK(error_of([] {
            Discretization({.num_bins = 2, .output_mode = "bin"});
          }).starts_with("[discretization] output_mode 'bin' is unknown; choose one of int, one_hot"));
    CHECK(error_of([] { Discretization({.num_bins = 2})(zeros({2})); }) ==
          "[discretization] the boundaries are not known yet; give bin_boundaries or call adapt first.");
    CHECK(error_of([] {
            Discretization({.bin_boundaries = {1, 2}}).adapt(zeros({2}));
          }).starts_with("[discretization] boundaries are given"));
    CHECK(error_of([] { Discretization({.num_bins = 2}).adapt(zeros({0})); }) ==
          "[discretization] f32[0] has no elements to adapt to.");
  }

  TEST_CASE("category encoding layer") {
    reference();
    const auto coded = [](const std::string& mode, const Tensor& x) {
      return CategoryEncoding(4, {.output_mode = mode})(x);
    };
    const Tensor pairs = integers({3, 2, 0, 0, 1, 2}, {3, 2});
    check_values(CategoryEncoding(4)(pairs), {3, 4}, {0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0});
    check_values(coded("count", pairs), {3, 4}, {0, 0, 1, 1, 2, 0, 0, 0, 0, 1, 1, 0});
    check_values(coded("count", cast(pairs, u8)), {3, 4}, {0, 0, 1, 1, 2, 0, 0, 0, 0, 1, 1, 0});
    check_values(CategoryEncoding(4, {.output_mode = "count"})(
                     pairs, {}, tensor({0.1, 0.2, 0.1, 0.1, 0.2, 0.3}, {3, 2})),
                 {3, 4}, {0, 0, 0.2, 0.1, 0.2, 0, 0, 0, 0, 0.2, 0.3, 0});
    check_values(coded("one_hot", integers({3, 2, 0, 9}, {4})), {4, 4},
                 {0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0});
    check_values(coded("one_hot", integers({3, 2}, {2, 1})), {2, 4}, {0, 0, 0, 1, 0, 0, 1, 0});
    check_values(CategoryEncoding(4)(integers({3, 2, 3}, {3})), {4}, {0, 0, 1, 1});
    check_values(CategoryEncoding(3)(integers({0, 1, 0, 2}, {1, 2, 2})), {1, 2, 3}, {1, 0, 0, 0, 1, 1});
    CHECK(error_of([] { CategoryEncoding(0); }) ==
          "[category_encoding] num_tokens is 0; it must be positive.");
    CHECK(error_of([] { CategoryEncoding(2, {.output_mode = "int"}); }) ==
          "[category_encoding] output_mode is int, which encodes nothing; choose another.");
    CHECK(error_of([] {
            CategoryEncoding(2)(zeros({2, 3}));
          }) == "[category_encoding] takes integers [batch, ..], not f32[2,3] (see hk::cast).");
    CHECK(error_of([&] {
            CategoryEncoding(4)(pairs, {}, ones({3, 2}));
          }) == "[category_encoding] weights are for the output_mode count.");
    CHECK(error_of([&] { CategoryEncoding(4, {.output_mode = "count"})(pairs, {}, ones({3})); }) ==
          "[category_encoding] the weights are f32[3] and x i32[3,2]; they must be f32 of its shape.");
  }

  TEST_CASE("resizing layer") {
    const auto image = [] { return pattern({1, 3, 4, 1}); };
    expect([&] { return Resizing(2, 3)(image()); }, {1, 2, 3, 1}, f32,
           {-0.348958343, 0.015625, 0.380208403, -0.255208343, 0.109375, -0.385416746});
    expect([&] { return Resizing(5, 2)(image()); }, {1, 5, 2, 1}, f32,
           {-0.1875, 0.1875, -0.1625, 0.2125, -0.125, 0.25, -0.0875, -0.125, -0.0625, -0.375});
    reference();
    check_values(Resizing(2, 3, {.interpolation = "nearest"})(image()), {1, 2, 3, 1},
                 {-0.625, -0.25, 0.625, -0.5, -0.125, -0.625});
    check_values(Resizing(5, 2, {.interpolation = "nearest"})(squeeze(image(), {3})), {1, 5, 2},
                 {0.25, 0.625, 0.25, 0.625, -0.375, 0, 0.375, -0.625, 0.375, -0.625});
    check_values(Resizing(2, 2, {.crop_to_aspect_ratio = true})(image()), {1, 2, 2, 1},
                 {-0.3046875, -0.0234375, -0.2109375, 0.0703125});
    check_values(Resizing(2, 2, {.pad_to_aspect_ratio = true, .fill_value = 0.5})(image()), {1, 2, 2, 1},
                 {-0.171875, 0.203125, -0.078125, -0.21875});
    check_values(Resizing(2, 4, {.interpolation = "nearest", .pad_to_aspect_ratio = true, .fill_value = 0.5})(
                     pattern({1, 4, 2, 1})),
                 {1, 2, 4, 1}, {0.5, -0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5});
    check_values(Resizing(1, 1)(full({1, 2, 2}, 7, u8)), {1, 1, 1}, {7});
    CHECK(error_of([] { Resizing(0, 2); }) == "[resizing] 0 by 2; both must be positive.");
    CHECK(error_of([] {
            Resizing(2, 2, {.interpolation = "cubic"});
          }).starts_with("[resizing] interpolation 'cubic' is unknown"));
    CHECK(error_of([] { Resizing(2, 2, {.crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true}); }) ==
          "[resizing] images are to be both cropped and padded; choose one.");
    CHECK(error_of([] {
            Resizing(2, 2)(zeros({2, 3}));
          }) == "[resizing] takes [batch, height, width] with or without channels, not f32[2,3].");
  }

  TEST_CASE("center crop layer") {
    reference();
    const Tensor image = pattern({1, 3, 4, 1});
    check_values(CenterCrop(2, 2)(image), {1, 2, 2, 1}, {0.25, -0.25, -0.375, 0.5});
    check_values(CenterCrop(2, 1)(image), {1, 2, 1, 1}, {0.25, -0.375});
    check_values(CenterCrop(4, 2)(image), {1, 4, 2, 1},
                 {0.25, 0.25, -0.140625, -0.140625, -0.09375, -0.09375, 0.375, 0.375});
    check_values(CenterCrop(2, 2)(squeeze(image, {3})), {1, 2, 2}, {0.25, -0.25, -0.375, 0.5});
    CHECK(error_of([] { CenterCrop(2, 0); }) == "[center_crop] 2 by 0; both must be positive.");
    CHECK(error_of([] {
            CenterCrop(2, 2)(zeros({2, 3}));
          }).starts_with("[center_crop] takes [batch, height"));
    Sequential model(
        {Input({4, 4, 1}), CenterCrop(3, 3), Resizing(2, 2), RandomContrast(0.1), RandomBrightness(0.1)});
    for (const char* text : {"center_crop (CenterCrop)", "resizing (Resizing)", "random_contrast",
                             "random_brightness", "(None, 3, 3, 1)", "(None, 2, 2, 1)"})
      CHECK(model.summary().find(text) != std::string::npos);
  }
}

}  // namespace hekla::testing
