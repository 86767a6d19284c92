// See lora.h.
#include "train/layers/lora.h"

#include "ops/elementwise.h"
#include "ops/matmul.h"

namespace hekla {

Tensor LoraAdapter::adapted() const { return weight + scale * matmul(a, b, DType::f32); }

}  // namespace hekla
