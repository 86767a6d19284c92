// Models written as ONNX and read again give what they gave before.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "graph/error.h"
#include "ops/ops.h"
#include "tests/onnx/models.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"
#include "train/files/npy.h"
#include "train/layers/layers.h"
#include "train/onnx/load.h"
#include "train/onnx/proto.h"
#include "train/onnx/save.h"

namespace hekla::testing {

namespace {}  // namespace

TEST_SUITE("onnx") {
  TEST_CASE("onnx: models for judges") {
    const std::filesystem::path folder = std::getenv("HEKLA_ONNX_FOLDER");
    for (const WrittenModel& written : written_models()) {
      onnx::save(written.model, folder / (written.name + ".onnx"));
      const auto save_all = [&](const std::vector<Tensor>& tensors, const char* kind) {
        for (std::size_t i = 0; i < tensors.size(); ++i)
          save_npy(folder / fmt::format("{}.{}_{}.npy", written.name, kind, i), tensors[i]);
      };
      save_all(written.inputs, "input");
      save_all(written.outputs(), "output");
    }
  }
  TEST_CASE("onnx: models that are written and read again") {
    const test::TemporaryFolder folder;
    for (const WrittenModel& written : written_models()) {
      CAPTURE(written.name);
      const auto path = folder.path() / (written.name + ".onnx");
      try {
        onnx::save(written.model, path);
      } catch (const Error& error) {
        FAIL_CHECK(error.what());
        continue;
      }
      const onnx::Function read = onnx::load(path);
      const std::vector<Tensor> expected = written.outputs();
      const std::vector<Tensor> actual = read(written.inputs);
      REQUIRE(actual.size() == expected.size());
      for (std::size_t i = 0; i < actual.size(); ++i) {
        REQUIRE(actual[i].shape() == expected[i].shape());
        CHECK(actual[i].dtype() == expected[i].dtype());
        const std::vector<double> a = reference_values(actual[i]);
        const std::vector<double> e = reference_values(expected[i]);
        for (std::size_t k = 0; k < a.size(); ++k) CHECK(a[k] == doctest::Approx(e[k]).epsilon(1e-5));
      }
    }
  }
}

}  // namespace hekla::testing
