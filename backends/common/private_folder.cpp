// Atomic writes: a file is written under an unpredictable new temporary name (O_EXCL), then renamed.
#include "backends/common/private_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <set>
#include <utility>

#include "graph/debug.h"

#if defined(_WIN32)
#include <fstream>
#else
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace hekla::backend {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_suffix = ".tmp";
constexpr std::int64_t seconds_untouched = 3600;

std::string temporary_name(const std::string& name) {
  std::random_device random;
  return fmt::format("{}.{:08x}{:08x}{}", name, random(), random(), temporary_suffix);
}

// The name in "name.0123456789abcdef.tmp"; nothing for other file names.
std::optional<std::string> written_by(const std::string& temporary) {
  constexpr std::size_t random_part = 17;
  if (!temporary.ends_with(temporary_suffix)) return std::nullopt;
  const std::size_t stem = temporary.size() - temporary_suffix.size();
  if (stem < random_part || temporary[stem - random_part] != '.') return std::nullopt;
  return temporary.substr(0, stem - random_part);
}

// Reports each message once, because a folder is opened for each kernel.
void tell(const fs::path& path, std::string_view why) {
  if (debug_level() < 1) return;
  static std::mutex mutex;
  static auto& told = *new std::set<fs::path>;
  std::lock_guard lock(mutex);
  if (told.insert(path).second) fmt::print(stderr, "hekla: {} is not used: {}\n", path.string(), why);
}

// A file as drop_oldest sees it.
struct Entry {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t touched = 0;  // in nanoseconds
  bool stale = false;        // temporary file left by a killed writer
};

// The entries to remove, least recently used first.
std::vector<Entry> oldest(std::vector<Entry> entries, std::uint64_t most_bytes) {
  std::uint64_t sum = 0;
  for (const Entry& entry : entries) sum += entry.stale ? 0 : entry.bytes;
  std::ranges::sort(entries, {}, &Entry::touched);
  std::uint64_t wanted = sum > most_bytes ? most_bytes / 4 * 3 : sum;
  std::erase_if(entries, [&](const Entry& entry) {
    if (entry.stale) return false;
    if (sum <= wanted) return true;
    sum -= entry.bytes;
    return false;
  });
  return entries;
}

#if !defined(_WIN32)

// Why a file or folder with this status is not trusted; null if it is.
const char* distrust(const struct stat& status) {
  if (status.st_uid != geteuid()) return "it belongs to another user";
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "other users may write to it";
  return nullptr;
}

struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  bool close() {
    const int open = std::exchange(number, -1);
    return open < 0 || ::close(open) == 0;
  }
  int number;
};

bool write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), std::min<std::size_t>(bytes.size(), 1 << 30));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int file, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(file, bytes.data(), std::min<std::size_t>(bytes.size(), 1 << 30));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

// Writes a temporary file in `folder` and renames it; its mode is `mode` minus the umask.
bool write_renamed(int folder, const std::string& name, const PrivateFolder::Pieces& pieces, mode_t mode) {
  const std::string temporary = temporary_name(name);
  Descriptor file(
      openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (file.number < 0) return false;
  bool whole = true;
  for (const std::span<const std::byte>& piece : pieces) whole = whole && write_all(file.number, piece);
  whole = file.close() && whole && renameat(folder, temporary.c_str(), folder, name.c_str()) == 0;
  if (!whole) unlinkat(folder, temporary.c_str(), 0);
  return whole;
}

// Creates a folder and its missing parents.
void make_folder(const fs::path& path) {
  std::error_code error;
  if (path.empty() || fs::exists(path, error)) return;
  make_folder(path.parent_path());
  mkdir(path.c_str(), S_IRWXU);
}

std::int64_t touched(const struct stat& status) {
#if defined(__APPLE__)
  const timespec& time = status.st_mtimespec;
#else
  const timespec& time = status.st_mtim;
#endif
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool is_old(const struct stat& status) { return status.st_mtime + seconds_untouched < ::time(nullptr); }

#endif

}  // namespace

#if defined(_WIN32)

PrivateFolder::PrivateFolder(const fs::path& path, bool make) : path_(path) {
  std::error_code error;
  if (make) fs::create_directories(path, error);
  if (fs::is_directory(path, error)) folder_ = 0;
}

PrivateFolder::~PrivateFolder() = default;

std::optional<std::vector<std::byte>> PrivateFolder::read(const std::string& name,
                                                          std::uint64_t most_bytes) const {
  std::error_code error;
  const fs::path path = path_ / name;
  if (!is_open() || !fs::is_regular_file(fs::symlink_status(path, error))) return std::nullopt;
  const std::uint64_t size = fs::file_size(path, error);
  if (error || size > most_bytes) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::vector<std::byte> content(static_cast<std::size_t>(size));
  if (!file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(size)))
    return std::nullopt;
  const auto now = fs::file_time_type::clock::now();
  if (fs::last_write_time(path, error) + std::chrono::seconds(seconds_untouched) < now)
    fs::last_write_time(path, now, error);
  return content;
}

