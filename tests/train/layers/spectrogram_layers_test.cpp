// Spectrograms. The numbers are those of Keras 3.15's layers, which compute the transform's factors in f32.
#include <doctest/doctest.h>

#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

Tensor signals() { return pattern({2, 12, 2}, 7, 23); }
Tensor first() { return slice(signals(), {{0, 1}}); }
Tensor one_channel() { return slice(first(), {{}, {}, {0, 1}}); }

void check_mode(const std::string& mode, const std::vector<double>& expected) {
  CAPTURE(mode);
  const STFTSpectrogram layer({.mode = mode, .frame_length = 5, .frame_step = 4, .window = "hamming"});
  expect([&] { return layer(one_channel()); }, {1, 2, static_cast<std::int64_t>(expected.size()) / 2}, f32,
         expected, 3e-6);
}

void check_near(const Tensor& actual, const Shape& shape, const std::vector<double>& expected) {
  CHECK(to_string(actual.shape()) == to_string(shape));
  const std::vector<double> found = reference_values(actual);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(found[i] - expected[i]) < 3e-6 * (1 + std::abs(expected[i])));
  }
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("stft_spectrogram layer: modes") {
    check_mode("log", {-2.29338932, -1.13375974, -0.569632709, 0.0150946975, 0.244035557, -1.07192326,
                       -1.14594722, -0.852159619, -0.0317691863, 0.231554866});
    check_mode("magnitude", {0.100923814, 0.321821004, 0.565733194, 1.0152092, 1.27638972, 0.34234947,
                             0.317922622, 0.42649287, 0.968730152, 1.26055849});
    check_mode("psd", {0.0101856161, 0.207137525, 0.640108109, 2.06129932, 1.62917066, 0.117203161, 0.2021496,
                       0.36379236, 1.87687612, 1.58900774});
    check_mode("real", {-0.100923814, -0.268060416, 0.498682529, 0.10974855, -1.27638972, -0.34234947,
                        -0.268060505, -0.332454979, 0.109748557, 1.26055849});
    check_mode("imag",
               {0, 0.178079695, 0.267151296, -1.00925958, 0, 0, 0.170933813, 0.267151386, 0.9624933, 0});
    check_mode("angle", {3.14159274, 2.55521178, 0.49180904, -1.46248031, 3.14159274, 3.14159274, 2.57393503,
                         2.46467781, 1.45726144, 0});
    check_mode("stft", {-0.100923814, -0.268060416,
                        0.498682529,  0.10974855,
                        -1.27638972,  0,
                        0.178079695,  0.267151296,
                        -1.00925958,  0,
                        -0.34234947,  -0.268060505,
                        -0.332454979, 0.109748557,
                        1.26055849,   0,
                        0.170933813,  0.267151386,
                        0.9624933,    0});
  }

  TEST_CASE("stft_spectrogram layer: windows, scaling, padding, channels") {
    reference();
    check_near(
        STFTSpectrogram({.mode = "magnitude", .frame_length = 4, .scaling = "spectrum", .padding = "same"})(
            first()),
        {1, 6, 6}, {0.5,    0.712609649, 0.875,  0.375,          0.673145652, 0.875,
                    0.125,  0.625,       0.875,  0.4375,         0.50389111,  0.5625,
                    0.6875, 0.628117204, 0.5625, 0.1875,         0.419262767, 0.5625,
                    0.0625, 0.400195271, 0.5625, 0.8125,         0.698771238, 0.5625,
                    0.5625, 0.5625,      0.5625, 0.000316227757, 0.618718445, 0.875,
                    0.25,   0.643476903, 0.875,  0.8125,         0.698771238, 0.5625});
    check_near(STFTSpectrogram({.mode = "magnitude",
                                .frame_length = 4,
                                .frame_step = 4,
                                .fft_length = 6,
                                .periodic = true,
                                .scaling = "none",
                                .expand_dims = true})(first()),
               {1, 3, 4, 2},
               {0.0625, 0.25,   0.488140583, 0.992156804, 1.12673473, 0.976281166, 1.4375, 0.000316227757,
                0.4375, 1.3125, 0.272431195, 1.37073195,  1.00584233, 1.43205488,  1.4375, 1.4375,
                0.8125, 0.5,    1.00584221,  1.0439558,   1.30952048, 0.982264578, 1.4375, 0.000316227757});
    check_near(
        STFTSpectrogram({.mode = "magnitude", .frame_length = 4, .frame_step = 4, .window = "none"})(first()),
        {1, 3, 6},
        {0.75, 0.883883417, 3.5, 0.125, 2.33519268, 0.625, 1.5, 0.883883417, 2.25, 2, 0.883883536, 2.25,
         0.625, 2.33519268, 0.625, 1.625, 2.33519268, 0.625});
    const STFTSpectrogram custom(
        {.mode = "real", .frame_length = 3, .frame_step = 3, .window = std::vector<double>{1, 2, 3}});
    check_near(custom(first()), {1, 4, 6},
               {-0.768376052, 0.233853549,  -1.16926789,  0.634745419,  -0.233853608, -0.701560736,
                -0.801783681, 1.26949084,   -0.668153048, -0.167038262, 0.0334076136, -0.968822002,
                0.701560736,  -0.768375993, 1.36971378,   -0.200445876, 1.06904495,   -0.467707127,
                -0.10022299,  -0.501114786, 1.10245264,   -1.00222957,  1.3363061,    -0.734968364});
    CHECK(described(custom.weights()) == std::vector<std::string>{"stft_spectrogram/real_kernel [3,1,3]"});
  }

  TEST_CASE("mel_spectrogram layer") {
    const MelSpectrogram layer(
        {.fft_length = 8, .sequence_stride = 4, .sampling_rate = 8000, .num_mel_bins = 3});
    const auto mono = [] { return reshape(slice(signals(), {{}, {}, {0, 1}}), {2, 12}); };
    // In decibels.
    expect([&] { return layer(mono()); }, {2, 3, 4}, f32,
           {-6.68377686,   -8.9197197,  -9.17803383, -8.04159737, 0.538772285, 0.814994931,
            -0.0637098849, 0.178016558, 2.19880104,  6.80839968,  5.77066231,  5.68201113,
            -6.04245234,   -8.38129997, -13.1087112, -6.25345945, 1.14252257,  -0.959163666,
            -1.53946781,   2.84548545,  4.50914907,  2.96001172,  6.23909092,  6.7408824},
           2e-5);
    reference();
    check_near(MelSpectrogram({.fft_length = 8,
                               .sequence_stride = 3,
                               .sequence_length = 5,
                               .window = "hamming",
                               .sampling_rate = 8000,
                               .num_mel_bins = 3,
                               .min_freq = 100,
                               .max_freq = 3000,
                               .power_to_db = false,
                               .mag_exp = 1})(mono()),
               {2, 3, 5}, {0.0302906577, 0.01885961,   0.0266711023, 0.0283068437, 0.0195226986, 0.938868523,
                           0.58455956,   0.82667923,   0.877379596,  0.605112195,  0.792049766,  0.761869967,
                           0.90138334,   1.19751465,   0.668446302,  0.0275255926, 0.0213230532, 0.035674125,
                           0.0102565745, 0.0468046032, 0.853164434,  0.660914719,  1.10573077,   0.317905754,
                           1.45072341,   0.726052821,  1.16598344,   0.840969086,  0.879467607,  1.38029671});
    check_near(MelSpectrogram({.fft_length = 8,
                               .sequence_stride = 4,
                               .window = "none",
                               .sampling_rate = 8000,
                               .num_mel_bins = 3,
                               .top_db = 10,
                               .ref_power = 0.5})(reshape(one_channel(), Shape{12})),
               {3, 4},
               {3.05654144, 3.05654144, 3.05654144, 3.05654144, 8.79376411, 7.4533391, 6.19295645, 7.93040466,
                3.05654144, 12.9114227, 13.0565414, 13.018528});
  }

  TEST_CASE("spectrogram layers: errors") {
    reference();
    const auto stft = [](const STFTSpectrogramOptions& options) {
      return error_of([&] { STFTSpectrogram layer(options); });
    };
    CHECK(stft({.mode = "power"}).starts_with("[stft_spectrogram] mode 'power' is unknown"));
    CHECK(stft({.scaling = "sum"}).starts_with("[stft_spectrogram] scaling 'sum' is unknown"));
    CHECK(stft({.padding = "causal"}).starts_with("[stft_spectrogram] padding 'causal' is unknown"));
    CHECK(stft({.frame_length = 4, .frame_step = 5}) ==
          "[stft_spectrogram] frame_step is 5, frame_length 4 and fft_length 4; each is at most the next, "
          "and the "
          "first at least 1.");
    CHECK(stft({.frame_length = 4, .window = std::vector<double>{1, 2}}) ==
          "[stft_spectrogram] the window has 2 values for a frame of 4.");
    CHECK(error_of([] { FrameWindow("kaiser"); }).starts_with("[window] 'kaiser' is unknown"));
    CHECK(error_of([] { STFTSpectrogram({.frame_length = 16})(signals()); }) ==
          "[stft_spectrogram] takes f32 [batch, samples, channels] with at least a frame of samples, not "
          "f32[2,12,2].");
    const auto mel = [](const MelSpectrogramOptions& options) {
      return error_of([&] { MelSpectrogram layer(options); });
    };
    CHECK(mel({.fft_length = 8, .sequence_length = 9}) ==
          "[mel_spectrogram] sequence_length is 9; it must be at most fft_length, 8.");
    CHECK(mel({.num_mel_bins = 0}) ==
          "[mel_spectrogram] fft_length is 2048, sequence_length 2048, sequence_stride 512 and num_mel_bins "
          "0; all "
          "must be positive, and the first at least 2.");
    CHECK(mel({.min_freq = 900, .max_freq = 800}) ==
          "[mel_spectrogram] min_freq is 900, max_freq 800 and sampling_rate 16000; the first must be below "
          "the "
          "second, and none negative.");
    CHECK(mel({.min_power = 0}) == "[mel_spectrogram] min_power is 0; it must be positive.");
    CHECK(error_of([] { MelSpectrogram({.fft_length = 8})(zeros({4})); }) ==
          "[mel_spectrogram] takes f32 [.., samples] with more samples than half of a frame, not f32[4].");
  }
}

}  // namespace hekla::testing
