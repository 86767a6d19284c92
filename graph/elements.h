// Elements of host memory as the bytes of their dtype, which device memory and files hold.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graph/dtype.h"
#include "graph/host_array.h"

namespace hekla {

/// What holds elements of a dtype in host memory: f16 and bf16 are held as f32, a boolean as u32.
HostArray::Format host_format(DType dtype);

/// The elements converted to `dtype` as HostArray::to does, size_of(dtype) bytes each; f16 and bf16 are rounded
/// to the nearest, ties to even.
std::vector<std::byte> to_bytes(const HostArray& elements, DType dtype);

/// The elements that to_bytes made, in host_format(dtype).
HostArray from_bytes(std::span<const std::byte> bytes, DType dtype);

}  // namespace hekla
