// Checks of arguments.
#include "autodiff/check.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

void check_f32(std::string_view caller, std::string_view role, std::span<const Tensor> tensors) {
  for (const Tensor& tensor : tensors) {
    if (tensor.dtype() == DType::f32) continue;
    throw Error(fmt::format("[{}] {} {} is not f32; only f32 tensors have derivatives.", caller, role,
                            describe(tensor)));
  }
}

void check_loss(std::string_view caller, const Tensor& loss) {
  if (loss.count() == 1 && loss.dtype() == DType::f32) return;
  throw Error(fmt::format("[{}] the loss is {}; it must be one f32 number (see hk::sum and hk::mean).",
                          caller, describe(loss)));
}

void check_vectors(std::string_view caller, std::string_view role, std::span<const Tensor> tensors,
                   std::string_view vector, std::span<const Tensor> vectors) {
  if (tensors.size() != vectors.size()) {
    throw Error(fmt::format("[{}] {} {}s and {} {}s; each {} needs its {}.", caller, tensors.size(), role,
                            vectors.size(), vector, role, vector));
  }
  check_f32(caller, role, tensors);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (vectors[i].shape() == tensors[i].shape() && vectors[i].dtype() == DType::f32) continue;
    throw Error(fmt::format("[{}] {} {} for {} {}; it must be f32 and of the same shape.", caller, vector,
                            describe(vectors[i]), role, describe(tensors[i])));
  }
}

}  // namespace hekla
