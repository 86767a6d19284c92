// docs/operations.md and docs/training.md match the headers of ops/ and train/. Every public function there
// has a docstring, and every one that makes a tensor has a check_op line.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/docs/headers.h"
#include "tests/docs/pages.h"
#include "tests/ops/lines.h"
#include "tests/support/repository.h"

namespace hekla::testing {

namespace {

const std::vector<Header>& headers() {
  static const std::vector<Header> all = headers_of(repository(), "ops");
  return all;
}

// True for what hekla.h includes, directly or through headers that include a folder's others.
bool in_umbrella(const std::string& path) {
  const std::string included = "#include \"" + path + "\"";
  for (const char* file : {"hekla.h", "train/layers/layers.h", "train/callbacks/callbacks.h",
                           "train/model/model.h", "train/metrics/metrics.h"}) {
    if (text_of(file).find(included) != std::string::npos) return true;
  }
  return false;
}

// The headers for users of train/, without the internals of files and models.
std::vector<Header> training_headers() {
  std::vector<Header> all;
  for (const char* folder : {"train/model", "train/layers", "train/metrics", "train/callbacks", "train/data",
                             "train/files", "train/torch"}) {
    for (Header& header : headers_of(repository(), folder)) all.push_back(std::move(header));
  }
  std::erase_if(all, [](const Header& header) { return !in_umbrella(header.path); });
  return all;
}

void check_page(const std::string& path, const std::string& page) {
  if (std::getenv("HEKLA_UPDATE_GOLDEN")) {
    std::ofstream(repository() / path) << page;
    return;
  }
  CHECK_MESSAGE(page == text_of(path), "run this test with HEKLA_UPDATE_GOLDEN=1 and look at the difference");
}

const Header& header(const std::string& path) {
  for (const Header& each : headers()) {
    if (each.path == path) return each;
  }
  FAIL("no header " << path);
  return headers()[0];
}

// Functions that make tensors and need no line of their own, with the reason.
const std::map<std::string, std::string>& exceptions() {
  static const std::map<std::string, std::string> all{
      {"tensor", "makes the operands of every line"},
      {"copy_of", "what tensor calls for a view of another library"},
      {"tensor_as", "what tensor calls where it is given a dtype"},
      {"variable", "a leaf, which computes nothing"},
      {"input", "a leaf, which computes nothing"},
      {"variables", "finds leaves and computes nothing"},
      {"broadcast_operands", "the part of every elementwise function that broadcasts"},
      {"reverse_order", "a part of minimum, min and argmin"},
      {"without_factor", "a part of gradient rules, in the lines of sqrt, abs and norm"},
      {"spaced", "arange after its numbers are converted"},
      {"carrier", "what with_gradient returns, in all of its tests"},
      {"spatial_patches", "what convolutions and pooling read, in all of their lines"},
      {"overlap_add", "adds up the windows of transposed convolutions and of fold, in all of their lines"},
      {"resize_axis", "resize of one axis, in all of its lines"},
      {"spatial_borders", "makes sizes, which hold no tensor"},
      {"spatial_windows", "makes sizes, which hold no tensor"},
      {"random_key", "makes a key, which computes nothing"},
      {"moving_average", "a part of most optimizers, in all of their tests"},
      {"bias_correction", "a part of Adam and its kin, in all of their tests"},
      {"checked_targets", "a part of losses, in all of their lines"},
      {"smoothed_targets", "a part of cross-entropies, in all of their lines"},
      {"reduced_losses", "a part of losses, in all of their lines"},
      {"target_times_log", "a part of cross-entropies of logits, in all of their lines"},
      {"lu_factor", "a part of solve and det, in all of their lines"},
      {"lu_solve", "a part of solve, in all of its lines"},
      {"lu_parity", "a part of det, in all of its lines"},
      {"with_whole_blocks", "a part of matrices of several blocks, in their test"},
      {"joined_columns", "a part of matrices of several blocks, in their test"},
      {"joined_rows", "a part of matrices of several blocks, in their test"},
      {"corner", "a part of matrices of several blocks, in their test"},
      {"adam_rule", "a part of Adam and Muon, in all of their tests"},
      {"root_of", "a part of RMSprop and Adagrad, in all of their tests"},
  };
  return all;
}

// Return types: tensors, lists of them, and the structs of some functions.
std::set<std::string> tensor_types() {
  std::set<std::string> types{"Tensor"};
  for (const Header& each : headers()) {
    for (const Declaration& declaration : each.declarations) {
      if (declaration.result.empty()) types.insert(declaration.names[0]);
    }
  }
  std::set<std::string> all = types;
  for (const std::string& type : types) all.insert(fmt::format("std::vector<{}>", type));
  return all;
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs: operations.md is what the headers of ops/ say") {
    check_page(
        "docs/operations.md",
        page_of(
            "Operations",
            "Every public function of `ops/`, made from the headers by the test `docs: operations.md`; to "
            "bring it up to date,\n"
            "run that test with `HEKLA_UPDATE_GOLDEN=1`. All are in namespace `hekla` (`hk` for short) and "
            "come with\n"
            "`#include <hekla.h>`. Shapes are written `[rows, columns]`, `..` stands for any number of axes, "
            "and negative axes\n"
            "count from the end. What is said to be refused is refused with a `hekla::Error` where the "
            "graph is built.",
            headers()));
  }

