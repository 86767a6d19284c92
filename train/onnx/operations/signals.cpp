// Windows and spectra of signals. Complex numbers are pairs in the last axis.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/reorder.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

// Sums of cosines: a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N).
Results cosine_window(const Call& call, double a0, double a1, double a2) {
  const std::int64_t size = call.known_integer(0);
  if (size < 1 || size > most_positions) call.fail(fmt::format("a window of {} elements.", size));
  const auto period = static_cast<double>(call.flag("periodic", true) ? size : size - 1);
  std::vector<double> window;
  for (std::int64_t n = 0; n < size; ++n) {
    const double angle = period == 0 ? 0 : 2 * std::numbers::pi * static_cast<double>(n) / period;
    window.push_back(a0 - a1 * std::cos(angle) + a2 * std::cos(2 * angle));
  }
  const auto type = static_cast<ElementType>(call.integer("output_datatype", 1));
  return {Operand(rounded(tensor(std::span<const double>(window), Shape{size}), type), type)};
}

Results hann(const Call& call) { return cosine_window(call, 0.5, 0.5, 0); }
Results hamming(const Call& call) { return cosine_window(call, 25.0 / 46, 21.0 / 46, 0); }
Results blackman(const Call& call) { return cosine_window(call, 0.42, 0.5, 0.08); }

// The matrices of cosines and sines of a transform of n elements to the first `count` frequencies.
struct Waves {
  Tensor cosine, sine;  // [n, count]
};

Waves waves(std::int64_t n, std::int64_t length, std::int64_t count, bool inverse) {
  std::vector<double> cosine;
  std::vector<double> sine;
  for (std::int64_t t = 0; t < n; ++t) {
    for (std::int64_t k = 0; k < count; ++k) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>(t * k % length) / static_cast<double>(length);
      cosine.push_back(std::cos(angle));
      sine.push_back(inverse ? std::sin(angle) : -std::sin(angle));
    }
  }
  const Shape shape{n, count};
  return {tensor(std::span<const double>(cosine), shape), tensor(std::span<const double>(sine), shape)};
}

// x [.., n, 1 or 2] to [.., count, 2].
Tensor transformed(const Tensor& x, std::int64_t length, std::int64_t count, bool inverse) {
  const Waves w = waves(x.size(-2), length, count, inverse);
  const std::vector<Tensor> parts = split(x, x.size(-1), -1);
  const Tensor real = squeeze(parts[0], -1);
  Tensor re = matmul(real, w.cosine);
  Tensor im = matmul(real, w.sine);
  if (parts.size() == 2) {
    const Tensor imaginary = squeeze(parts[1], -1);
    re = re - matmul(imaginary, w.sine);
    im = im + matmul(imaginary, w.cosine);
  }
  const Tensor y = stack({re, im}, -1);
  return inverse ? y * (1 / static_cast<double>(length)) : y;
}

// O(n^2) for each transform, as matrix products.
constexpr std::int64_t longest_transform = 8192;

Results dft(const Call& call) {
  const Tensor& x = call[0];
  if (x.rank() < 2 || (x.size(-1) != 1 && x.size(-1) != 2))
    call.fail(fmt::format("{} is given; [.., n, 1] or [.., n, 2] is needed.", describe(x)));
  const std::int64_t position = call.opset() < 20   ? call.integer("axis", 1)
                                : call.has_input(2) ? call.known_integer(2)
                                                    : -2;
  const int axis = call.axis_at(position, x.rank());
  const std::int64_t n = x.size(axis);
  const std::int64_t length = call.has_input(1) ? call.known_integer(1) : n;
  if (axis == x.rank() - 1 || length < 1 || length > longest_transform)
    call.fail(
        fmt::format("a transform of {} elements along axis {}; 1 to {} along another axis than the last are "
                    "supported.",
                    length, axis, longest_transform));
  const bool one_sided = call.flag("onesided");
  Tensor moved = moveaxis(x, axis, -2);
  std::vector<Range> first(static_cast<std::size_t>(x.rank()));
  first[first.size() - 2].stop = std::min(length, n);
  moved = slice(moved, first);
  const Tensor y = transformed(moved, length, one_sided ? length / 2 + 1 : length, call.flag("inverse"));
  return {moveaxis(y, -2, axis)};
}

