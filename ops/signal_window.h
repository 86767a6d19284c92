// Window functions of signal processing, f32 [length], as PyTorch's. For spectra (`periodic`) a window is the first
// `length` of length + 1 values that are symmetric. N is length for periodic windows, else length - 1, and i counts from
// 0. All throw hekla::Error when length is negative.
#pragma once

#include <cstdint>

#include "graph/tensor.h"

namespace hekla {

/// 0.5 - 0.5 cos(2 pi i / N); torch.hann_window.
Tensor hann_window(std::int64_t length, bool periodic = true);
/// alpha - beta cos(2 pi i / N); torch.hamming_window.
Tensor hamming_window(std::int64_t length, bool periodic = true, double alpha = 0.54, double beta = 0.46);
/// 0.42 - 0.5 cos(2 pi i / N) + 0.08 cos(4 pi i / N); torch.blackman_window.
Tensor blackman_window(std::int64_t length, bool periodic = true);
/// 1 - |2 i / N - 1|; torch.bartlett_window.
Tensor bartlett_window(std::int64_t length, bool periodic = true);
/// I0(beta sqrt(1 - (2 i / N - 1)^2)) / I0(beta), with the modified Bessel function I0; torch.kaiser_window. Throws
/// hekla::Error unless beta lies in [0, 700].
Tensor kaiser_window(std::int64_t length, bool periodic = true, double beta = 12);

}  // namespace hekla
