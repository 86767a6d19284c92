// See interrupt.h.
#include "examples/fashion_mnist/interrupt.h"

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include <csignal>
#include <string_view>

namespace hekla::fashion_mnist {

namespace {

volatile std::sig_atomic_t is_interrupted = 0;

void note(int) {
  is_interrupted = 1;
  std::signal(SIGINT, SIG_DFL);
#if __has_include(<unistd.h>)
  constexpr std::string_view text =
      "\nfashion_mnist: stopping after this epoch; Ctrl-C again stops at once\n";
  // Of the functions that print, a signal handler may call only this one.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
#endif
}

}  // namespace

void watch_interrupts() { std::signal(SIGINT, note); }
bool interrupted() { return is_interrupted != 0; }

}  // namespace hekla::fashion_mnist
