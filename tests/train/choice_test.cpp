// Names of all kinds: in any case of letters, and one error for what is unknown.
#include "graph/choice.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>

#include "graph/debug.h"
#include "ops/create.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/callbacks/callbacks.h"
#include "train/layers/layers.h"
#include "train/metrics/metrics.h"
#include "train/model/loss.h"

using namespace hekla;
using hekla::testing::error_of;

TEST_CASE("choice: names in any case of letters") {
  testing::reference();
  const std::array<std::pair<std::string_view, int>, 2> table{{{"one", 1}, {"two", 2}}};
  CHECK(choose("test", "Two", table) == 2);
  CHECK(error_of([&] { choose("test", "three", table); }) ==
        "[test] 'three' is unknown; choose one of one, two.");
  CHECK(error_of([&] { choose("test", "", table, "number"); }) ==
        "[test] number '' is unknown; choose one of one, two.");
  CHECK(Metric("Accuracy").name() == "accuracy");
  CHECK(Loss("Sparse_Categorical_CrossEntropy").takes_labels());
  CHECK(ActivationFunction("ReLU")(tensor({-1.0, 2})).to_vector() == std::vector<float>{0, 2});
  CHECK(Initializer("Ones")({1}, random_key(1)).item() == 1);
  CHECK(PaddingMode(PaddingName("SAME")) == PaddingMode::same);
  const EarlyStopping stopping({.mode = "Max"});
  const RandomFlip flip("Horizontal");
  const RandomZoom zoom(0.5, {}, {.fill_mode = "Wrap", .interpolation = "Nearest"});
  const Bidirectional both(LSTM(2), {.merge_mode = "Sum"});
}

#if !defined(_WIN32)
TEST_CASE("choice: switches of the environment") {
  const auto value = [](const char* text) {
    setenv("HEKLA_TEST_SWITCH", text, 1);
    const std::optional<bool> found = environment_switch("HEKLA_TEST_SWITCH");
    unsetenv("HEKLA_TEST_SWITCH");
    return found;
  };
  CHECK(value("1") == true);
  CHECK(value("0") == false);
  CHECK(!value(""));
  CHECK(!environment_switch("HEKLA_TEST_SWITCH"));
  CHECK(error_of([&] { value("yes"); }) == "[HEKLA_TEST_SWITCH] 'yes' is unknown; choose one of 0, 1.");
  unsetenv("HEKLA_TEST_SWITCH");
}
#endif
