// A user's own family of products and device profile, added from outside without a change to hekla.
#include "backends/vulkan/matmul_family.h"

#include "backends/vulkan/evaluator.h"
#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

// An invocation computes four neighbours of a row, without shared memory.
constexpr std::string_view skeleton = R"(
void run(uint group) {
  const uint row_tiles = (M + 15u) / 16u, column_tiles = (N + 15u) / 16u;
  uint place = gl_LocalInvocationID.x;
  uint batch = group / (row_tiles * column_tiles);
  uint row = group / column_tiles % row_tiles * 16u + place / 4u;
  uint column = group % column_tiles * 16u + place % 4u * 4u;
  if (row >= M || column >= N || batch >= BATCHES) return;
#if A_ALONG_K
  prepare_a(0u, batch, row);
#else
  prepare_a(0u, batch, row / 4u * 4u);
#endif
  [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s) prepare_b(s, batch, column + s);
  vec4 sum = vec4(0.0);
  for (uint k = 0u; k < K; k += 4u) {
    vec4 a;
#if A_ALONG_K
    a = load_a(0u, batch, row, k);
#else
    [[unroll]] for (uint i = 0u; i < 4u; ++i) a[i] = load_a(0u, batch, row / 4u * 4u, k + i)[row % 4u];
#endif
    [[unroll]] for (uint i = 0u; i < 4u; ++i) {
#if B_ALONG_K
      sum[i] += dot(a, load_b(i, batch, k, column + i));
#else
      sum += a[i] * load_b(0u, batch, k + i, column);
#endif
    }
  }
  store(batch, row, column, sum);
}
)";

const MatmulFamily plain_matmul{
    .name = "plain",
    .skeleton = [] { return skeleton; },
    .supports = [](const Target&, DType) { return true; },
    .choose = [](const MatmulSizes&, const TileLimits&) -> MatmulTiles {
      return {.family = &plain_matmul, .rows = 16, .columns = 16};
    },
    .local_size = [](const MatmulTiles&) -> std::uint32_t { return 64; },
    .shared_bytes = [](const MatmulTiles&) -> std::uint32_t { return 0; },
    .a_slots = [](const MatmulTiles&) -> std::uint32_t { return 1; },
    .b_slots = [](const MatmulTiles&, const MatmulSizes& sizes) -> std::uint32_t {
      return sizes.b_along_k ? 4 : 1;
    },
    .define = [](Definitions&, const MatmulTiles&, const MatmulSizes&, const Target&, DType) {}};

Tensor numbers(const Shape& shape) { return reshape(sin(cast(iota({shape.count()}, 0), f32)), shape); }

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("the built-in families are found by their files") {
    const auto families = matmul_families();
    CHECK(families.size() >= 3);
    for (const MatmulFamily* family : {&shuffle_matmul, &tiled_matmul, &cooperative_matmul})
      CHECK(std::ranges::count(families, family) == 1);
    for (const MatmulFamily* family : families) CHECK(!family->skeleton().empty());
  }

  TEST_CASE("a family of products and a profile from outside") {
    const auto context = open_validated();
    if (!context) return;
    const auto device = std::make_shared<VulkanDevice>(
        context, DeviceOptions{.adjust = [](Profile& profile) {
          profile = {.name = "a device of one's own",
                     .compiler = {.dispatch_work = 1e6, .max_operands = 4, .longest_fold = 16},
                     .target = {.matmul = &plain_matmul, .compute_units = 4}};
        }});
    CHECK(device->profile().name == "a device of one's own");
    for (const bool left_along : {true, false}) {
      for (const bool right_along : {true, false}) {
        CAPTURE(left_along);
        CAPTURE(right_along);
        const Tensor a = left_along ? numbers({3, 35, 22}) : swapaxes(numbers({3, 22, 35}), 1, 2);
        const Tensor b = right_along ? swapaxes(numbers({3, 17, 22}), 1, 2) : numbers({3, 22, 17});
        const Computation computation{.outputs = {relu(matmul(a, b)) + 1}};
        const std::vector<float> found = evaluate(computation, device)[0].to_vector();
        const std::vector<float> right = evaluate(computation, testing::reference())[0].to_vector();
        REQUIRE(found.size() == right.size());
        for (std::size_t i = 0; i < found.size(); ++i)
          CHECK(found[i] == doctest::Approx(right[i]).epsilon(1e-4));
        CHECK(compile(computation, device).describe().find("matmul 3 of 35 x 22 x 17") != std::string::npos);
      }
    }
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
