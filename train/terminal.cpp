// See terminal.h.
#include "train/terminal.h"

#include <cstdlib>
#include <string_view>

#if defined(_WIN32)
#include <windows.h>
#elif __has_include(<sys/ioctl.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace hekla {

namespace {

constexpr int usual_width = 80;

}  // namespace

bool stdout_is_terminal() {
#if defined(_WIN32)
  // The query for escape sequences also enables them; a console too old for them counts as no terminal.
  const HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
  DWORD mode = 0;
  return GetConsoleMode(console, &mode) && SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
#elif __has_include(<sys/ioctl.h>)
  const char* kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
#else
  return false;
#endif
}

int stdout_width() {
#if defined(_WIN32)
  CONSOLE_SCREEN_BUFFER_INFO info;
  if (GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info))
    return info.srWindow.Right - info.srWindow.Left + 1;
#elif __has_include(<sys/ioctl.h>)
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
#endif
  return usual_width;
}

}  // namespace hekla
