// Queries of the terminal behind standard output: the only place that asks the operating system.
#pragma once

namespace hekla {

/// True when standard output is a terminal that understands cursor control, false for a file, a pipe or
/// `TERM=dumb`.
bool stdout_is_terminal();

/// The width of that terminal in columns; 80 where it cannot be asked.
int stdout_width();

}  // namespace hekla
