// Python, for tests that compare with its packages.
#pragma once

#include <string>

namespace hekla::testing {

/// The Python that has these modules, "torch": the one that HEKLA_PYTHON names or one of the system. Empty, with a
/// message, where there is none; under `HEKLA_REQUIRE_PYTORCH=1` that fails the test if `is_required`.
std::string python_with(const std::string& modules, bool is_required = true);

}  // namespace hekla::testing
