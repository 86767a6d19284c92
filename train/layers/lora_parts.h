// What adapters are called and how much they count.
#pragma once

#include <string>
#include <string_view>

#include "train/layers/lora.h"

namespace hekla {

/// The name of part "a" or "b" of a weight's adapter: "kernel" to "lora_kernel_a", "query/kernel" to "query/lora_kernel_a".
std::string adapter_name(std::string_view weight, std::string_view part);

/// alpha / rank.
double scale_of(const LoraOptions& lora);

}  // namespace hekla
