// The embedded shaders are the files of shaders/, byte by byte.
#include "shaders/shaders.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "graph/error.h"
#include "tests/support/repository.h"

TEST_CASE("shaders: the embedded text is that of the files") {
  const auto folder = hekla::testing::repository() / "shaders";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension != ".comp" && extension != ".glsl") continue;
    CAPTURE(entry.path().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    CHECK(hekla::shader_text(entry.path().filename().string()) == text);
  }
}

TEST_CASE("shaders: an unknown name is an error") {
  CHECK_THROWS_WITH_AS(
      hekla::shader_text("lava.comp"),
      "[shader_text] no shader is named 'lava.comp'; shaders/ holds those that are embedded.", hekla::Error);
}