  TEST_CASE("docs: training.md is what the headers of train/ say") {
    check_page(
        "docs/training.md",
        page_of(
            "Models, layers, data, training",
            "The types and functions of `train/`, made from the headers by the test `docs: training.md`; to "
            "bring it up to date,\n"
            "run that test with `HEKLA_UPDATE_GOLDEN=1`. The members and options of each are in its header. "
            "`from-keras.md` teaches\n"
            "the use of them; optimizers and schedules are in `operations.md`.",
            training_headers()));
  }

  TEST_CASE("docs: the headers are read whole") {
    std::map<std::string, const Declaration*> found;
    for (const Declaration& each : header("ops/random.h").declarations) found[each.names[0]] = &each;
    REQUIRE(found.contains("random_uniform"));
    const Declaration& uniform = *found["random_uniform"];
    CHECK(uniform.result == "Tensor");
    CHECK(uniform.signatures == std::vector<std::string>{"Tensor random_uniform(const Shape& shape, const "
                                                         "RandomKey& key, double low = 0, double high = 1)"});
    CHECK(uniform.text == "f32, uniform in [low, high): the upper 24 bits as a fraction.");
    REQUIRE(found.contains("RandomKey"));
    CHECK(found["RandomKey"]->signatures == std::vector<std::string>{"struct RandomKey"});
    CHECK(!found.contains("random_bits_op"));
    found.clear();
    for (const Declaration& each : header("ops/elementwise.h").declarations) found[each.names[0]] = &each;
    REQUIRE(found.contains("add"));
    CHECK(found["add"]->text == "a + b");
    CHECK(found["add"]->section.starts_with("Arithmetic on f32, i32 and u32."));
    std::size_t functions = 0;
    for (const Header& each : headers()) functions += each.declarations.size();
    CHECK(functions > 150);
  }

  TEST_CASE("docs: every public function of ops/ and train/ has a docstring") {
    std::vector<Header> all = headers();
    for (Header& each : training_headers()) all.push_back(std::move(each));
    for (const Header& each : all) {
      CHECK_MESSAGE(!each.intro.empty(), each.path);
      for (const Declaration& declaration : each.declarations) {
        if (!declaration.result.empty())
          CHECK_MESSAGE(!declaration.text.empty(), each.path << ": " << declaration.names[0]);
      }
    }
  }

  TEST_CASE("every public function of ops/ that makes tensors has a check_op line") {
    std::set<std::string> lines;
    for (const Line& line : all_lines()) lines.insert(line.name.substr(0, line.name.find_first_of(" ,")));
    const std::set<std::string> results = tensor_types();
    std::set<std::string> used;
    for (const Header& each : headers()) {
      for (const Declaration& declaration : each.declarations) {
        if (!results.contains(declaration.result)) continue;
        for (const std::string& name : declaration.names) {
          if (exceptions().contains(name)) {
            used.insert(name);
          } else {
            CHECK_MESSAGE(lines.contains(name), each.path << ": " << name << " has no line");
          }
        }
      }
    }
    for (const auto& exception : exceptions()) {
      CHECK_MESSAGE(used.contains(exception.first), exception.first << " is excused but not declared");
    }
  }
}

}  // namespace hekla::testing
