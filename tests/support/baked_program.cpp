#include "tests/support/baked_program.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace hekla::testing {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> run_baked(const std::filesystem::path& folder, const std::string& body,
                             const BakedProgram& program) {
  std::ofstream(folder / "main.cpp")
      << "#include <cstdio>\n#include <memory>\n#include <vector>\n#include <cstring>\n#include <stdexcept>\n"
         "#include \"net.h\"\nint main() {\nstd::FILE* const out = std::fopen(\"out\", \"wb\");\n"
      << body << "return std::fclose(out);\n}\n";
  const std::string all = "cd '" + folder.string() + "' && " + program.compiler + " -std=c++17 " +
                          program.options + " -Wall -Wextra -Werror main.cpp net.cpp -o main " +
                          program.libraries + " && " + program.environment + program.runner +
                          " ./main > log 2>&1";
  CAPTURE(all);
  const int status = std::system(all.c_str());
  CAPTURE(content_of(folder / "log"));
  REQUIRE(status == 0);
  const std::string bytes = content_of(folder / "out");
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

}  // namespace hekla::testing
