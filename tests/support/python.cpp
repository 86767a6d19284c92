// See python.h.
#include "tests/support/python.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

namespace hekla::testing {

std::string python_with(const std::string& modules, bool is_required) {
  const char* named = std::getenv("HEKLA_PYTHON");
  for (const std::string& candidate : {std::string(named != nullptr ? named : ""), std::string("python3"),
                                       std::string("/usr/bin/python3")}) {
    if (candidate.empty()) continue;
    const std::string check = fmt::format("'{}' -c 'import {}' > /dev/null 2>&1", candidate, modules);
    if (std::system(check.c_str()) == 0) return candidate;
  }
  const char* required = std::getenv("HEKLA_REQUIRE_PYTORCH");
  const bool fails = is_required && required != nullptr && std::string_view(required) == "1";
  const std::string text = fmt::format("no Python here has {}", modules);
  if (fails) FAIL_CHECK(text);
  MESSAGE("SKIPPED: " << text);
  return {};
}

}  // namespace hekla::testing
