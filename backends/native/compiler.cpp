#include "backends/native/compiler.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "backends/common/cache_file.h"
#include "graph/debug.h"
#include "graph/error.h"
#include "graph/run/compile_notice.h"

extern char** environ;

namespace hekla::native {

namespace {

namespace fs = std::filesystem;
using backend::SourceMap;

constexpr const char* options[] = {"-std=c++17",
                                   "-O3",
                                   "-march=native",
                                   "-fPIC",
                                   "-shared",
                                   "-w",
                                   "-ffp-contract=off",
                                   "-fno-math-errno",
                                   "-fno-trapping-math",
                                   "-fwrapv",
                                   "-fopenmp-simd",
                                   "-fno-exceptions",
                                   "-fno-rtti",
                                   "-fno-asynchronous-unwind-tables",
                                   "-fvisibility=hidden",
#if defined(__x86_64__)
                                   "-mprefer-vector-width=512",
#endif
                                   "-fno-plt"};

struct Compiler {
  std::vector<std::string> command;  // a program and its first arguments
  fs::path program;
};

std::optional<fs::path> found_in_path(const std::string& program) {
  std::error_code error;
  if (program.find('/') != std::string::npos)
    return access(program.c_str(), X_OK) == 0 ? std::optional<fs::path>(program) : std::nullopt;
  std::istringstream folders(environment("PATH", "/usr/local/bin:/usr/bin:/bin"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path path = fs::path(folder) / program;
    if (access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, error)) return path;
  }
  return std::nullopt;
}

// $CXX, which may have arguments, or else the first that there is.
Compiler find_compiler() {
  std::vector<std::string> candidates{"c++", "g++", "clang++"};
  const std::string wanted = environment("CXX", "");
  if (!wanted.empty()) candidates = {wanted};
  for (const std::string& candidate : candidates) {
    Compiler compiler;
    std::istringstream words(candidate);
    for (std::string word; words >> word;) compiler.command.push_back(word);
    if (compiler.command.empty()) continue;
    if (const std::optional<fs::path> program = found_in_path(compiler.command[0])) {
      compiler.program = *program;
      return compiler;
    }
  }
  throw Error(fmt::format(
      "[native] the native device compiles with the machine's C++ compiler, and {}; install one (Debian: apt "
      "install g++), set CXX to it, or choose another device.",
      wanted.empty() ? "found none of c++, g++ and clang++" : fmt::format("found no CXX '{}'", wanted)));
}

// The processor's name and features.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string text;
  for (std::string line; std::getline(file, line) && !line.empty();) {
    for (const char* key : {"model name", "flags", "Features", "CPU implementer", "CPU part", "isa"}) {
      if (line.starts_with(key)) text += line + "\n";
    }
  }
  return text;
}

// What the machine code depends on besides the source.
std::string key_of(const Compiler& compiler) {
  static const std::string of_processor = processor();
  std::error_code ignored;
  const fs::path path = fs::canonical(compiler.program, ignored);
  std::string key =
      fmt::format("{} {} {}\n", path.string(), static_cast<std::uintmax_t>(fs::file_size(path, ignored)),
                  fs::last_write_time(path, ignored).time_since_epoch().count());
  for (const std::string& word : compiler.command) key += word + " ";
  for (const char* option : options) key += fmt::format("{} ", option);
  return key + "\n" + of_processor;
}

// A folder of its own for one call, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "hekla-XXXXXX").string();
    if (error || mkdtemp(pattern.data()) == nullptr)
      throw Error(
          fmt::format("[native] no folder for temporary files: {}; set TMPDIR to one that can be written.",
                      error ? error.message() : std::strerror(errno)));
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::byte> content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::byte> content;
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return content;
  content.resize(static_cast<std::size_t>(size));
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(size));
  if (!file) content.clear();
  return content;
}

