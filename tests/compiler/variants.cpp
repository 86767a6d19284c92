// Device variants.
#include "tests/compiler/variants.h"

#include "tests/vulkan/support.h"

namespace hekla::testing {

namespace {

using vulkan::Profile;

// Tiles so small that small products have more than one, with one load of the left factor and two of the
// right in an invocation. They compile in a fraction of the time of GPU tiles, which the tests of the
// skeleton run.
const vulkan::MatmulTiles small_tiles{.family = &vulkan::tiled_matmul,
                                      .rows = 8,
                                      .columns = 16,
                                      .depth = 4,
                                      .thread_rows = 4,
                                      .thread_columns = 4};

// The opposite choices of reads, folds and products. Dispatches cost as on a GPU for a software device, and
// vice versa.
void change_form(Profile& profile) {
  const bool folds_alone = profile.target.reduce_lanes == 1;
  profile.compiler.dispatch_work = folds_alone ? 20'000'000 : 500'000;
  profile.target.reduce_lanes = folds_alone ? 16 : 1;
  profile.target.texel_reads = !profile.target.texel_reads;
  profile.target.tiles = small_tiles;
}

std::vector<Variant> open_variants() {
  const std::shared_ptr<vulkan::Context> context = vulkan::test::open_validated();
  if (!context) return {};
  const vulkan::DeviceOptions other{.adjust = [](Profile& profile) {
    change_form(profile);
    profile.compiler.enough_product_outputs = 4096;
    profile.target.octet_stores = !profile.target.octet_stores;
    const bool was_tiled = &vulkan::family_for(profile.target, f32) == &vulkan::tiled_matmul;
    const bool can_shuffle = profile.target.can_shuffle && profile.target.subgroup_size == 8;
    profile.target.matmul = was_tiled && can_shuffle ? &vulkan::shuffle_matmul : &vulkan::tiled_matmul;
  }};
  const vulkan::DeviceOptions unfused{.fuse = false, .adjust = [](Profile& profile) {
                                        profile.target.octet_stores = !profile.target.octet_stores;
                                      }};
  using vulkan::DeviceOptions;
  using vulkan::VulkanDevice;
  return {{"as it likes it", std::make_shared<VulkanDevice>(context, DeviceOptions{})},
          {"without fusion, stored the other way", std::make_shared<VulkanDevice>(context, unfused)},
          {"in the other form", std::make_shared<VulkanDevice>(context, other)}};
}

}  // namespace

const std::vector<Variant>& variants() {
  // Leaked on purpose: the validation layer may be unloaded before static destructors run.
  static const auto& opened = *new std::vector<Variant>(open_variants());
  return opened;
}

const std::vector<Variant>& in_few_dispatches() {
  static const auto& opened = *new std::vector<Variant>([] {
    std::vector<Variant> all;
    const vulkan::DeviceOptions options{.fuse = false, .adjust = [](Profile& p) { p.improve_after = 0; }};
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
    const vulkan::DeviceOptions as_usual{.adjust = [](Profile& p) { p.compiler.max_bindings = 4; }};
    const vulkan::DeviceOptions other{.adjust = [](Profile& profile) {
      change_form(profile);
      profile.target.matmul = &vulkan::tiled_matmul;
      profile.compiler.max_bindings = 4;
    }};
    return std::vector<Variant>{
        {"binding 4", std::make_shared<vulkan::VulkanDevice>(context, as_usual)},
        {"binding 4 in the other form", std::make_shared<vulkan::VulkanDevice>(context, other)}};
  }());
  return opened;
}

}  // namespace hekla::testing
