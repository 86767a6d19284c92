// See spectrogram.h.
#include "train/layers/spectrogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string_view>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/join.h"
#include "ops/logarithm.h"
#include "ops/matmul.h"
#include "ops/nn/convolution.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/trigonometry.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The constant of a raised cosine: c - (1 - c) cos.
constexpr std::array<std::pair<std::string_view, double>, 3> windows_by_name{
    {{"hann", 0.5}, {"hamming", 0.54}, {"none", 1.0}}};

enum class Spectrum { log, magnitude, psd, real, imag, angle, stft };
constexpr std::array<std::pair<std::string_view, Spectrum>, 7> spectra{{{"log", Spectrum::log},
                                                                        {"magnitude", Spectrum::magnitude},
                                                                        {"psd", Spectrum::psd},
                                                                        {"real", Spectrum::real},
                                                                        {"imag", Spectrum::imag},
                                                                        {"angle", Spectrum::angle},
                                                                        {"stft", Spectrum::stft}}};

enum class Scaling { density, spectrum, none };
constexpr std::array<std::pair<std::string_view, Scaling>, 3> scalings{
    {{"density", Scaling::density}, {"spectrum", Scaling::spectrum}, {"none", Scaling::none}}};

constexpr std::array<std::pair<std::string_view, PaddingMode>, 2> paddings{
    {{"valid", PaddingMode::valid}, {"same", PaddingMode::same}}};

// Keras's epsilon of powers and magnitudes.
constexpr double smallest = 1e-7;

double scale_of(const std::vector<double>& window, Scaling scaling) {
  double norm = 0, total = 0;
  for (const double w : window) {
    norm += w * w;
    total += std::abs(w);
  }
  return scaling == Scaling::none ? 1 : scaling == Scaling::density ? std::sqrt(norm) : total;
}

// w[n] cos(2 pi n k / length), or -w[n] sin, in the order n, k for the frequencies k of a transform of `length`. `first`
// is n of the first factor.
std::vector<double> transform(const std::vector<double>& window, std::int64_t first, std::int64_t length,
                              std::int64_t frequencies, bool imaginary) {
  std::vector<double> factors;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const std::int64_t n = first + static_cast<std::int64_t>(i);
    for (std::int64_t k = 0; k < frequencies; ++k) {
      const std::int64_t turn = n * k % length;  // in parts of a circle
      const double angle = 2 * std::numbers::pi * static_cast<double>(turn) / static_cast<double>(length);
      // Exactly 0 at no turn and half of one, so that real numbers keep their angle.
      const double sine = 2 * turn % length == 0 ? 0 : -std::sin(angle);
      factors.push_back(window[i] * (imaginary ? sine : std::cos(angle)));
    }
  }
  return factors;
}

double mel(double hertz) { return 1127 * std::log(1 + hertz / 700); }

// Of each frequency in each bin, [frequencies, bins]: a triangle over the mel scale, 0 at frequency 0.
std::vector<double> mel_weights(const MelSpectrogramOptions& options, std::int64_t frequencies) {
  const double low = mel(options.min_freq), high = mel(options.max_freq.value_or(options.sampling_rate / 2));
  const double width = (high - low) / static_cast<double>(options.num_mel_bins + 1);
  const double step = options.sampling_rate / 2 / static_cast<double>(frequencies - 1);
  std::vector<double> weights(static_cast<std::size_t>(options.num_mel_bins), 0);
  for (std::int64_t k = 1; k < frequencies; ++k) {
    const double at = (mel(static_cast<double>(k) * step) - low) / width;
    for (std::int64_t bin = 1; bin <= options.num_mel_bins; ++bin)
      weights.push_back(std::max(0.0, 1 - std::abs(at - static_cast<double>(bin))));
  }
  return weights;
}

void check_signal(std::string_view layer, const Tensor& x, bool fits, std::string_view shape) {
  if (!fits || x.dtype() != DType::f32)
    throw Error(fmt::format("[{}] takes f32 {}, not {}.", layer, shape, describe(x)));
}

}  // namespace

