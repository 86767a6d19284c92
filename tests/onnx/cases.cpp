// Runs the cases of ONNX's own test suite: folders with a model, its inputs and the outputs that are right.
//
//   hekla_onnx_cases FOLDER.. --skips FILE --least COUNT
//
// A case whose name matches a line of the file of skips is expected to fail: it is a fault if it passes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "backends/device.h"
#include "backends/vulkan/validation.h"
#include "graph/error.h"
#include "graph/run/evaluator.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"
#include "train/onnx/load.h"
#include "train/onnx/proto.h"

namespace {

namespace fs = std::filesystem;
using namespace hekla;

struct Skip {
  std::regex names;
  std::string reason;
};

// Lines of a pattern of names and a reason: "test_string_.* | strings".
void read_skips(const std::string& path, std::vector<Skip>& skips) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t bar = line.find(" | ");
    if (line.empty() || line[0] == '#' || bar == std::string::npos) continue;
    skips.push_back({std::regex(line.substr(0, bar)), line.substr(bar + 3)});
  }
}

const Skip* skip_of(const std::vector<Skip>& skips, const std::string& name) {
  const auto found =
      std::ranges::find_if(skips, [&](const Skip& skip) { return std::regex_match(name, skip.names); });
  return found == skips.end() ? nullptr : &*found;
}

std::vector<onnx::TensorProto> read_tensors(const fs::path& folder, const std::string& kind) {
  std::vector<onnx::TensorProto> tensors;
  for (int i = 0; fs::exists(folder / fmt::format("{}_{}.pb", kind, i)); ++i) {
    files::Source source("onnx::load", folder / fmt::format("{}_{}.pb", kind, i));
    tensors.push_back(onnx::read_tensor(source));
  }
  return tensors;
}

// What differs, or nothing.
std::string difference(const Tensor& actual, const Tensor& expected, double relative, double absolute) {
  if (!(actual.shape() == expected.shape()) || actual.dtype() != expected.dtype())
    return fmt::format("{} in place of {}", describe(actual), describe(expected));
  const std::vector<double> a = actual.to_host().to<double>();
  const std::vector<double> e = expected.to_host().to<double>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i] == e[i] || (std::isnan(a[i]) && std::isnan(e[i]));
    if (!same && !(std::abs(a[i] - e[i]) <= absolute + relative * std::abs(e[i])))
      return fmt::format("element {} is {} in place of {}", i, a[i], e[i]);
  }
  return {};
}

// Of the rounding of f16 and bf16, one unit and a little more.
double tolerance(DType dtype, double of_f32) {
  if (dtype == DType::f16) return std::max(of_f32, 2e-3);
  return dtype == DType::bf16 ? std::max(of_f32, 1.6e-2) : of_f32;
}

void run_case(const fs::path& folder, double relative, double absolute) {
  const onnx::Function function = onnx::load(folder / "model.onnx");
  for (int set = 0; fs::exists(folder / fmt::format("test_data_set_{}", set)); ++set) {
    const fs::path data = folder / fmt::format("test_data_set_{}", set);
    std::vector<Tensor> inputs;
    for (const onnx::TensorProto& each : read_tensors(data, "input")) {
      if (!each.tensor.defined()) throw Error(fmt::format("input '{}' does not fit", each.name));
      // Inputs that are initializers, too, keep those.
      if (inputs.size() < function.inputs().size()) inputs.push_back(each.tensor);
    }
    const std::vector<Tensor> outputs = function(inputs);
    const std::vector<onnx::TensorProto> expected = read_tensors(data, "output");
    if (expected.empty() || outputs.size() != expected.size())
      throw Error(fmt::format("{} outputs in place of {}", outputs.size(), expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (!expected[i].tensor.defined()) throw Error(fmt::format("output {} does not fit", i));
      const DType dtype = expected[i].tensor.dtype();
      const std::string what =
          difference(outputs[i], expected[i].tensor, tolerance(dtype, relative), tolerance(dtype, absolute));
      if (!what.empty()) throw Error(fmt::format("output {}: {}", i, what));
    }
  }
}

// A network without its weights, beside the output that is right for an input of equally spaced numbers from 0 to 1.
void run_light(const fs::path& model, double relative, double absolute) {
  const onnx::Function function = onnx::load(model);
  if (function.inputs().size() != 1) throw Error(fmt::format("{} inputs", function.inputs().size()));
  const Shape shape(function.inputs()[0].shape);
  const Tensor x = reshape(arange(shape.count(), f32) / static_cast<double>(shape.count()), shape);
  files::Source source("onnx::load",
                       fs::path(model).replace_filename(model.stem().string() + "_output_0.pb"));
  const std::string what =
      difference(function(x).eval(), onnx::read_tensor(source).tensor, relative, absolute);
  if (!what.empty()) throw Error(what);
}

std::vector<fs::path> cases_in(const std::vector<std::string>& folders) {
  std::vector<fs::path> cases;
  for (const std::string& folder : folders) {
    if (fs::exists(fs::path(folder) / "model.onnx")) {
      cases.emplace_back(folder);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (fs::exists(entry.path() / "model.onnx") || entry.path().extension() == ".onnx")
        cases.push_back(entry.path());
    }
  }
  std::ranges::sort(cases);
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs cases of ONNX's test suite"};
  std::vector<std::string> folders;
  std::vector<std::string> skips_files;
  std::string only, device;
  int least = 0;
  bool verbose = false;
  double relative = 1e-3, absolute = 1e-6;
  app.add_option("folders", folders, "cases, or folders of cases")->required()->check(CLI::ExistingDirectory);
  app.add_option("--skips", skips_files, "patterns of names and reasons")->check(CLI::ExistingFile);
  app.add_option("--least", least, "how many must pass");
  app.add_option("--only", only, "a regular expression of names");
  app.add_option("--device", device, "as HEKLA_DEVICE names it, which stands here otherwise");
  app.add_option("--relative", relative, "how far a number may be off");
  app.add_option("--absolute", absolute, "how far a number may be off");
  app.add_flag("--verbose", verbose, "names the cases that are skipped, too");
  CLI11_PARSE(app, argc, argv);

  set_default_device(open_device(device));
  std::vector<Skip> skips;
  for (const std::string& file : skips_files) read_skips(file, skips);
  int passed = 0, skipped = 0, failed = 0;
  for (const fs::path& folder : cases_in(folders)) {
    const std::string name = folder.filename().string();
    if (!only.empty() && !std::regex_match(name, std::regex(only))) continue;
    const Skip* skip = skip_of(skips, name);
    std::string what;
    try {
      if (folder.extension() == ".onnx")
        run_light(folder, relative, absolute);
      else
        run_case(folder, relative, absolute);
    } catch (const std::exception& error) {
      what = error.what();
    }
    if (what.empty() && skip == nullptr) {
      ++passed;
    } else if (!what.empty() && skip != nullptr) {
      ++skipped;
      if (verbose) std::cout << "skipped " << name << ": " << skip->reason << ": " << what << "\n";
    } else {
      ++failed;
      std::cout << "FAILED " << name << ": " << (what.empty() ? "passes, but is among the skips" : what)
                << std::endl;
    }
  }
  std::cout << fmt::format("{} passed, {} skipped, {} failed\n", passed, skipped, failed);
  if (passed < least) std::cout << fmt::format("At least {} have to pass.\n", least);
  const int messages = vulkan::ValidationLog::total();
  if (messages > 0) std::cout << fmt::format("{} validation messages; none is allowed.\n", messages);
  return failed > 0 || passed < least || messages > 0 ? 1 : 0;
}
