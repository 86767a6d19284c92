// Ctrl-C: the first ends a training after the epoch that is under way, so that its charts and its report are
// made; the second ends the program at once.
#pragma once

namespace hekla::fashion_mnist {

/// From here on the first Ctrl-C is noted.
void watch_interrupts();
/// True once there was one.
bool interrupted();

}  // namespace hekla::fashion_mnist