FrameWindow::FrameWindow(std::string name) : name_(std::move(name)) {
  choose("window", name_, windows_by_name);
}

std::vector<double> FrameWindow::factors(const std::string& layer, std::int64_t length, bool periodic) const {
  if (!values_.empty()) {
    if (static_cast<std::int64_t>(values_.size()) != length)
      throw Error(
          fmt::format("[{}] the window has {} values for a frame of {}.", layer, values_.size(), length));
    return values_;
  }
  const double constant = choose("window", name_, windows_by_name);
  const auto last = static_cast<double>(periodic ? length : length - 1);
  std::vector<double> factors;
  for (std::int64_t i = 0; i < length; ++i) {
    const double angle = last == 0 ? std::numbers::pi : 2 * std::numbers::pi * static_cast<double>(i) / last;
    factors.push_back(constant - (1 - constant) * std::cos(angle));
  }
  return factors;
}

STFTSpectrogram::STFTSpectrogram(STFTSpectrogramOptions options)
    : options_(std::move(options)),
      frame_step_(options_.frame_step.value_or(options_.frame_length / 2)),
      frequencies_(1),
      state_(std::make_shared<LayerState>("STFTSpectrogram", options_.name, options_.trainable)) {
  const std::string layer = state_->display_name();
  choose(layer, options_.mode, spectra, "mode");
  choose(layer, options_.scaling, scalings, "scaling");
  choose(layer, options_.padding, paddings, "padding");
  const std::int64_t length = options_.frame_length;
  if (length < 1 || frame_step_ < 1 || frame_step_ > length || options_.fft_length.value_or(length) < length)
    throw Error(
        fmt::format("[{}] frame_step is {}, frame_length {} and fft_length {}; each is at most the next, "
                    "and the first at least 1.",
                    layer, frame_step_, length, options_.fft_length.value_or(length)));
  const auto power = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(length)));
  frequencies_ = options_.fft_length.value_or(power) / 2 + 1;
  options_.window.factors(layer, length, options_.periodic);
}

// [batch * channels, frames, frequencies].
Tensor STFTSpectrogram::transformed(const LayerCall& call, const Tensor& x, bool imaginary) const {
  const std::vector<double> window =
      options_.window.factors(state_->name(), options_.frame_length, options_.periodic);
  // Without a window nothing is scaled, as in Keras.
  const double scale =
      options_.window.is_none() ? 1 : scale_of(window, choose(state_->name(), options_.scaling, scalings));
  const Initializer kernel = [&](const Shape& shape, const RandomKey&) {
    std::vector<double> factors =
        transform(window, 0, std::max<std::int64_t>(2 * (frequencies_ - 1), 1), frequencies_, imaginary);
    for (double& factor : factors) factor /= scale;
    return tensor(factors, shape);
  };
  return conv1d(x,
                call.weight(imaginary ? "imag_kernel" : "real_kernel",
                            {options_.frame_length, 1, frequencies_}, kernel),
                {.strides = {frame_step_}, .padding = choose(state_->name(), options_.padding, paddings)});
}

Tensor STFTSpectrogram::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  const bool cuts = choose(state_->name(), options_.padding, paddings) == PaddingMode::valid;
  check_signal(state_->name(), x, x.rank() == 3 && x.size(1) >= (cuts ? options_.frame_length : 1),
               "[batch, samples, channels] with at least a frame of samples");
  const std::int64_t channels = x.size(2);
  const Tensor signals = reshape(moveaxis(x, 2, 1), {x.size(0) * channels, x.size(1), 1});
  const Spectrum kind = choose(state_->name(), options_.mode, spectra);
  const Tensor real = kind == Spectrum::imag ? Tensor() : transformed(call, signals, false);
  const Tensor imag = kind == Spectrum::real ? Tensor() : transformed(call, signals, true);
  const auto spectrum = [&]() -> Tensor {
    if (kind == Spectrum::real) return real;
    if (kind == Spectrum::imag) return imag;
    if (kind == Spectrum::angle) return atan2(imag, real);
    if (kind == Spectrum::stft) return concat({real, imag}, -1);
    const Tensor power = square(real) + square(imag);
    if (kind == Spectrum::psd) {
      const Tensor k = arange(frequencies_);
      return power * where(k > 0 && k < static_cast<std::int32_t>(frequencies_) - 1, 2.0, 1.0);
    }
    const Tensor magnitude = sqrt(maximum(power, smallest));
    return kind == Spectrum::magnitude ? magnitude : log(maximum(magnitude, smallest));
  };
  const Tensor y = spectrum();
  const std::int64_t frames = y.size(1), columns = y.size(2);
  const Tensor apart = reshape(y, {x.size(0), channels, frames, columns});
  if (options_.expand_dims) return call.done(permute(apart, {0, 2, 3, 1}));
  return call.done(reshape(moveaxis(apart, 1, 2), {x.size(0), frames, channels * columns}));
}

