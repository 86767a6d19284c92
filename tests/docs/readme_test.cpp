// The README's first program is examples/first_model.cpp, which tests/examples/example.cmake runs.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/docs/pages.h"

namespace hekla::testing {

TEST_SUITE("docs") {
  TEST_CASE("README.md: the five lines are the first example") {
    const std::vector<std::string> examples = examples_in(text_of("README.md"));
    REQUIRE(!examples.empty());
    const std::string program = text_of("examples/first_model.cpp");
    CHECK(essence(program).find(essence(examples[0])) != std::string::npos);
    CHECK(std::ranges::count(program, '\n') <= 30);
  }
}

}  // namespace hekla::testing