std::string text_of(const fs::path& path) {
  const std::vector<std::byte> content = content_of(path);
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

// A compiler at work.
class Process {
 public:
  Process(const Compiler& compiler, const std::string& source, const fs::path& folder, std::size_t number)
      : output_(folder / fmt::format("{}.so", number)), messages_(folder / fmt::format("{}.txt", number)) {
    const fs::path input = folder / fmt::format("{}.cpp", number);
    std::ofstream file(input, std::ios::binary);
    file << source;
    file.close();
    if (!file) throw Error(fmt::format("[native] {} cannot be written; is the disk full?", input.string()));
    std::vector<std::string> words = compiler.command;
    for (const char* option : options) words.emplace_back(option);
    words.insert(words.end(), {"-o", output_.string(), input.string(), "-lm"});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, messages_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const int error =
        posix_spawn(&process_, compiler.program.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
      throw Error(
          fmt::format("[native] {} cannot be run: {}.", compiler.program.string(), std::strerror(error)));
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (process_ > 0) wait();
  }

  /// Waits for its end; true if it was successful.
  bool wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  std::vector<std::byte> output() const { return content_of(output_); }
  std::string messages() const { return text_of(messages_); }

 private:
  fs::path output_, messages_;
  pid_t process_ = -1;
};

// Names the operation that the first error is about: "3:12:5: error: ..." is line 12 of text 3.
[[noreturn]] void fail(const Source& source, const std::string& messages) {
  constexpr std::string_view mark = ": error: ";
  const std::size_t at = messages.find(mark);
  if (at == std::string::npos) {
    throw Error(fmt::format("[native] the compiler failed for '{}': {}",
                            source.labels.empty() ? "" : source.labels[0], messages.substr(0, 2000)));
  }
  std::size_t begin = messages.rfind('\n', at);
  begin = begin == std::string::npos ? 0 : begin + 1;
  const std::string_view where = std::string_view(messages).substr(begin, at - begin);
  const std::string_view what =
      std::string_view(messages).substr(at + mark.size(), messages.find('\n', at) - at - mark.size());
  int text = 0, line = 0;
  const char* const end = where.data() + where.size();
  const auto number = std::from_chars(where.data(), end, text);
  if (number.ec == std::errc() && number.ptr != end) {
    std::from_chars(number.ptr + 1, end, line);
  } else if (const std::size_t colon = where.find(".cpp:"); colon != where.npos) {
    std::from_chars(where.data() + colon + 5, end, line);
  }
  const SourceMap::Place place = line == 0 ? SourceMap::Place{} : source.code.map().at(text, line);
  const std::string_view shown =
      place.line == 0 ? std::string_view() : backend::line_of(source.code.text(), place.line);
  throw Error(fmt::format(
      "[{}] its GLSL does not compile as C++: {}{}; it must be GLSL 4.60 for Vulkan (HEKLA_DEBUG=4 "
      "prints the whole text of a kernel).",
      place.op == nullptr ? "native" : place.op->name, what,
      shown.empty() ? ""
                    : fmt::format("; line {}{} is `{}`", place.line_of_text,
                                  place.part.empty() ? "" : fmt::format(" of its {}", place.part), shown)));
}

}  // namespace

// Loaded from a folder of this call's own: the system takes two files of one path for the same object.
Module::Module(const std::vector<std::byte>& content) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "kernels.so";
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) throw Error(fmt::format("[native] {} cannot be written; is the disk full?", path.string()));
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ != nullptr) return;
  const char* const why = dlerror();
  throw Error(
      fmt::format("[native] compiled kernels cannot be loaded: {}; if {} is mounted noexec, set TMPDIR to "
                  "another folder.",
                  why == nullptr ? "unknown" : why, path.parent_path().parent_path().string()));
}

Module::~Module() {
  if (handle_ != nullptr) dlclose(handle_);
}

void* Module::symbol(const std::string& name) const {
  void* const found = dlsym(handle_, name.c_str());
  if (found == nullptr) throw Error(fmt::format("[native] compiled kernels have no '{}'.", name));
  return found;
}

std::vector<std::shared_ptr<Module>> compile(const std::vector<Source>& sources) {
  std::vector<std::shared_ptr<Module>> modules(sources.size());
  const fs::path folder = backend::default_cache_folder();
  const Compiler compiler = find_compiler();
  const std::string key = key_of(compiler);
  std::vector<std::string> names;
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    names.push_back(backend::hash_text(key + sources[i].code.text()).hex() + ".so");
    std::optional<std::vector<std::byte>> content = backend::read_cache_file(folder, names[i]);
    if (content) {
      try {
        modules[i] = std::make_shared<Module>(*content);
        continue;
      } catch (const Error&) {  // of another machine, for example: it is compiled anew
      }
    }
    missing.push_back(i);
  }
  if (missing.empty()) return modules;
  std::size_t kernels = 0;
  for (const std::size_t i : missing) kernels += sources[i].labels.size();
  note_compiling(kernels);
  const TemporaryFolder temporary;
  std::vector<std::unique_ptr<Process>> processes;
  for (const std::size_t i : missing)
    processes.push_back(std::make_unique<Process>(compiler, sources[i].code.text(), temporary.path(), i));
  std::vector<bool> succeeded;
  for (const std::unique_ptr<Process>& process : processes) succeeded.push_back(process->wait());
  for (std::size_t p = 0; p < missing.size(); ++p) {
    const std::size_t i = missing[p];
    if (!succeeded[p]) fail(sources[i], processes[p]->messages());
    const std::vector<std::byte> content = processes[p]->output();
    backend::write_cache_file(folder, names[i], content);
    modules[i] = std::make_shared<Module>(content);
  }
  return modules;
}

}  // namespace hekla::native
