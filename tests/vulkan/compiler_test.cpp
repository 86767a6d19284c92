// Compiling GLSL, its errors, and cache files, whose damage does no harm.
#include <thread>

#include "backends/common/cache_file.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {
namespace {

std::string shader(const std::string& body) {
  return "#version 460\nlayout(local_size_x = 8) in;\nlayout(binding = 0) buffer Out { float values[]; };\n"
         "void main() {\n  " +
         body + "\n}\n";
}

void write_raw(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string read_raw(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t files_in(const std::filesystem::path& folder) {
  auto entries = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("GLSL becomes SPIR-V 1.3") {
    auto words = compile_glsl_uncached(shader("values[gl_GlobalInvocationID.x] = 1.0;"), "ones");
    REQUIRE(words.size() > 5);
    CHECK(words[0] == 0x07230203u);
    CHECK(words[1] == 0x00010300u);
  }

  TEST_CASE("a compile error shows the line and its number") {
    std::string text =
        error_of([] { compile_glsl_uncached(shader("values[0] = undeclared_thing;"), "bad_kernel"); });
    CHECK(contains(text, "[compile] the GLSL of 'bad_kernel' does not compile"));
    CHECK(contains(text, "undeclared_thing"));
    CHECK(contains(text, "line 5 is `  values[0] = undeclared_thing;`"));
    CHECK(contains(error_of([] { compile_glsl_uncached("", "empty"); }), "'empty'"));
  }

  TEST_CASE("each text is compiled once, also over processes") {
    TemporaryFolder folder;
    std::string source = shader("values[0] = 2.0;");
    SpirvCache cache(folder.path);
    auto words = cache.get(source, "two");
    CHECK(cache.get(source, "two") == words);
    CHECK(cache.compiled() == 1);
    CHECK(files_in(folder.path) == 1);
    SpirvCache next_process(folder.path);
    CHECK(next_process.get(source, "two") == words);
    CHECK(next_process.compiled() == 0);
    next_process.get(shader("values[0] = 3.0;"), "three");
    CHECK(next_process.compiled() == 1);
  }

  TEST_CASE("threads compile side by side") {
    TemporaryFolder folder;
    SpirvCache cache(folder.path);
    std::vector<std::vector<uint32_t>> results(8);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < results.size(); ++i)
      threads.emplace_back([&, i] {
        std::string body = "values[0] = " + std::to_string(i % 4) + ".5;";
        results[i] = cache.get(shader(body), "thread");
      });
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(!results[i].empty());
      CHECK(results[i] == results[i + 4]);
      CHECK(results[i] != results[(i + 1) % 4]);
    }
    CHECK(files_in(folder.path) == 4);
  }

  TEST_CASE("a damaged cache file is compiled anew and written again") {
    TemporaryFolder folder;
    std::string source = shader("values[0] = 4.0;");
    auto words = SpirvCache(folder.path).get(source, "four");
    auto path = folder.path / spirv_file_name(source);
    const std::string whole = read_raw(path);
    REQUIRE(whole.size() > 100);
    std::string flipped = whole;
    flipped[whole.size() - 7] ^= 1;
    std::string long_length = whole;
    long_length[15] = '\x7f';
    for (const std::string& damage : {std::string(), whole.substr(0, 10), whole.substr(0, whole.size() - 1),
                                      whole + "x", flipped, long_length, std::string(5000, 'g')}) {
      write_raw(path, damage);
      SpirvCache cache(folder.path);
      CHECK(cache.get(source, "four") == words);
      CHECK(cache.compiled() == 1);
      CHECK(read_raw(path) == whole);
    }
    CHECK(files_in(folder.path) == 1);
  }

  TEST_CASE("without a place to write there is no cache, and no harm") {
    std::string source = shader("values[0] = 5.0;");
    SpirvCache off("");
    CHECK(!off.get(source, "five").empty());
    TemporaryFolder folder;
    write_raw(folder.path / "file", "not a folder");
    SpirvCache blocked(folder.path / "file" / "cache");
    CHECK(!blocked.get(source, "five").empty());
    CHECK(blocked.compiled() == 1);
  }

  TEST_CASE("hashes differ where texts differ") {
    CHECK(hash_text("a") != hash_text("b"));
    CHECK(hash_text("") != hash_text(std::string(1, '\0')));
    CHECK(hash_text("abcdefgh") != hash_text("abcdefgh" + std::string(1, '\0')));
    CHECK(hash_text("same").hex() == hash_text("same").hex());
    CHECK(hash_text("same").hex().size() == 32);
  }

  TEST_CASE("a pipeline cache is kept, and garbage in its place is survived") {
    TemporaryFolder folder;
    if (!open_validated()) return;
    auto words = compile_glsl_uncached(shader("values[gl_GlobalInvocationID.x] = 6.0;"), "six");
    const BindingKind kinds[] = {BindingKind::storage_buffer};
    auto run = [&] {
      auto context = open_context("", {.validate = true, .cache_folder = folder.path});
      auto log = context->instance.log;
      make_pipeline(context, words, kinds, "six");
      context.reset();
      CHECK(log->count() == 0);
    };
    run();
    REQUIRE(files_in(folder.path) == 1);
    auto path = std::filesystem::directory_iterator(folder.path)->path();
    CHECK(path.filename().string().starts_with("pipelines-"));
    run();
    write_raw(path, "garbage");
    run();
    // A complete file whose content comes from no driver.
    std::vector<std::byte> nonsense(200, std::byte{7});
    write_cache_file(folder.path, path.filename().string(), nonsense);
    auto context = open_context("", {.validate = false, .cache_folder = folder.path});
    CHECK_NOTHROW(make_pipeline(context, words, kinds, "six"));
  }
}

}  // namespace hekla::vulkan::test
