// Compares networks that pytorch_models.py exported with what PyTorch computed: scores, and gradients of all weights.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "autodiff/grad.h"
#include "graph/error.h"
#include "ops/ops.h"
#include "train/files/npy.h"
#include "train/onnx/load.h"

namespace {

using namespace hekla;

// The largest difference, relative to the largest number.
double difference(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape())) throw Error(fmt::format("{} beside {}", describe(a), describe(b)));
  return max(abs(a - b)).item<double>() / (1e-6 + max(abs(b)).item<double>());
}

bool compare(const std::filesystem::path& model) {
  const auto beside = [&](const char* extension) {
    return std::filesystem::path(model).replace_extension(extension);
  };
  const onnx::Function function = onnx::load(model);
  const Tensor x = load_npy(beside(".x.npy"));
  const Tensor y = function(x);
  const double of_scores = difference(y, load_npy(beside(".y.npy")));
  std::vector<Tensor> weights, expected;
  for (const NamedTensor& gradient : load_npz(beside(".gradients.npz"))) {
    weights.push_back(function.weight(gradient.name));
    expected.push_back(gradient.tensor);
  }
  const Tensor loss = sparse_categorical_crossentropy_from_logits(arange(x.size(0)), y);
  const std::vector<Tensor> gradients = evaluate({.outputs = grad(loss, weights)});
  double of_gradients = 0;
  for (std::size_t i = 0; i < gradients.size(); ++i)
    of_gradients = std::max(of_gradients, difference(gradients[i], expected[i]));
  fmt::print("{}: scores differ by {:.1e}, {} gradients by {:.1e}\n", model.stem().string(), of_scores,
             gradients.size(), of_gradients);
  return of_scores <= 1e-4 && of_gradients <= 1e-4 && !gradients.empty();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  int compared = 0;
  bool all = true;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.path().extension() != ".onnx") continue;
    all = compare(entry.path()) && all;
    ++compared;
  }
  return all && compared == 4 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