bool PrivateFolder::write(const std::string& name, const Pieces& pieces) const {
  return is_open() && write_whole(path_ / name, pieces);
}

void PrivateFolder::drop_oldest(std::uint64_t most_bytes, bool (*is_ours)(const std::string& name)) const {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator at(path_, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const std::string name = at->path().filename().string();
    const auto time = at->last_write_time(gone);
    const std::uint64_t bytes = at->file_size(gone);
    if (gone || !at->is_regular_file(gone)) continue;
    const std::optional<std::string> written = written_by(name);
    const bool old = time + std::chrono::seconds(seconds_untouched) < fs::file_time_type::clock::now();
    if (written ? is_ours(*written) && old : is_ours(name))
      entries.push_back(
          {name, bytes, std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count(),
           written.has_value()});
  }
  for (const Entry& entry : oldest(std::move(entries), most_bytes)) fs::remove(path_ / entry.name, error);
}

bool write_whole(const fs::path& file, const PrivateFolder::Pieces& pieces) {
  const fs::path temporary = file.parent_path() / temporary_name(file.filename().string());
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  for (const std::span<const std::byte>& piece : pieces)
    stream.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
  stream.close();
  std::error_code error;
  if (stream) fs::rename(temporary, file, error);
  const bool whole = stream && !error;
  if (!whole) fs::remove(temporary, error);
  return whole;
}

#else

PrivateFolder::PrivateFolder(const fs::path& path, bool make) : path_(path) {
  if (make) make_folder(path);
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (folder.number < 0 || fstat(folder.number, &status) != 0) return;
  if (const char* why = distrust(status)) {
    tell(path, why);
    return;
  }
  folder_ = std::exchange(folder.number, -1);
}

PrivateFolder::~PrivateFolder() {
  if (folder_ >= 0) ::close(folder_);
}

std::optional<std::vector<std::byte>> PrivateFolder::read(const std::string& name,
                                                          std::uint64_t most_bytes) const {
  if (!is_open()) return std::nullopt;
  // O_NONBLOCK, because opening a FIFO would otherwise block until a writer opens it.
  Descriptor file(openat(folder_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.number < 0) {
    if (errno == ELOOP) tell(path_ / name, "it is a link");
    return std::nullopt;
  }
  struct stat status {};
  if (fstat(file.number, &status) != 0) return std::nullopt;
  const char* why = S_ISREG(status.st_mode) ? distrust(status) : "it is no file";
  if (why != nullptr) {
    tell(path_ / name, why);
    return std::nullopt;
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > most_bytes) return std::nullopt;
  std::vector<std::byte> content(static_cast<std::size_t>(size));
  if (!read_all(file.number, content)) return std::nullopt;
  if (is_old(status)) futimens(file.number, nullptr);
  return content;
}

bool PrivateFolder::write(const std::string& name, const Pieces& pieces) const {
  return is_open() && write_renamed(folder_, name, pieces, S_IRUSR | S_IWUSR);
}

void PrivateFolder::drop_oldest(std::uint64_t most_bytes, bool (*is_ours)(const std::string& name)) const {
  if (!is_open()) return;
  const int listed = openat(folder_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const list = listed < 0 ? nullptr : fdopendir(listed);
  if (list == nullptr) {
    if (listed >= 0) ::close(listed);
    return;
  }
  std::vector<Entry> entries;
  while (const dirent* one = readdir(list)) {
    const std::string name = one->d_name;
    const std::optional<std::string> written = written_by(name);
    if (!is_ours(written ? *written : name)) continue;
    struct stat status {};
    if (fstatat(folder_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
      continue;
    if (written && !is_old(status)) continue;
    entries.push_back(
        {name, static_cast<std::uint64_t>(status.st_size), touched(status), written.has_value()});
  }
  closedir(list);
  for (const Entry& entry : oldest(std::move(entries), most_bytes)) unlinkat(folder_, entry.name.c_str(), 0);
}

bool write_whole(const fs::path& file, const PrivateFolder::Pieces& pieces) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.number >= 0 && write_renamed(opened.number, file.filename().string(), pieces, 0666);
}

#endif

bool PrivateFolder::is_open() const { return folder_ >= 0; }

}  // namespace hekla::backend
