// Which files the disk cache trusts: the user's own, under the names with which they were written; and its
// limited size.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "backends/common/cache_file.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> content_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string name_of(const std::string& what) { return hash_text(what).hex() + ".spv"; }

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// Changes the owner to another user.
bool give_away(const fs::path& path) { return geteuid() == 0 && lchown(path.c_str(), 12345, 12345) == 0; }

std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t sum = 0;
  for (const auto& entry : fs::directory_iterator(folder)) sum += entry.file_size();
  return sum;
}

struct Cache {
  TemporaryFolder above;
  fs::path folder = above.path / "a" / "cache";
  std::string name = name_of("kernel");
  std::vector<std::byte> content = content_of("its code");

  Cache() { write_cache_file(folder, name, content); }
  bool is_read() const { return read_cache_file(folder, name) == content; }
};

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("cache: folders and files are made for the user alone") {
    const mode_t before = umask(0);
    const Cache cache;
    umask(before);
    CHECK(mode_of(cache.folder) == 0700);
    CHECK(mode_of(cache.folder.parent_path()) == 0700);
    CHECK(mode_of(cache.folder / cache.name) == 0600);
    CHECK(cache.is_read());
  }

  TEST_CASE("cache: a file under another's name is not taken for that") {
    const Cache cache;
    const std::string other = name_of("another kernel");
    write_cache_file(cache.folder, other, content_of("its code, which is longer"));
    fs::rename(cache.folder / cache.name, cache.folder / "kept");
    fs::rename(cache.folder / other, cache.folder / cache.name);
    fs::rename(cache.folder / "kept", cache.folder / other);
    CHECK(!read_cache_file(cache.folder, cache.name));
    CHECK(!read_cache_file(cache.folder, other));
    write_cache_file(cache.folder, cache.name, cache.content);
    CHECK(cache.is_read());
  }

  TEST_CASE("cache: shaders under each other's names are compiled anew") {
    const TemporaryFolder folder;
    const auto shader = [](const std::string& number) {
      return "#version 460\nlayout(local_size_x = 8) in;\nlayout(binding = 0) buffer Out { float values[]; "
             "};\n"
             "void main() { values[0] = " +
             number + "; }\n";
    };
    const auto one = SpirvCache(folder.path).get(shader("1.0"), "one");
    const auto two = SpirvCache(folder.path).get(shader("2.0"), "two");
    fs::copy_file(folder.path / spirv_file_name(shader("1.0")), folder.path / spirv_file_name(shader("2.0")),
                  fs::copy_options::overwrite_existing);
    SpirvCache cache(folder.path);
    CHECK(cache.get(shader("2.0"), "two") == two);
    CHECK(cache.compiled() == 1);
    CHECK(cache.get(shader("1.0"), "one") == one);
    CHECK(cache.compiled() == 1);
  }

  TEST_CASE("cache: what others may write to is neither read nor written") {
    const Cache cache;
    for (const fs::perms others : {fs::perms::group_write, fs::perms::others_write}) {
      fs::permissions(cache.folder, others, fs::perm_options::add);
      CHECK(!cache.is_read());
      write_cache_file(cache.folder, name_of("new"), cache.content);
      CHECK(!fs::exists(cache.folder / name_of("new")));
      fs::permissions(cache.folder, others, fs::perm_options::remove);
      CHECK(cache.is_read());
      fs::permissions(cache.folder / cache.name, others, fs::perm_options::add);
      CHECK(!cache.is_read());
      fs::permissions(cache.folder / cache.name, others, fs::perm_options::remove);
      CHECK(cache.is_read());
    }
    fs::permissions(cache.folder, fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read,
                    fs::perm_options::add);
    CHECK(cache.is_read());
  }

  TEST_CASE("cache: what belongs to another user is neither read nor written") {
    const Cache cache;
    if (!give_away(cache.folder / cache.name)) {
      MESSAGE("SKIPPED, only the superuser can give files away");
      return;
    }
    CHECK(!cache.is_read());
    write_cache_file(cache.folder, cache.name, cache.content);
    CHECK(cache.is_read());
    REQUIRE(give_away(cache.folder));
    CHECK(!cache.is_read());
  }

  TEST_CASE("cache: links, pipes and folders are not opened, and a file takes their place") {
    const Cache cache;
    const fs::path path = cache.folder / cache.name, elsewhere = cache.above.path / "elsewhere";
    fs::rename(path, elsewhere);
    fs::create_symlink(elsewhere, path);
    CHECK(!cache.is_read());
    write_cache_file(cache.folder, cache.name, content_of("new"));
    CHECK(fs::is_regular_file(fs::symlink_status(path)));
    CHECK(read_cache_file(cache.folder, cache.name) == content_of("new"));

    fs::remove(path);
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    CHECK(!cache.is_read());  // opening a FIFO must not wait for a writer
    write_cache_file(cache.folder, cache.name, cache.content);
    CHECK(cache.is_read());

    fs::remove(path);
    fs::create_directory(path);
    CHECK(!cache.is_read());
  }

  TEST_CASE("cache: beyond its limit what was used longest ago leaves, and nothing that is not its own") {
    const Cache cache;
    fs::remove(cache.folder / cache.name);
    const auto now = fs::file_time_type::clock::now();
    const std::vector<std::byte> content(10'000, std::byte{7});
    constexpr std::uint64_t limit = 100'000;
    std::ofstream(cache.folder / "notes.txt") << std::string(200'000, 'n');
    std::ofstream(cache.folder / (name_of("left") + ".0123456789abcdef.tmp")) << "half";
    std::ofstream(cache.folder / (name_of("in work") + ".0123456789abcdef.tmp")) << "half";
    fs::last_write_time(cache.folder / (name_of("left") + ".0123456789abcdef.tmp"),
                        now - std::chrono::hours(2));
    for (int i = 0; i < 30; ++i) {
      const std::string name = name_of(std::to_string(i));
      write_cache_file(cache.folder, name, content, limit);
      fs::last_write_time(cache.folder / name, now - std::chrono::hours(100 - i));
      // The first is used all the time, which updates its timestamp.
      CHECK(read_cache_file(cache.folder, name_of("0")) == content);
    }
    CHECK(!read_cache_file(cache.folder, name_of("1")));
    CHECK(read_cache_file(cache.folder, name_of("29")) == content);
    CHECK(fs::file_size(cache.folder / "notes.txt") == 200'000);
    CHECK(!fs::exists(cache.folder / (name_of("left") + ".0123456789abcdef.tmp")));
    CHECK(fs::exists(cache.folder / (name_of("in work") + ".0123456789abcdef.tmp")));
    CHECK(bytes_in(cache.folder) <= 200'000 + limit + limit / 8);
  }

  TEST_CASE("cache: several write, read and clean up at the same time") {
    const Cache cache;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i) {
          const std::string text = std::to_string((i * 7 + t) % 20);
          const std::vector<std::byte> content = content_of(std::string(5000, text[0]) + text);
          write_cache_file(cache.folder, name_of(text), content, 30'000);
          const auto found = read_cache_file(cache.folder, name_of(text));
          if (found && *found != content) ++wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    for (const auto& entry : fs::directory_iterator(cache.folder)) CHECK(entry.path().extension() != ".tmp");
  }
}

}  // namespace hekla::vulkan::test
