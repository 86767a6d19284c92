// Both matmul skeletons against a product in double precision, in every layout, form and tile.
#include <cmath>

#include "backends/vulkan/commands.h"
#include "backends/vulkan/profile.h"
#include "tests/vulkan/matmul_harness.h"

namespace hekla::vulkan::test {
namespace {

std::vector<float> numbers(std::size_t count, unsigned seed) {
  std::vector<float> values(count);
  unsigned state = seed;
  for (float& v : values) {
    state = state * 1664525u + 1013904223u;
    v = static_cast<float>(state >> 8) / 8388608.0f - 1.0f;
  }
  return values;
}

// The largest difference between the device's product and the exact one, relative to the bound for rounding
// errors.
double worst_error(const MatmulSizes& s, std::span<const float> a, std::span<const float> b,
                   std::span<const float> c) {
  double worst = 0;
  for (uint64_t batch = 0; batch < s.batches; ++batch)
    for (uint64_t row = 0; row < s.rows; ++row)
      for (uint64_t column = 0; column < s.columns; ++column) {
        double sum = 0;
        double size = 0;
        for (uint64_t k = 0; k < s.inner; ++k) {
          uint64_t ai = s.a_along_k ? row * s.inner + k : k * s.rows + row;
          uint64_t bi = s.b_along_k ? column * s.inner + k : k * s.columns + column;
          double product = double{a[batch * s.rows * s.inner + ai]} * b[batch * s.inner * s.columns + bi];
          sum += product;
          size += std::abs(product);
        }
        double difference = std::abs(c[(batch * s.rows + row) * s.columns + column] - sum);
        worst = std::max(worst, difference / (1e-6 * size + 1e-30));
      }
  return worst;
}

void check_case(const std::shared_ptr<BufferPool>& pool, const MatmulCase& matmul) {
  const MatmulSizes& s = matmul.sizes;
  auto a = numbers(s.batches * s.rows * s.inner, 1);
  auto b = numbers(s.batches * s.inner * s.columns, 2);
  MatmulRun run(pool, matmul, a, b);
  run_commands(pool->context(), "matmul", [&](VkCommandBuffer commands) { run.record(commands); });
  INFO(s.rows, " x ", s.inner, " x ", s.columns, ", batches ", s.batches, ", along k ", s.a_along_k,
       s.b_along_k, ", tile ", matmul.tiles.rows, " x ", matmul.tiles.columns);
  CHECK(worst_error(s, a, b, run.result()) < 2.0);
}

MatmulSizes sizes(uint64_t rows, uint64_t inner, uint64_t columns, uint64_t batches, int layout) {
  return {rows, columns, inner, batches, (layout & 1) != 0, (layout & 2) != 0};
}

constexpr uint64_t shapes[][4] = {{1, 1, 1, 1},    {1, 1, 1, 3},    {32, 784, 100, 1}, {784, 32, 10, 1},
                                  {33, 65, 17, 3}, {7, 130, 66, 1}, {100, 3, 48, 2}};

void check_all(const MatmulFamily& family, std::span<const MatmulTiles> tiles) {
  auto context = open_validated();
  if (!context) return;
  if (&family == &shuffle_matmul && context->subgroup_size < 8) {
    MESSAGE("SKIPPED: the shuffle skeleton wants subgroups of 8");
    return;
  }
  auto pool = BufferPool::make(context);
  int turn = 0;
  for (const auto& [rows, inner, columns, batches] : shapes)
    for (int layout = 0; layout < 4; ++layout) {
      // Every shape meets every layout. Forms and tiles alternate, since each case needs a compilation.
      MatmulCase matmul;
      matmul.sizes = sizes(rows, inner, columns, batches, layout);
      matmul.form = turn % 2 == 0 ? ReadForm::texel : ReadForm::storage;
      matmul.tiles = tiles[static_cast<std::size_t>(turn) % tiles.size()];
      check_case(pool, matmul);
      turn += 1 + (layout == 3 ? 1 : 0);
    }
  CHECK(context->validation_message_count() == 0);
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("the shuffle skeleton multiplies") {
    std::vector<MatmulTiles> tiles;
    for (auto [rows, columns] : {std::pair{16u, 32u}, {8u, 32u}, {16u, 16u}, {24u, 32u}, {8u, 64u}})
      tiles.push_back({.family = &shuffle_matmul, .rows = rows, .columns = columns});
    check_all(shuffle_matmul, tiles);
  }

  TEST_CASE("the tiled skeleton multiplies") {
    const MatmulTiles tiles[] = {{&tiled_matmul, 32, 32, 16, 4, 4},
                                 {&tiled_matmul, 64, 64, 16, 8, 4},
                                 {&tiled_matmul, 16, 32, 8, 4, 4, 4},
                                 {&tiled_matmul, 16, 16, 16, 4, 4, 3},
                                 {&tiled_matmul, 16, 64, 8, 4, 8}};
    check_all(tiled_matmul, tiles);
  }

  TEST_CASE("the largest tile of GPUs multiplies") {
    auto context = open_validated();
    if (!context) return;
    auto pool = BufferPool::make(context);
    const MatmulTiles tiles{&tiled_matmul, 128, 128, 16, 8, 8};
    CHECK(shared_bytes(tiles) <= 32768);
    if (context->limits.maxComputeWorkGroupInvocations < local_size(tiles) ||
        context->limits.maxComputeSharedMemorySize < shared_bytes(tiles))
      return;
    for (int layout : {1, 2}) check_case(pool, {sizes(130, 40, 140, 1, layout), tiles, ReadForm::storage});
    CHECK(context->validation_message_count() == 0);
  }

  TEST_CASE("tiles fit the sizes and the limits") {
    const MatmulFamily &shuffle = shuffle_matmul, &tiled = tiled_matmul;
    auto pick = [](uint64_t rows, uint64_t inner, uint64_t columns, const MatmulFamily& family,
                   TileLimits limits = {}) {
      return family.choose(sizes(rows, inner, columns, 1, 1), limits);
    };
    CHECK(pick(1024, 1024, 1024, shuffle).rows == 32);
    CHECK(pick(1024, 1024, 1024, shuffle).columns == 64);
    // Two threads have equal work, and few columns are padding.
    MatmulTiles narrow = pick(32, 784, 10, shuffle);
    CHECK(narrow.columns == 16);
    CHECK(workgroups(narrow, sizes(32, 784, 10, 1, 1)) == 2);
    CHECK(workgroups(pick(32, 784, 100, shuffle), sizes(32, 784, 100, 1, 1)) % 2 == 0);
    // A larger tile would save a microsecond and take half a second longer to compile.
    CHECK(pick(10, 32, 100, shuffle).rows * pick(10, 32, 100, shuffle).columns == 256);
    const TileLimits gpu{.compute_units = 132, .shared_bytes = 49152, .invocations = 1024};
    CHECK(pick(4096, 4096, 4096, tiled, gpu).rows == 128);
    CHECK(pick(1024, 1024, 1024, tiled, gpu).rows == 64);
    // With few output elements, tiles are small and the k axis is split into many slices that run in
    // parallel.
    CHECK(pick(32, 784, 100, tiled, gpu).rows == 16);
    CHECK(pick(32, 784, 100, tiled, gpu).slices == 16);
    CHECK(pick(784, 32, 100, tiled, gpu).rows == 32);
    CHECK(pick(784, 32, 100, tiled, gpu).slices == 2);
    CHECK(pick(1024, 1024, 1024, tiled, gpu).slices == 1);
    CHECK(pick(512, 512, 512, tiled, gpu).slices == 4);
    CHECK(pick(4096, 4096, 4096, tiled, gpu).slices == 1);
    CHECK(pick(4096, 4096, 4096, tiled).rows == 64);
    Target software{.subgroup_size = 8, .can_shuffle = true, .slow_shared_memory = true};
    CHECK(&family_for(software, f32) == &shuffle);
    software.subgroup_size = 4;
    CHECK(&family_for(software, f32) == &tiled);
    CHECK(&family_for({.subgroup_size = 32, .can_shuffle = true}, f32) == &tiled);
    for (uint64_t columns = 1; columns < 300; columns += 13) {
      MatmulTiles tiles = pick(77, 50, columns, shuffle);
      CHECK(tiles.rows % (tiles.columns == 16 ? 16 : 8) == 0);
    }
  }

  TEST_CASE("large products take the chosen tiles") {
    auto context = open_validated();
    if (!context) return;
    const Profile profile = profile_of(*context);
    const MatmulFamily& family = family_for(profile.target, f32);
    auto pool = BufferPool::make(context);
    MatmulCase matmul{.sizes = sizes(512, 512, 512, 1, 1), .tiles = {}, .form = ReadForm::texel};
    matmul.tiles = family.choose(matmul.sizes, {});
    check_case(pool, matmul);
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