MelSpectrogram::MelSpectrogram(MelSpectrogramOptions options)
    : options_(std::move(options)), state_(std::make_shared<LayerState>("MelSpectrogram", options_.name)) {
  const MelSpectrogramOptions& o = options_;
  const std::string layer = state_->display_name();
  const std::int64_t length = o.sequence_length.value_or(o.fft_length);
  if (o.sequence_stride < 1 || length < 1 || o.num_mel_bins < 1 || o.fft_length < 2)
    throw Error(
        fmt::format("[{}] fft_length is {}, sequence_length {}, sequence_stride {} and num_mel_bins {}; "
                    "all must be positive, and the first at least 2.",
                    layer, o.fft_length, length, o.sequence_stride, o.num_mel_bins));
  if (length > o.fft_length)
    throw Error(fmt::format("[{}] sequence_length is {}; it must be at most fft_length, {}.", layer, length,
                            o.fft_length));
  const double highest = o.max_freq.value_or(o.sampling_rate / 2);
  if (!(o.min_freq >= 0 && o.min_freq < highest) || !(o.sampling_rate > 0))
    throw Error(
        fmt::format("[{}] min_freq is {}, max_freq {} and sampling_rate {}; the first must be below the "
                    "second, and none negative.",
                    layer, o.min_freq, highest, o.sampling_rate));
  if (!(o.min_power > 0))
    throw Error(fmt::format("[{}] min_power is {}; it must be positive.", layer, o.min_power));
  o.window.factors(layer, length, true);
}

Tensor MelSpectrogram::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  const std::int64_t half = options_.fft_length / 2, frequencies = half + 1;
  check_signal(state_->name(), x, x.rank() >= 1 && x.size(-1) > half,
               "[.., samples] with more samples than half of a frame");
  const std::int64_t length = options_.sequence_length.value_or(options_.fft_length);
  const std::int64_t first = (options_.fft_length - length) / 2;
  const std::vector<double> window = options_.window.factors(state_->name(), length, true);
  std::vector<Padding> borders(static_cast<std::size_t>(x.rank()));
  borders.back() = {.low = half, .high = half};
  const Tensor frames =
      windows(pad(x, borders, PadMode::reflect), -1, options_.fft_length, options_.sequence_stride);
  std::vector<Range> middle(static_cast<std::size_t>(frames.rank()));
  middle.back() = {.start = first, .stop = first + length};
  const auto part = [&](bool imaginary) {
    const std::vector<double> factors = transform(window, first, options_.fft_length, frequencies, imaginary);
    return matmul(slice(frames, middle), tensor(factors, {length, frequencies}));
  };
  const Tensor power = square(part(false)) + square(part(true));
  const Tensor spectrum = options_.mag_exp == 2 ? power : pow(power, options_.mag_exp / 2);
  const Tensor weights = tensor(mel_weights(options_, frequencies), {frequencies, options_.num_mel_bins});
  Tensor y = matmul(spectrum, weights);
  if (options_.power_to_db) {
    const double reference = std::max(std::abs(options_.ref_power), options_.min_power);
    const Tensor decibels = 10 * log10(maximum(y, options_.min_power)) - 10 * std::log10(reference);
    y = maximum(decibels, max(decibels) - options_.top_db);
  }
  return call.done(swapaxes(y, -1, -2));
}

}  // namespace hekla
