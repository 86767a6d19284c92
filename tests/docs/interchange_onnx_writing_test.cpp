// The code of docs/interchange.md on writing ONNX, compiled and run.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <span>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

const hk::Op gaussian{.name = "gaussian",
                      .kind = hk::Kind::elementwise,
                      .arity = 1,
                      .infer = hk::float_operands,
                      .glsl = "exp(-{0} * {0})",
                      .eval = [](std::span<const double> x, hk::DType) { return std::exp(-x[0] * x[0]); },
                      .onnx = "com.example:Gaussian"};

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs/interchange.md: writing ONNX") {
    set_default_device(reference());
    const test::TemporaryFolder folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    {
      hk::Sequential model({hk::Input({28, 28, 1}), hk::Conv2D(16, 3, "relu"), hk::MaxPooling2D(2),
                            hk::Flatten(), hk::Dense(10, "softmax")});
      hk::onnx::save(model, "model.onnx", {.input_names = {"images"}, .output_names = {"probabilities"}});
      CHECK(hk::onnx::load("model.onnx")(hk::zeros({7, 28, 28, 1})).shape() == Shape{7, 10});
    }
    auto distance = [](const hk::Tensor& x) { return hk::sqrt(hk::sum(hk::square(x), 1)); };
    hk::onnx::save(distance, {hk::input("x", {2, 3})}, "distance.onnx");
    CHECK(hk::onnx::load("distance.onnx")(hk::tensor({{3.0, 0, 4}})).item() == 5);
    hk::onnx::save([](const hk::Tensor& x) { return hk::apply(gaussian, {x}); }, {hk::input("x", {2, 3})},
                   "gaussian.onnx");
    std::filesystem::current_path(before);
  }
}

}  // namespace hekla::testing
