// See gnuplot.h.
#include "examples/fashion_mnist/gnuplot.h"

#include <fmt/format.h>

#if __has_include(<spawn.h>)
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "graph/error.h"

namespace hekla::fashion_mnist {

namespace {

// gnuplot shows the line above a mark before it says what is wrong.
std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

struct Ended {
  int status = 0;
  std::string output;
  std::string error;
};

#if __has_include(<spawn.h>)

// Temporary files rather than pipes: nobody has to read while another writes.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File temporary_file() {
  File file(std::tmpfile(), std::fclose);
  if (!file) throw Error(fmt::format("[gnuplot] no temporary file can be made ({}).", std::strerror(errno)));
  return file;
}

std::string content(std::FILE* file) {
  std::string text;
  std::rewind(file);
  std::array<char, 4096> part;
  for (std::size_t size = 0; (size = std::fread(part.data(), 1, part.size(), file)) > 0;)
    text.append(part.data(), size);
  return text;
}

// 127 where there is no gnuplot, as in a shell.
Ended run(const std::string& script, const char* argument) {
  const File input = temporary_file(), output = temporary_file(), error = temporary_file();
  if (std::fwrite(script.data(), 1, script.size(), input.get()) != script.size() ||
      std::fflush(input.get()) != 0)
    throw Error("[gnuplot] its script cannot be written to a temporary file; is the disk full?");
  std::rewind(input.get());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(output.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(error.get()), STDERR_FILENO);
  std::string program = "gnuplot", option = argument;
  std::array<char*, 3> arguments{program.data(), option.data(), nullptr};
  pid_t process = 0;
  const int failure = posix_spawnp(&process, program.c_str(), &actions, nullptr, arguments.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return {.status = 127};
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1,
          .output = content(output.get()),
          .error = content(error.get())};
}

#else

// Programs are started in another way on other systems; there it counts as missing.
Ended run(const std::string&, const char*) { return {.status = 127}; }

#endif

}  // namespace

bool has_gnuplot() {
  static const bool has_it = run("", "--version").status == 0;
  return has_it;
}

std::string run_gnuplot(const std::string& script) {
  Ended ended = run(script, "-");
  if (ended.status != 0 || ended.output.empty())
    throw Error(fmt::format(
        "[gnuplot] no chart was drawn: {}.",
        ended.error.empty() ? fmt::format("it ended with status {}", ended.status) : last_line(ended.error)));
  return std::move(ended.output);
}

}  // namespace hekla::fashion_mnist
