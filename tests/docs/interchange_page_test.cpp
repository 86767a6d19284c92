// The code and the lists of docs/interchange.md.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "hekla.h"
#include "tests/docs/pages.h"
#include "tests/onnx/loaded.h"
#include "tests/onnx/models.h"
#include "tests/support/devices.h"
#include "tests/support/repository.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

const std::string page = "docs/interchange.md";

std::string operations_section() {
  const std::vector<std::string_view> names = onnx::supported_operations();
  std::string lines = fmt::format("These {} of ONNX's own domain, of opsets up to 24:\n\n", names.size());
  std::string line;
  for (const std::string_view name : names) {
    const std::string word = fmt::format("`{}`{}", name, name == names.back() ? "." : ",");
    if (line.size() + 1 + word.size() > 120) {
      lines += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return lines + line + "\n";
}

std::string skips_section() {
  std::string table = "| cases | why |\n| --- | --- |\n";
  for (const char* file : {"tests/onnx/skips.txt", "tests/onnx/skips_of_reference.txt"}) {
    std::istringstream text(text_of(file));
    for (std::string line; std::getline(text, line);) {
      const std::size_t bar = line.find(" | ");
      if (line.starts_with("#") || bar == std::string::npos) continue;
      std::string names = line.substr(0, bar);
      for (std::size_t at = 0; (at = names.find('|', at)) != std::string::npos; at += 2)
        names.insert(at, "\\");
      table += fmt::format("| `{}` | {} |\n", names, line.substr(bar + 3));
    }
  }
  return table;
}

// The page with these lines between the marks.
std::string with_section(std::string text, std::string_view name, const std::string& lines) {
  const std::string begin = fmt::format("<!-- {} -->\n", name);
  const std::size_t from = text.find(begin);
  REQUIRE(from != std::string::npos);
  const std::size_t to = text.find("<!-- end -->", from);
  REQUIRE(to != std::string::npos);
  return text.replace(from + begin.size(), to - from - begin.size(), lines);
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs/interchange.md: models of ONNX") {
    if (!device()) return;
    set_default_device(device());
    const test::TemporaryFolder folder;
    write(folder, "net.onnx", onnx::written(conv_net()));
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    const Tensor images = pattern({16, 2, 6, 6});
    const Tensor labels = cast(sum(images, {1, 2, 3}) > 0.0, i32);

    const hk::onnx::Function net = hk::onnx::load("net.onnx");
    const hk::Tensor scores = net(images);  // images: [n, 2, 6, 6], channels first, as the file has them
    CHECK(scores.shape() == Shape{16, 3});
    CHECK(net.weight("kernel").shape() == Shape{3, 2, 3, 3});

    hk::Sequential model({net, hk::Dense(10, hk::softmax)});
    model.compile({.optimizer = hk::Adam(), .loss = "sparse_categorical_crossentropy"});
    model.fit(images, labels, {.epochs = 2, .verbose = 0});

    const hk::onnx::Function features = hk::onnx::load("net.onnx", {.outputs = {"g"}});
    CHECK(features(images).shape() == Shape{16, 3, 1, 1});
    std::filesystem::current_path(before);
    set_default_device(reference());
  }

  TEST_CASE("docs/interchange.md: the page shows the code that was run") {
    std::string run;
    for (const char* part : {"page", "onnx_writing", "weights"})
      run += essence(text_of(fmt::format("tests/docs/interchange_{}_test.cpp", part)));
    const std::vector<std::string> examples = examples_in(text_of(page));
    CHECK(examples.size() == 12);
    for (const std::string& example : examples) {
      CAPTURE(example);
      CHECK(run.find(essence(example)) != std::string::npos);
    }
  }

  TEST_CASE("docs: interchange.md lists the operations that are read and what is left out") {
    const std::string text = text_of(page);
    const std::string made =
        with_section(with_section(text, "operations", operations_section()), "skips", skips_section());
    if (std::getenv("HEKLA_UPDATE_GOLDEN")) {
      std::ofstream(repository() / page) << made;
      return;
    }
    CHECK_MESSAGE(made == text, "run this test with HEKLA_UPDATE_GOLDEN=1 and look at the difference");
  }
}

}  // namespace hekla::testing
