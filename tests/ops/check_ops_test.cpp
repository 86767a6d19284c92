// Runs the table of check_op, and checks that no descriptor is missing from it.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "tests/ops/lines.h"
#include "tests/support/devices.h"
#include "tests/support/repository.h"

namespace hekla::testing {

std::vector<Line> all_lines() {
  std::vector<Line> all;
  for (const auto lines :
       {unary_lines,   function_lines,  arithmetic_lines, logic_lines,  reduce_lines,      statistics_lines,
        loss_lines,    random_lines,    view_lines,       shape_lines,  product_lines,     indexing_lines,
        linalg_lines,  matrix_lines,    sort_lines,       create_lines, convolution_lines, image_lines,
        network_lines, recurrent_lines, model_lines}) {
    for (Line& line : lines()) all.push_back(std::move(line));
  }
  return all;
}

namespace {

std::string error_in(const Line& line) {
  try {
    check_op(line.name, line.function, line.operands, line.options, devices());
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

// A subcase for each line: hekla_tests -tc="check_op: views" -sc="slice*"
void run(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    SUBCASE(line.name.c_str()) {
      const std::string error = error_in(line);
      CHECK(error == "");
    }
  }
}

// The descriptors defined in ops/ and autodiff/: the variable's name without _op, and its member `name`.
std::map<std::string, std::string> descriptors() {
  std::map<std::string, std::string> found;
  const std::regex definition(R"(const Op (\w+)_op\{\s*\.name = \"(\w+)\")");
  for (const char* folder : {"ops", "autodiff"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(hekla::testing::repository() / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text(std::istreambuf_iterator<char>(file), {});
      for (std::sregex_iterator match(text.begin(), text.end(), definition), end; match != end; ++match) {
        found.emplace((*match)[1], (*match)[2]);
      }
    }
  }
  return found;
}

bool uses(const Line& line, const std::string& op_name) {
  std::vector<Tensor> operands;
  for (const Operand& operand : line.operands)
    operands.push_back(input("operand", operand.shape, operand.dtype));
  const Tensor result = line.function(operands);
  for (const Node* node : topological_order({&result, 1})) {
    if (node->op->name == op_name) return true;
  }
  return false;
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("check_op: functions and activations over shapes") { run(unary_lines()); }
  TEST_CASE("check_op: elementwise functions of one operand") { run(function_lines()); }
  TEST_CASE("check_op: elementwise functions of several operands") { run(arithmetic_lines()); }
  TEST_CASE("check_op: comparisons, logic, where and cast") { run(logic_lines()); }
  TEST_CASE("check_op: reductions") { run(reduce_lines()); }
  TEST_CASE("check_op: statistics and running sums") { run(statistics_lines()); }
  TEST_CASE("check_op: losses") { run(loss_lines()); }
  TEST_CASE("check_op: distributions and initial weights") { run(random_lines()); }
  TEST_CASE("check_op: views") { run(view_lines()); }
  TEST_CASE("check_op: joining, dividing, reordering and indexing") { run(shape_lines()); }
  TEST_CASE("check_op: matrix products and gather") { run(product_lines()); }
  TEST_CASE("check_op: take, take_along_axis, scatter_add and one_hot") { run(indexing_lines()); }
  TEST_CASE("check_op: products of tensors") { run(linalg_lines()); }
  TEST_CASE("check_op: equations, inverses and determinants") { run(matrix_lines()); }
  TEST_CASE("check_op: sorting") { run(sort_lines()); }
  TEST_CASE("check_op: leaves and random numbers") { run(create_lines()); }
  TEST_CASE("check_op: convolutions and pooling") { run(convolution_lines()); }
  TEST_CASE("check_op: images") { run(image_lines()); }
  TEST_CASE("check_op: normalizations, attention and Adam") { run(network_lines()); }
  TEST_CASE("check_op: recurrent cells and scans") { run(recurrent_lines()); }
  TEST_CASE("check_op: layers, losses, optimizers and models") { run(model_lines()); }

  TEST_CASE("every descriptor has a check_op line that uses it") {
    const std::map<std::string, std::string> expected = descriptors();
    CHECK(expected.size() >= 31);
    const std::vector<Line> lines = all_lines();
    for (const auto& descriptor : expected) {
      const std::string &name = descriptor.first, &op_name = descriptor.second;
      // The placeholder for a gradient in forward mode, which no result contains.
      if (name == "stand_in") continue;
      bool covered = false;
      for (const Line& line : lines) {
        covered = covered || (line.name.substr(0, line.name.find(' ')) == name && uses(line, op_name));
      }
      CAPTURE(name);
      CHECK(covered);
    }
  }
}

}  // namespace hekla::testing