// [batch, n, 1] to [batch, frames, frequencies, 2].
Results stft(const Call& call) {
  const Tensor& x = call[0];
  const std::int64_t step = call.known_integer(1);
  const std::int64_t length = call.has_input(3)   ? call.known_integer(3)
                              : call.has_input(2) ? call[2].size(0)
                                                  : 0;
  if (x.rank() != 3 || step < 1 || length < 1 || length > std::min(x.size(1), longest_transform))
    call.fail(fmt::format("frames of {} elements, {} apart, of {}.", length, step, describe(x)));
  Tensor frames = windows(x, 1, length, step);  // [batch, frames, 1 or 2, length]
  if (call.has_input(2)) frames = frames * call[2];
  const std::int64_t count = call.flag("onesided", true) ? length / 2 + 1 : length;
  return {transformed(swapaxes(frames, 2, 3), length, count, false)};
}

// Triangles over frequencies, equally far apart in mel.
Results mel_weight_matrix(const Call& call) {
  const std::int64_t bins = call.known_integer(0);
  const std::int64_t length = call.known_integer(1);
  const double rate = call.known_number(2);
  const double low = 2595 * std::log10(1 + call.known_number(3) / 700);
  const double high = 2595 * std::log10(1 + call.known_number(4) / 700);
  const std::int64_t spectrum = length / 2 + 1;
  if (bins < 1 || spectrum < 1 || bins > 1'000'000 / spectrum)
    call.fail(fmt::format("{} bins of {} frequencies.", bins, spectrum));
  std::vector<double> edges;
  const double step = (high - low) / static_cast<double>(bins + 2);
  for (std::int64_t i = 0; i < bins + 2; ++i) {
    const double hertz = 700 * (std::pow(10, (low + static_cast<double>(i) * step) / 2595) - 1);
    edges.push_back(std::floor(static_cast<double>(length + 1) * hertz / rate));
  }
  std::vector<double> weights(static_cast<std::size_t>(spectrum * bins), 0);
  for (std::int64_t bin = 0; bin < bins; ++bin) {
    const auto at = static_cast<std::size_t>(bin);
    for (std::int64_t f = 0; f < spectrum; ++f) {
      const auto x = static_cast<double>(f);
      double& weight = weights[static_cast<std::size_t>(f * bins + bin)];
      const double rise = edges[at + 1] - edges[at];
      if (rise == 0 && x == edges[at + 1]) weight = 1;
      if (rise != 0 && x >= edges[at] && x <= edges[at + 1]) weight = (x - edges[at]) / rise;
      const double fall = edges[at + 2] - edges[at + 1];
      if (fall != 0 && x >= edges[at + 1] && x < edges[at + 2]) weight = (edges[at + 2] - x) / fall;
    }
  }
  const auto type = static_cast<ElementType>(call.integer("output_datatype", 1));
  return {Operand(rounded(tensor(std::span<const double>(weights), Shape{spectrum, bins}), type), type)};
}

}  // namespace

std::vector<Conversion> signals() {
  return {
      {"BlackmanWindow", blackman, {"output_datatype", "periodic"}},
      {"DFT", dft, {"axis", "inverse", "onesided"}},
      {"HammingWindow", hamming, {"output_datatype", "periodic"}},
      {"HannWindow", hann, {"output_datatype", "periodic"}},
      {"MelWeightMatrix", mel_weight_matrix, {"output_datatype"}},
      {"STFT", stft, {"onesided"}},
  };
}

}  // namespace hekla::onnx
