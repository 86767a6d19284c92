// docs/coverage.md is what keras_names.txt and torch_names.txt say, and the names of hekla there are declared.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/headers.h"
#include "tests/docs/pages.h"
#include "tests/support/repository.h"

namespace hekla::testing {

namespace {

struct Line {
  std::string module, name;  // of the peer
  std::string ours;          // a name, several, or an expression; empty where it is missing
  std::string remark;        // or the reason why it is missing

  bool is_missing() const { return ours.empty(); }
};

std::vector<std::string> fields_of(const std::string& line) {
  const std::string bar = " | ";
  std::vector<std::string> fields;
  std::size_t begin = 0;
  for (std::size_t end; (end = line.find(bar, begin)) != std::string::npos; begin = end + bar.size()) {
    fields.push_back(line.substr(begin, end - begin));
  }
  fields.push_back(line.substr(begin));
  return fields;
}

std::vector<Line> lines_of(const std::string& path) {
  const std::string missing = "missing: ";
  std::vector<Line> lines;
  std::istringstream text(text_of(path));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("#")) continue;
    const std::vector<std::string> fields = fields_of(line);
    REQUIRE_MESSAGE((fields.size() == 3 || fields.size() == 4), path << ": " << line);
    for (const std::string& field : fields) REQUIRE_MESSAGE(!field.empty(), path << ": " << line);
    Line read{fields[0], fields[1], fields[2], fields.size() == 4 ? fields[3] : ""};
    if (read.ours.starts_with(missing)) {
      REQUIRE_MESSAGE(read.remark.empty(), path << ": " << line);
      read.remark = read.ours.substr(missing.size());
      read.ours.clear();
    }
    lines.push_back(std::move(read));
  }
  return lines;
}

const std::vector<Line>& all_names() {
  static const std::vector<Line> all = [] {
    std::vector<Line> lines = lines_of("tests/docs/keras_names.txt");
    for (Line& line : lines_of("tests/docs/torch_names.txt")) lines.push_back(std::move(line));
    return lines;
  }();
  return all;
}

const std::set<std::string>& declared_names() {
  static const std::set<std::string> all = [] {
    std::set<std::string> names;
    for (const char* folder : {"ops", "train", "autodiff"}) {
      for (const Header& header : headers_of(repository(), folder)) {
        for (const Declaration& declaration : header.declarations) {
          names.insert(declaration.names.begin(), declaration.names.end());
        }
      }
    }
    return names;
  }();
  return all;
}

// True for one or more names, false for an expression.
bool is_names(const std::string& ours) { return std::regex_match(ours, std::regex(R"(\w+(, \w+)*)")); }

// What is named, or called in an expression, and not declared. Members are not looked up.
std::vector<std::string> undeclared(const std::string& ours) {
  const std::regex word(is_names(ours) ? R"(\w+)" : R"([\w.:]+(?=\())");
  std::vector<std::string> unknown;
  for (auto at = std::sregex_iterator(ours.begin(), ours.end(), word); at != std::sregex_iterator(); ++at) {
    const bool is_member = at->str().find_first_of(".:") != std::string::npos;
    if (!is_member && !declared_names().contains(at->str())) unknown.push_back(at->str());
  }
  return unknown;
}

std::vector<std::string> modules() {
  std::vector<std::string> all;
  for (const Line& line : all_names()) {
    if (std::find(all.begin(), all.end(), line.module) == all.end()) all.push_back(line.module);
  }
  return all;
}

std::vector<Line> lines_of_module(const std::string& module) {
  std::vector<Line> lines;
  std::copy_if(all_names().begin(), all_names().end(), std::back_inserter(lines),
               [&](const Line& line) { return line.module == module; });
  return lines;
}

