// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace hekla::fashion_mnist {

/// 78500 as "78,500"; not for negative numbers.
std::string grouped(std::int64_t number);

/// "12.3 s", or "2 min 5 s" from a minute on.
std::string duration_words(double seconds);

}  // namespace hekla::fashion_mnist
