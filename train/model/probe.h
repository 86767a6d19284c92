// Trial calls of a loss or a metric, which find its mistakes before it is trained with.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Calls a function with placeholders like the tensors in `like`. Throws hekla::Error `[name] ...` where it
/// makes variables anew at each call. Passes on what the function throws, such as for reading the value of an
/// input, with `place` added where it is not empty.
void probe(std::string_view name, std::string_view place, const std::vector<Tensor>& like,
           const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& function);

}  // namespace hekla
