// Checks shared by tests of values and of errors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace hekla::testing {

/// Checks shape, dtype and elements of the tensor that `build` makes, on the reference device and on the
/// device under test. f32 may differ by tolerance * (1 + |expected|); other dtypes, infinities and NaN may
/// not.
void expect(const std::function<Tensor()>& build, const Shape& shape, DType dtype,
            const std::vector<double>& elements, double tolerance = 1e-6);

/// 0, 1, 2, ... as data, so that no pass can fold the test's computation on the host.
Tensor counted(const Shape& shape);

/// The elements of a tensor, in double precision on the reference device.
std::vector<double> reference_values(const Tensor& tensor);

/// The message of the hekla::Error that `action` throws; fails the test when it throws none.
std::string error_of(const std::function<void()>& action);

}  // namespace hekla::testing
