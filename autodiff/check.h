// Argument checks of this folder's functions; `caller` is the name that errors begin with.
#pragma once

#include <span>
#include <string_view>

#include "graph/tensor.h"

namespace hekla {

/// Throws hekla::Error unless all tensors are f32; `role` is what each is: "target".
void check_f32(std::string_view caller, std::string_view role, std::span<const Tensor> tensors);

/// Throws hekla::Error unless `loss` is one f32 number.
void check_loss(std::string_view caller, const Tensor& loss);

/// Throws hekla::Error unless there is an f32 vector (cotangent, tangent) of the same shape for each tensor.
void check_vectors(std::string_view caller, std::string_view role, std::span<const Tensor> tensors,
                   std::string_view vector, std::span<const Tensor> vectors);

}  // namespace hekla
