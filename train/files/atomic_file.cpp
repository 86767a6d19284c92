// See atomic_file.h. A lock on the temporary file tells live writers from dead ones: the system releases it
// with the process, in every container and whatever the process id.
#include "train/files/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <string>
#include <system_error>

#include "graph/error.h"

#if defined(_WIN32)
#include <io.h>
#else
#include <sys/file.h>
#include <unistd.h>
#endif

namespace hekla {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".hekla-tmp";
constexpr std::size_t longest_name = 200;  // of a file name; file systems allow 255 bytes
constexpr int most_links = 40;             // symbolic links followed, as many as Linux does
constexpr int most_attempts = 100;

enum class Lock { held, taken, unknown };

// The differences between systems: opening, locking, and syncing to disk. On Windows an open file cannot be
// removed, which serves as the lock.
#if defined(_WIN32)

int open_new(const fs::path& path) {
  return _wopen(path.c_str(), _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY, _S_IREAD | _S_IWRITE);
}
Lock lock(int) { return Lock::held; }
bool is_linked(int) { return true; }
int write_some(int file, const std::byte* bytes, std::size_t count) {
  return _write(file, bytes, static_cast<unsigned>(std::min<std::size_t>(count, 1 << 30)));
}
bool move_to(int file, std::uint64_t offset) {
  return _lseeki64(file, static_cast<std::int64_t>(offset), SEEK_SET) >= 0;
}
int sync(int file) { return _commit(file); }
int close(int file) { return _close(file); }
void copy_permissions(const fs::path&, int) {}
bool may_follow(const fs::path&) { return true; }
void sync_folder(const fs::path&) {}
void remove_stale(const fs::path& path) {
  std::error_code still_open;
  fs::remove(path, still_open);
}
constexpr bool renames_open_files = false;

#else

int open_new(const fs::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

Lock lock(int file) {
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return Lock::held;
  return errno == EWOULDBLOCK ? Lock::taken : Lock::unknown;  // not every file system has locks
}

bool is_linked(int file) {
  struct stat status {};
  return fstat(file, &status) == 0 && status.st_nlink > 0;
}

ssize_t write_some(int file, const std::byte* bytes, std::size_t count) {
  return ::write(file, bytes, std::min<std::size_t>(count, 1 << 30));
}

bool move_to(int file, std::uint64_t offset) {
  return lseek(file, static_cast<off_t>(offset), SEEK_SET) >= 0;
}
int sync(int file) { return fsync(file); }
int close(int file) { return ::close(file); }

// Copies permissions only from the user's own file: those of another user's file were not this user's choice.
void copy_permissions(const fs::path& from, int file) {
  struct stat status {};
  if (lstat(from.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid()) return;
  // Failure is ignored: the file is valid without these permissions.
  if (fchmod(file, status.st_mode & 0777) != 0) return;
}

// Links that belong to root are those of the system.
bool may_follow(const fs::path& link) {
  struct stat status {};
  return lstat(link.c_str(), &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0);
}

// Makes the rename durable across a power failure, where the file system can.
void sync_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  fsync(file);
  ::close(file);
}

void remove_stale(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return;
  struct stat status {};
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && lock(file) == Lock::held) unlink(path.c_str());
  ::close(file);
}

constexpr bool renames_open_files = true;

#endif

std::string random_name(const fs::path& target) {
  std::random_device random;
  const std::string name = target.filename().string().substr(0, longest_name);
  return fmt::format(".{}.{:08x}{:08x}{}", name, random(), random(), suffix);
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : "."; }

void remove_stale_files(const fs::path& folder) {
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.') && name.ends_with(suffix) &&
        fs::is_regular_file(entry->symlink_status(ignored)))
      remove_stale(entry->path());
  }
}

fs::path follow_links(fs::path path) {
  std::error_code failure;
  for (int links = 0; links < most_links && fs::is_symlink(fs::symlink_status(path, failure)); ++links) {
    if (!may_follow(path))
      throw Error(
          fmt::format("[write_file] {}: is a link that another user made; remove it, or write to the "
                      "file itself.",
                      path.string()));
    const fs::path next = fs::read_symlink(path, failure);
    if (failure) break;
    path = next.is_absolute() ? next : folder_of(path) / next;
  }
  return path;
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : path_(path), target_(follow_links(path)) {
  std::error_code failure;
  const auto status = fs::status(target_, failure);
  if (fs::is_directory(status))
    throw Error(fmt::format("[write_file] {}: is a folder; the path of a file is wanted.", path_.string()));
  if (fs::is_symlink(fs::symlink_status(target_, failure)))
    throw Error(fmt::format("[write_file] {}: is a link that leads to no file; remove it.", path_.string()));
  if (fs::exists(status) && !fs::is_regular_file(status))
    throw Error(fmt::format(
        "[write_file] {}: is a device or a pipe, which cannot be replaced; the path of a file is wanted.",
        path_.string()));
  if (!target_.has_filename())
    throw Error(fmt::format("[write_file] '{}': names no file; a path ends with the name of a file.",
                            path_.string()));
  const fs::path folder = folder_of(target_);
  if (!fs::is_directory(folder, failure))
    throw Error(fmt::format("[write_file] {}: there is no folder {}; make it first.", path_.string(),
                            folder.string()));
  remove_stale_files(folder);
  open_temporary();
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::open_temporary() {
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    if (attempt == most_attempts) fail(EAGAIN);
    temporary_ = folder_of(target_) / random_name(target_);
    descriptor_ = open_new(temporary_);
    if (descriptor_ < 0 && errno == EEXIST) continue;
    if (descriptor_ < 0) fail(errno);
    // Between opening and locking, another writer may have removed the file as stale.
    if (lock(descriptor_) == Lock::taken || !is_linked(descriptor_)) discard();
  }
}

void AtomicFile::discard() {
  if (descriptor_ < 0) return;
  std::error_code ignored;
  if (renames_open_files) fs::remove(temporary_, ignored);
  close(descriptor_);
  if (!renames_open_files) fs::remove(temporary_, ignored);
  descriptor_ = -1;
}

void AtomicFile::fail(int error) {
  discard();
  throw Error(
      fmt::format("[write_file] {}: cannot be written after {} bytes ({}); what was there before is "
                  "unchanged. Check the place, its permissions and the room left on its disk.",
                  path_.string(), size_, std::generic_category().message(error)));
}

void AtomicFile::check_open() const {
  if (descriptor_ < 0)
    throw Error(fmt::format("[write_file] {}: was committed or has failed; write it anew.", path_.string()));
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  check_open();
  while (!bytes.empty()) {
    const auto written = write_some(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    // A full disk can show as a write of no bytes without an error.
    if (written <= 0) fail(written < 0 ? errno : ENOSPC);
    position_ += static_cast<std::uint64_t>(written);
    size_ = std::max(size_, position_);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void AtomicFile::seek(std::uint64_t offset) {
  check_open();
  if (offset == position_) return;
  if (!move_to(descriptor_, offset)) fail(errno);
  position_ = offset;
}

void AtomicFile::commit() {
  check_open();
  copy_permissions(target_, descriptor_);
  if (sync(descriptor_) != 0) fail(errno);
  if (!renames_open_files) {
    close(descriptor_);
    descriptor_ = -1;
  }
  std::error_code failure;
  fs::rename(temporary_, target_, failure);
  if (failure) {
    std::error_code ignored;
    fs::remove(temporary_, ignored);
    fail(failure.value());
  }
  // Closed after the rename: until then the lock keeps other writers from removing the file as stale.
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  sync_folder(folder_of(target_));
}

void write_file(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace hekla
