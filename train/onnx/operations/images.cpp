// See images.h.
#include "train/onnx/operations/images.h"

namespace hekla::onnx {

std::vector<Conversion> images() {
  return {
      {"AffineGrid", affine_grid, {"align_corners"}},
      {"GridSample", grid_sample_of, {"align_corners", "mode", "padding_mode"}},
      {"Resize",
       resize_of,
       {"antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
        "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode"}},
      {"Upsample", resize_of, {"mode", "scales"}},
  };
}

}  // namespace hekla::onnx
