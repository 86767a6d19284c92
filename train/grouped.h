// Numbers with a separator between thousands.
#pragma once

#include <cstdint>
#include <string>

namespace hekla {

/// 78500 as "78,500"; not for negative numbers.
std::string grouped(std::int64_t number);

}  // namespace hekla
