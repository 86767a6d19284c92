// Patches of images and the images made of them. Tensors are channels last, [batch, height, width, channels].
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Channels become pixels: [.., h, w, c * factor^2] of any dtype to [.., h * factor, w * factor, c], with
/// y[.., h * factor + i, w * factor + j, c] = x[.., h, w, (c * factor + i) * factor + j]. A view. Throws
/// hekla::Error below rank 3, unless the factor is positive, and unless its square divides the channels.
/// (torch.nn.functional.pixel_shuffle, whose channels come before height and width. Shi et al.: Real-Time
/// Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network, CVPR
/// 2016.)
Tensor pixel_shuffle(const Tensor& x, std::int64_t factor);
/// The inverse: [.., h * factor, w * factor, c] to [.., h, w, c * factor^2]. Throws hekla::Error below rank
/// 3, unless the factor is positive, and unless it divides height and width.
/// (torch.nn.functional.pixel_unshuffle.)
Tensor pixel_unshuffle(const Tensor& x, std::int64_t factor);

/// Lists hold one number for height and one for width, or a single one for both.
struct FoldOptions {
  std::vector<std::int64_t> strides = {1};
  std::vector<std::int64_t> padding = {0};  ///< zeros before and after
  std::vector<std::int64_t> dilation_rate = {1};
};

/// im2col: every window of kernel_size pixels as a row, f32 [b, h, w, c] to [b, rows * columns, c * kernel
/// height * kernel width]. Windows stand in row-major order; within one, element (c * kernel height + i) *
/// kernel width + j is channel c of its pixel i, j. Throws hekla::Error on another rank or dtype, on sizes,
/// strides or dilation rates that are not positive, on negative padding, and on windows that do not fit.
/// (torch.nn.functional.unfold with the last two axes exchanged, of an image whose channels come first.)
Tensor unfold(const Tensor& x, const std::vector<std::int64_t>& kernel_size, const FoldOptions& options = {});

/// col2im, the transpose of unfold: f32 [b, windows, c * kernel height * kernel width] to [b, height, width,
/// c], where overlapping windows add up. Throws hekla::Error as unfold, and unless output_size is two
/// positive numbers and x holds as many windows of that size as unfold makes of it. (torch.nn.functional.fold
/// of x with the last two axes exchanged.)
Tensor fold(const Tensor& x, const std::vector<std::int64_t>& output_size,
            const std::vector<std::int64_t>& kernel_size, const FoldOptions& options = {});

}  // namespace hekla
