// The main function of hekla_tests; the test cases are in the folders beside this file, one folder per layer.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdio>

#include "backends/vulkan/validation.h"

int main(int argc, char** argv) {
  const int failed = doctest::Context(argc, argv).run();
  // Whichever test caused it: a single message of the validation layers is a failure.
  const int messages = hekla::vulkan::ValidationLog::total();
  if (messages > 0) fmt::print(stderr, "{} validation messages; none is allowed.\n", messages);
  return failed != 0 ? failed : messages > 0 ? 1 : 0;
}
