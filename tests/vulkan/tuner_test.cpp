// The tuner: every choice gives the same results, choices are stored and pinned, and damaged files do no
// harm.
#include "backends/vulkan/tuner.h"

#include <thread>

#include "backends/vulkan/evaluator.h"
#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

// Integers, whose products are exact in any summation order.
struct Product {
  Tensor a = floor(random_uniform({37, 50}, random_key(1)) * 8);
  Tensor b = floor(random_uniform({50, 21}, random_key(2)) * 8);
  Product() {
    a = variable(tensor(a.to_vector(), a.shape()));
    b = variable(tensor(b.to_vector(), b.shape()));
  }
  Computation computation() const { return {.outputs = {relu(matmul(a, b) + 1)}}; }
  std::vector<float> on(const std::shared_ptr<Evaluator>& device) const {
    return compile(computation(), device).run()[0].to_vector();
  }
};

std::shared_ptr<VulkanDevice> tuned(const std::shared_ptr<Context>& context,
                                    const std::filesystem::path& folder, double seconds) {
  DeviceOptions options;
  options.tune = TuneOptions{.folder = folder, .seconds = seconds};
  return std::make_shared<VulkanDevice>(context, options);
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("tuning is asked for by 1 or by a folder") {
    CHECK(!TuneOptions::from("", "cache"));
    CHECK(!TuneOptions::from("0", "cache"));
    CHECK(TuneOptions::from("1", "cache")->folder == std::filesystem::path("cache") / "tuned");
    CHECK(TuneOptions::from("1", "cache")->seconds > 0);
    CHECK(TuneOptions::from("1", "")->folder.empty());
    CHECK(TuneOptions::from("pinned", "cache")->folder == "pinned");
    CHECK(TuneOptions::from("pinned", "cache")->seconds == 0);
  }

  TEST_CASE("a pinned choice is taken, and each computes the same") {
    testing::reference();
    auto context = open_validated();
    if (!context) return;
    const Product product;
    const std::vector<float> expected = product.on(testing::reference());
    const Target target = profile_of(*context).target;
    for (const MatmulTiles& tiles : family_for(target, f32).candidates(target.tile_limits(f32))) {
      TemporaryFolder folder;
      auto device = tuned(context, folder.path, 0);
      const Plan plan = make_plan(collect(product.computation()), {});
      REQUIRE(plan.kernels.size() == 1);
      device->tuner()->store(plan.kernels[0], plan.slots, tiles);
      CHECK(product.on(device) == expected);
      CHECK(device->tuner()->tiles_for(plan.kernels[0], plan.slots) == tiles);
      CHECK(device->tuner()->timed() == 0);
    }
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("what was timed once is found again, and damage is timed anew") {
    testing::reference();
    auto context = open_validated();
    if (!context) return;
    const Product product;
    const std::vector<float> expected = product.on(testing::reference());
    TemporaryFolder folder;
    auto first = tuned(context, folder.path, 1e-9);
    CHECK(product.on(first) == expected);
    CHECK(first->tuner()->timed() == 1);
    REQUIRE(files_in(folder.path).size() == 1);
    auto second = tuned(context, folder.path, 1e-9);
    CHECK(product.on(second) == expected);
    CHECK(second->tuner()->timed() == 0);

    std::ofstream(files_in(folder.path)[0]) << "damaged";
    auto pinned = tuned(context, folder.path, 0);
    CHECK(product.on(pinned) == expected);
    auto third = tuned(context, folder.path, 1e-9);
    CHECK(product.on(third) == expected);
    CHECK(third->tuner()->timed() == 1);
    CHECK(files_in(folder.path).size() == 1);
  }

  TEST_CASE("tuning needs no place to write, and several may tune at once") {
    testing::reference();
    auto context = open_validated();
    if (!context) return;
    const Product product;
    const std::vector<float> expected = product.on(testing::reference());
    TemporaryFolder folder;
    std::ofstream(folder.path / "file") << "in the way";
    CHECK(product.on(tuned(context, folder.path / "file", 1e-9)) == expected);

    const Plan plan = make_plan(collect(product.computation()), {});
    const std::filesystem::path shared = folder.path / "shared";
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back(
          [&] { tuned(context, shared, 1e-9)->tuner()->tiles_for(plan.kernels[0], plan.slots); });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(files_in(shared).size() == 1);
    CHECK(product.on(tuned(context, shared, 0)) == expected);
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
