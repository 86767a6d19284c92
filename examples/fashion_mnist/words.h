// Times as people read them.
#pragma once

#include <string>

namespace hekla::fashion_mnist {

/// "12.3 s", or "2 min 5 s" from a minute on.
std::string duration_words(double seconds);

}  // namespace hekla::fashion_mnist
