// Atomic file writes: failures, kills and several writers.
#include "train/files/atomic_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iterator>
#include <set>

#include "tests/train/file_content.h"
#include "tests/train/files/file_size_limit.h"
#include "tests/train/idx_bytes.h"
#include "tests/train/temporary_folder.h"

namespace fs = std::filesystem;
using hekla::AtomicFile;
using hekla::write_file;
using namespace hekla::test;

namespace {

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

// A child process that writes half of `path` and is then killed.
void killed_while_writing(const fs::path& path) {
  const pid_t child = fork();
  if (child == 0) {
    AtomicFile file(path);
    file.write("half of the ne");
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("atomic file: nothing is there before commit, everything after") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  AtomicFile file(path);
  file.write("some");
  file.write(" text");
  CHECK(file.size() == 9);
  CHECK(!fs::exists(path));
  file.commit();
  CHECK(content(path) == "some text");
  CHECK(files_in(folder.path()) == 1);
  const std::string text = error_of([&] { file.write("more"); });
  CHECK(text == "[write_file] " + path.string() + ": was committed or has failed; write it anew.");
}

TEST_CASE("atomic file: a file given up leaves the old one and no other") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file(path, "old");
  {
    AtomicFile file(path);
    file.write("new");
    CHECK(files_in(folder.path()) == 2);
  }
  CHECK(content(path) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("atomic file: a full disk is an error that names the file and leaves the old one") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file(path, "old");
  const std::string large(100'000, 'x');
  std::string text;
  {
    const FileSizeLimit limit(65'536);
    text = error_of([&] { write_file(path, large); });
  }
  CHECK(text ==
        "[write_file] " + path.string() +
            ": cannot be written after 65536 bytes (File too large); what was there before is unchanged. "
            "Check the place, its permissions and the room left on its disk.");
  CHECK(content(path) == "old");
  CHECK(files_in(folder.path()) == 1);
  write_file(path, large);
  CHECK(content(path) == large);
}

TEST_CASE("atomic file: a writer that is killed leaves the last good file") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file(path, "the last good one");
  killed_while_writing(path);
  CHECK(content(path) == "the last good one");
  CHECK(files_in(folder.path()) == 2);
  // The temporary file it left is removed by the next writer in the folder, whatever file that writes.
  write_file(folder.path() / "other", "");
  CHECK(files_in(folder.path()) == 2);
  CHECK(content(path) == "the last good one");
}

TEST_CASE("atomic file: writers at the same time do not disturb each other, nor files of other names") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  folder.write("kept.hekla-tmp", Bytes{1});
  folder.write(".kept.tmp", Bytes{1});
  AtomicFile first(path);
  first.write("first");
  AtomicFile second(path);
  second.write("second");
  second.commit();
  CHECK(content(path) == "second");
  first.commit();
  CHECK(content(path) == "first");
  CHECK(files_in(folder.path()) == 3);
}

TEST_CASE("atomic file: permissions stay, links are followed") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file(path, "old");
  fs::permissions(path, fs::perms::owner_read | fs::perms::group_read);
  const fs::path link = folder.path() / "link";
  fs::create_symlink("file", link);
  write_file(link, "new");
  CHECK(fs::is_symlink(link));
  CHECK(content(path) == "new");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::group_read));
}

TEST_CASE("atomic file: a link that another user made is not followed") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file", link = folder.path() / "link";
  write_file(path, "old");
  fs::create_symlink("file", link);
  if (geteuid() != 0 || lchown(link.c_str(), 12345, 12345) != 0) {
    MESSAGE("SKIPPED, only the superuser can make links of other users");
    return;
  }
  CHECK(error_of([&] { write_file(link, "new"); }) ==
        "[write_file] " + link.string() +
            ": is a link that another user made; remove it, or write to the file itself.");
  CHECK(content(path) == "old");
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("atomic file: another user's file does not choose the permissions of this one") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file(path, "old");
  if (geteuid() != 0 || chown(path.c_str(), 12345, 12345) != 0) {
    MESSAGE("SKIPPED, only the superuser can make files of other users");
    return;
  }
  REQUIRE(chmod(path.c_str(), 06777) == 0);
  write_file(path, "new");
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 06002) == 0);
  CHECK(content(path) == "new");
}

TEST_CASE("atomic file: pipes and links among what writers left are let be") {
  const TemporaryFolder folder;
  const fs::path kept = folder.path() / "kept", pipe = folder.path() / ".a.0123.hekla-tmp";
  write_file(kept, "kept");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  fs::create_symlink("kept", folder.path() / ".b.0123.hekla-tmp");
  write_file(folder.path() / "file", "text");
  CHECK(content(kept) == "kept");
  CHECK(files_in(folder.path()) == 4);
}

TEST_CASE("atomic file: a name longer than its temporary could be") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / std::string(255, 'n');
  write_file(path, "text");
  CHECK(content(path) == "text");
}

TEST_CASE("atomic file: places where no file can be") {
  const TemporaryFolder folder;
  const auto refused = [](const fs::path& path) { return error_of([&] { AtomicFile file(path); }); };
  const std::string start = "[write_file] " + folder.path().string();
  CHECK(refused(folder.path()) == start + ": is a folder; the path of a file is wanted.");
  const fs::path lost = folder.path() / "absent" / "file";
  CHECK(refused(lost) ==
        start + "/absent/file: there is no folder " + lost.parent_path().string() + "; make it first.");
  CHECK(refused("") == "[write_file] '': names no file; a path ends with the name of a file.");
  CHECK(refused("/dev/full") ==
        "[write_file] /dev/full: is a device or a pipe, which cannot be replaced; "
        "the path of a file is wanted.");
  fs::create_symlink("circle", folder.path() / "circle");
  CHECK(refused(folder.path() / "circle") == start + "/circle: is a link that leads to no file; remove it.");
  const std::string unnameable = refused(folder.path() / std::string(300, 'n'));
  CHECK(unnameable.empty());  // only commit can detect whether the name fits
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("atomic file: a commit that fails removes what was written") {
  const TemporaryFolder folder;
  AtomicFile file(folder.path() / std::string(300, 'n'));
  file.write("text");
  const std::string text = error_of([&] { file.commit(); });
  CHECK(contains(text, "cannot be written after 4 bytes (File name too long)"));
  CHECK(files_in(folder.path()) == 0);
}
