// How many shaders the training steps of common models need: compiling them is most of the time to a first step.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

#include "backends/vulkan/emit_plan.h"
#include "bench/support/models.h"

namespace hekla::vulkan::test {

namespace {

struct Count {
  std::size_t kernels, shaders;
  bool operator==(const Count&) const = default;
};

Count count_of(const bench::Step& step) {
  const Target target = for_few_runs({.texel_reads = true,
                                      .max_texels = 1 << 27,
                                      .matmul = &shuffle_matmul,
                                      .reduce_lanes = 1,
                                      .compute_units = 2,
                                      .max_buffers = 32,
                                      .max_texel_buffers = 64});
  const Plan plan = make_plan(collect(step.build()), {});
  std::set<std::string> sources;
  for (const EmittedKernel& kernel :
       emit_plan(plan, target, std::vector<std::optional<MatmulTiles>>(plan.kernels.size())))
    sources.insert(kernel.glsl);
  return {plan.kernels.size(), sources.size()};
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("equal work is done by equal kernels") {
    const auto expect = [](std::string_view model, const bench::Step& step, Count expected) {
      CAPTURE(model);
      const Count found = count_of(step);
      CHECK(found.kernels == expected.kernels);
      CHECK(found.shaders == expected.shaders);
    };
    expect("mlp", bench::given_step(bench::mlp(), bench::adam(), 32), {7, 7});
    expect("cnn", bench::given_step(bench::cnn(), bench::adam(), 32), {20, 20});
    expect("lstm", bench::lstm_step(50), {24, 20});
    expect("lstm, longer", bench::lstm_step(200), {24, 20});
    expect("residual", bench::residual_step(), {151, 64});
    expect("decoder", bench::decoder_step(), {118, 74});
  }
}

}  // namespace hekla::vulkan::test
