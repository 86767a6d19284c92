// Device variants.
#include "tests/compiler/variants.h"

#include "tests/vulkan/support.h"

namespace hekla::testing {

namespace {

using vulkan::MatmulFamily;

// Small, so that small products have more than one tile, with one load of the left factor and two of the
// right in an invocation. The driver compiles them in a fraction of the time of the tiles that GPUs are
// given, which the tests of the skeleton run.
constexpr vulkan::MatmulTiles small_tiles{.family = MatmulFamily::tiled,
                                          .rows = 8,
                                          .columns = 16,
                                          .depth = 4,
                                          .thread_rows = 4,
                                          .thread_columns = 4};

std::vector<Variant> open_variants() {
  const std::shared_ptr<vulkan::Context> context = vulkan::test::open_validated();
  if (!context) return {};
  const vulkan::Target usual = vulkan::choose_target(*context, {});
  const bool can_shuffle = vulkan::choose_family(true, context->subgroup_size, true) == MatmulFamily::shuffle;
  const vulkan::DeviceOptions other{.enough_product_outputs = 4096,
                                    .texel_reads = !usual.texel_reads,
                                    .octet_stores = !usual.octet_stores,
                                    .matmul = usual.matmul == MatmulFamily::shuffle ? MatmulFamily::tiled
                                              : can_shuffle                         ? MatmulFamily::shuffle
                                                                                    : MatmulFamily::tiled,
                                    .tiles = small_tiles,
                                    .reduce_lanes = usual.reduce_lanes == 1 ? 16 : 1};
  const vulkan::DeviceOptions unfused{.fuse = false, .octet_stores = !usual.octet_stores};
  using vulkan::DeviceOptions;
  using vulkan::VulkanDevice;
  return {{"as it likes it", std::make_shared<VulkanDevice>(context, DeviceOptions{})},
          {"without fusion, stored the other way", std::make_shared<VulkanDevice>(context, unfused)},
          {"in the other form", std::make_shared<VulkanDevice>(context, other)}};
}

}  // namespace

const std::vector<Variant>& variants() {
  // Never destroyed: the validation layer may end first.
  static const auto& opened = *new std::vector<Variant>(open_variants());
  return opened;
}

const std::vector<Variant>& in_few_dispatches() {
  static const auto& opened = *new std::vector<Variant>([] {
    std::vector<Variant> all;
    const vulkan::DeviceOptions options{.fuse = false, .persistent_after = 0};
    if (const std::shared_ptr<vulkan::Context> context = vulkan::test::open_validated())
      all.push_back({"in few dispatches", std::make_shared<vulkan::VulkanDevice>(context, options)});
    return all;
  }());
  return opened;
}

const std::vector<Variant>& binding_few() {
  static const auto& opened = *new std::vector<Variant>([] {
    const std::shared_ptr<vulkan::Context> context = vulkan::test::open_validated();
    if (!context) return std::vector<Variant>();
    const vulkan::Target usual = vulkan::choose_target(*context, {});
    const vulkan::DeviceOptions as_usual{.most_buffers = 4};
    const vulkan::DeviceOptions other{.texel_reads = !usual.texel_reads,
                                      .matmul = MatmulFamily::tiled,
                                      .tiles = small_tiles,
                                      .reduce_lanes = usual.reduce_lanes == 1 ? 16 : 1,
                                      .most_buffers = 4};
    return std::vector<Variant>{
        {"binding 4", std::make_shared<vulkan::VulkanDevice>(context, as_usual)},
        {"binding 4 in the other form", std::make_shared<vulkan::VulkanDevice>(context, other)}};
  }());
  return opened;
}

}  // namespace hekla::testing
