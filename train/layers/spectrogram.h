// Spectrograms of signals: which frequencies a signal has at which time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "train/layers/layer.h"

namespace hekla {

/// What a frame of a signal is multiplied by: "hann", "hamming", "none", or numbers of your own.
class FrameWindow {
 public:
  FrameWindow(const char* name) : FrameWindow(std::string(name)) {}
  /// Throws hekla::Error on another name.
  FrameWindow(std::string name);
  FrameWindow(std::vector<double> values) : values_(std::move(values)) {}

  /// The factors of a frame; a periodic window is one of `length` + 1 without the last. Throws hekla::Error `[layer] ...`
  /// when there is another number of values.
  std::vector<double> factors(const std::string& layer, std::int64_t length, bool periodic) const;
  bool is_none() const { return values_.empty() && name_ == "none"; }

 private:
  std::string name_;
  std::vector<double> values_;
};

/// What STFTSpectrogram takes, with Keras's names and defaults.
struct STFTSpectrogramOptions {
  std::string name = {};
  /// Of the transform F of a frame: "magnitude" |F|, "log" log |F|, "psd" |F|^2, twice at frequencies between the first
  /// and the last; "real", "imag", "angle"; "stft" has the real parts and then the imaginary ones.
  std::string mode = "log";
  std::int64_t frame_length = 256;              ///< in samples
  std::optional<std::int64_t> frame_step = {};  ///< from a frame to the next; none: half of a frame
  std::optional<std::int64_t> fft_length = {};  ///< none: the power of two from frame_length on
  FrameWindow window = "hann";
  bool periodic = false;  ///< of the window
  /// The window is divided by its Euclidean norm; "spectrum": by its sum; "none"
  std::string scaling = "density";
  std::string padding = "valid";  ///< or "same"
  bool expand_dims = false;       ///< an image [batch, frames, frequencies, channels] for each example
  bool trainable = true;
};

/// The short-time Fourier transform of signals x [batch, samples, channels], f32: [batch, frames, channels * frequencies]
/// with frequencies = fft_length / 2 + 1, those of a channel side by side. Frame t, multiplied by the window w, gives
///   F[t, k] = sum over n of w[n] x[t * frame_step + n] e^(-2 pi i n k / fft_length)
/// as convolutions with the weights real_kernel and imag_kernel [frame_length, 1, frequencies], which may be trained. |F|
/// is at least sqrt(1e-7). Throws hekla::Error at a call when x has another rank or dtype, or fewer samples than a frame.
/// (keras.layers.STFTSpectrogram.)
class STFTSpectrogram {
 public:
  /// Throws hekla::Error on another name of a mode, scaling or padding, and unless 1 <= frame_step <= frame_length <=
  /// fft_length.
  explicit STFTSpectrogram(STFTSpectrogramOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// real_kernel and imag_kernel, as the mode needs them; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  Tensor transformed(const LayerCall& call, const Tensor& x, bool imaginary) const;

  STFTSpectrogramOptions options_;
  std::int64_t frame_step_, frequencies_;
  std::shared_ptr<LayerState> state_;
};

/// What MelSpectrogram takes, with Keras's names and defaults.
struct MelSpectrogramOptions {
  std::string name = {};
  std::int64_t fft_length = 2048;      ///< in samples
  std::int64_t sequence_stride = 512;  ///< from a frame to the next
  /// Of the window, in the middle of a frame; none: fft_length
  std::optional<std::int64_t> sequence_length = {};
  FrameWindow window = "hann";   ///< a periodic one
  double sampling_rate = 16000;  ///< in hertz
  std::int64_t num_mel_bins = 128;
  double min_freq = 20;                 ///< in hertz
  std::optional<double> max_freq = {};  ///< in hertz; none: half of sampling_rate
  bool power_to_db = true;              ///< 10 log10(S / ref_power)
  double top_db = 80;                   ///< decibels are at least the largest of all minus this
  double mag_exp = 2;                   ///< 1: magnitudes, 2: powers
  double min_power = 1e-10;             ///< S and ref_power are at least this
  double ref_power = 1;
};

/// Mel spectrograms of signals x [.., samples], f32: [.., num_mel_bins, frames]. The magnitudes of the short-time Fourier
/// transform, to the power mag_exp, are weighted for each bin by a triangle over the mel scale, 1127 log(1 + f / 700), from
/// the bin before to the bin behind. The signal is continued by its mirror image, half of a frame at each end. Throws
/// hekla::Error at a call when x is no f32, or has no more samples than half of a frame. (keras.layers.MelSpectrogram.)
class MelSpectrogram {
 public:
  /// Throws hekla::Error unless the numbers are positive, sequence_length is at most fft_length and min_freq below
  /// max_freq.
  explicit MelSpectrogram(MelSpectrogramOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  MelSpectrogramOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
