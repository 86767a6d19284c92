// Compiled graphs agree with the reference device, whatever fusion does.
#include <doctest/doctest.h>

#include <cmath>

#include "hekla.h"
#include "tests/compiler/random_graph.h"
#include "tests/compiler/variants.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

std::vector<std::vector<double>> results(std::uint32_t seed, int operations,
                                         const std::shared_ptr<Evaluator>& device) {
  const RandomGraph graph = random_graph(seed, operations);
  std::vector<std::vector<double>> results;
  for (const Tensor& output : evaluate({graph.outputs, graph.updates}, device))
    results.push_back(output.to_vector<double>());
  for (const Update& update : graph.updates) results.push_back(update.variable.to_vector<double>());
  return results;
}

// Operations are well conditioned (see random_graph), so rounding of some 1e-7 an operation stays far below
// this.
constexpr double tolerance = 2e-4;

void compare(std::uint32_t seed, int operations, const std::vector<Variant>& all) {
  const std::vector<std::vector<double>> expected = results(seed, operations, reference());
  for (const Variant& variant : all) {
    CAPTURE(seed);
    CAPTURE(variant.name);
    const std::vector<std::vector<double>> found = results(seed, operations, variant.device);
    for (std::size_t r = 0; r < expected.size(); ++r) {
      REQUIRE(found[r].size() == expected[r].size());
      double worst = 0;
      for (std::size_t i = 0; i < expected[r].size(); ++i) {
        worst = std::max(worst, std::fabs(found[r][i] - expected[r][i]) / (1 + std::fabs(expected[r][i])));
      }
      CHECK(worst < tolerance);
    }
  }
}

std::vector<Variant> all_variants() {
  std::vector<Variant> all = variants();
  all.insert(all.end(), in_few_dispatches().begin(), in_few_dispatches().end());
  all.insert(all.end(), binding_few().begin(), binding_few().end());
  return all;
}

// Devices that store little, so that kernels recompute what would otherwise be read from memory.
std::vector<Variant> that_store_little() {
  std::vector<Variant> all;
  if (!device()) return all;
  for (const bool fuse : {true, false}) {
    all.push_back({fuse ? "stores little" : "stores little, unfused",
                   std::make_shared<vulkan::VulkanDevice>(
                       variants().front().device->context(),
                       vulkan::DeviceOptions{.fuse = fuse, .adjust = [](vulkan::Profile& profile) {
                                               profile.compiler.max_stored_bytes = 256;
                                             }})});
  }
  return all;
}

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("random graphs of 20 operations") {
    for (std::uint32_t seed = 0; seed < 25; ++seed) compare(seed, 20, all_variants());
  }

  TEST_CASE("random graphs of 60 operations") {
    for (std::uint32_t seed = 1000; seed < 1006; ++seed) compare(seed, 60, all_variants());
  }

  TEST_CASE("random graphs where little is small enough to be stored") {
    const std::vector<Variant> all = that_store_little();
    for (std::uint32_t seed = 0; seed < 15; ++seed) compare(seed, 20, all);
  }
}

}  // namespace hekla::testing
