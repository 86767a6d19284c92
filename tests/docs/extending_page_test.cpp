// The code on docs/extending.md is the code of the examples, which tests/examples/example.cmake runs.
#include <doctest/doctest.h>

#include "tests/docs/pages.h"

namespace hekla::testing {

TEST_SUITE("docs") {
  TEST_CASE("docs/extending.md: the page shows code of the examples") {
    // The source of each code block, in the order of the page.
    const std::vector<std::string> sources{"custom_model", "custom_op", "custom_kernel", "custom_op"};
    const std::vector<std::string> examples = examples_in(text_of("docs/extending.md"));
    REQUIRE(examples.size() == sources.size());
    for (std::size_t i = 0; i < examples.size(); ++i) {
      CAPTURE(examples[i]);
      CHECK(examples[i].size() > 40);
      CHECK(unindented(text_of("examples/" + sources[i] + ".cpp")).find(unindented(examples[i])) !=
            std::string::npos);
    }
  }
}

}  // namespace hekla::testing