std::string table_of(const std::string& module) {
  const std::vector<Line> lines = lines_of_module(module);
  const auto missing = std::count_if(lines.begin(), lines.end(), std::mem_fn(&Line::is_missing));
  const auto expressions = std::count_if(lines.begin(), lines.end(), [](const Line& line) {
    return !line.is_missing() && !is_names(line.ours);
  });
  std::string page = fmt::format("\n## {}: {} of {}\n\n", module, lines.size() - missing, lines.size());
  page += fmt::format("{} under a name of its own, {} as an expression; {} missing.\n\n",
                      lines.size() - missing - expressions, expressions, missing);
  page += fmt::format("| {} | hekla | remark |\n| --- | --- | --- |\n", module);
  for (const Line& line : lines) {
    page += fmt::format("| `{}` | {} | {} |\n", line.name,
                        line.is_missing() ? "missing" : fmt::format("`{}`", line.ours), line.remark);
  }
  return page;
}

std::string coverage_page() {
  std::string page =
      "# What of Keras and PyTorch is there\n\n"
      "The public classes of Keras 3.15 and the functions of PyTorch 2.15 that compute, each with what hekla "
      "has "
      "in its\nplace. The test `docs: coverage.md` makes this page of `tests/docs/keras_names.txt` and "
      "`tests/docs/torch_names.txt`, which\nsay what is listed, and checks that the names of hekla are "
      "declared; to "
      "bring it up to date, run that test with\n`HEKLA_UPDATE_GOLDEN=1`.\n\n"
      "A name counts where it computes the same for real numbers of hekla's dtypes. Everywhere, these may "
      "differ:\n\n"
      "- numbers are f32 and i32 where PyTorch has f64 and i64; functions of f32 take integers after a "
      "`cast`;\n"
      "- images are channels last, `[batch, height, width, channels]`, and weights have Keras's layout;\n"
      "- windows are padded `valid` or `same`; other paddings are those of `pad` before them;\n"
      "- the targets of a loss come before the predictions;\n"
      "- random functions take a key;\n"
      "- defaults are Keras's or NumPy's, and there are fewer options where the header has fewer "
      "([`training.md`](training.md),\n  [`operations.md`](operations.md)).\n";
  for (const std::string& module : modules()) page += table_of(module);
  return page;
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs: coverage.md is what the lists of names say") {
    const std::string path = "docs/coverage.md";
    if (std::getenv("HEKLA_UPDATE_GOLDEN")) {
      std::ofstream(repository() / path) << coverage_page();
      return;
    }
    CHECK_MESSAGE(coverage_page() == text_of(path),
                  "run this test with HEKLA_UPDATE_GOLDEN=1 and look at the difference");
  }

  TEST_CASE("docs: the names of hekla that stand for Keras's and PyTorch's are declared") {
    CHECK(undeclared("relu").empty());
    CHECK(undeclared("min(x), max(x)").empty());
    CHECK(undeclared("model.fit(sum(x.shape()))").empty());
    CHECK(undeclared("reluu") == std::vector<std::string>{"reluu"});
    CHECK(undeclared("relu, reluu") == std::vector<std::string>{"reluu"});
    CHECK(undeclared("mean(reluu(x) - sum(y))") == std::vector<std::string>{"reluu"});
    for (const Line& line : all_names()) {
      CHECK_MESSAGE(undeclared(line.ours).empty(), line.module << "." << line.name << ": " << line.ours);
    }
  }

  TEST_CASE("docs: a name of Keras or PyTorch is listed once") {
    std::set<std::string> names;
    for (const Line& line : all_names()) {
      CHECK_MESSAGE(names.insert(line.module + "." + line.name).second, line.module << "." << line.name);
    }
    CHECK(modules() == std::vector<std::string>{"keras.layers", "keras.losses", "keras.metrics",
                                                "keras.optimizers", "keras.callbacks", "torch",
                                                "torch.nn.functional"});
  }

  TEST_CASE("docs: the share of Keras's layers, losses, metrics and optimizers that are missing") {
    std::size_t missing = 0, all = 0;
    for (const char* module : {"keras.layers", "keras.losses", "keras.metrics", "keras.optimizers"}) {
      for (const Line& line : lines_of_module(module)) {
        ++all;
        missing += line.is_missing();
      }
    }
    CHECK(all > 200);
    CHECK(static_cast<double>(missing) / static_cast<double>(all) <= 0.05);
  }
}

}  // namespace hekla::testing
