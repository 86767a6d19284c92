// Profiles of devices: the table, the changes by a file, and the profile of an unknown device.
#include "backends/vulkan/profile.h"

#include <fmt/format.h>

#include <fstream>

#include "backends/vulkan/evaluator.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/support/devices.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

// Sets entries of a profile from the text of a file.
struct ProfileFile {
  TemporaryFolder folder;
  Profile profile = {};
  std::filesystem::path path() const { return folder.path / "profile.txt"; }

  void set(const std::string& text) {
    std::ofstream(path()) << text;
    override_fields(fields_of(profile), path());
  }
  std::string error_of(const std::string& text) {
    const std::string error = test::error_of([&] { set(text); });
    const std::string start = fmt::format("[profile] {}:", path().string());
    return error.starts_with(start) ? error.substr(start.size()) : error;
  }
};

}  // namespace

TEST_SUITE("profiles") {
  TEST_CASE("profile: what is printed is read back") {
    Profile written;
    written.compiler.dispatch_work = 1234.5;
    written.compiler.max_folds = 7;
    written.compiler.arena_as_one = false;
    written.target.reduce_lanes = 32;
    written.target.texel_reads = true;
    written.compiler.max_stored_bytes = compiler::DeviceProfile::unlimited;
    const std::string text = to_string(fields_of(written));
    ProfileFile file;
    file.set(text);
    CHECK(to_string(fields_of(file.profile)) == text);
    CHECK(file.profile.compiler.dispatch_work == 1234.5);
    CHECK(!file.profile.compiler.arena_as_one);
    CHECK(text.find("max_stored_bytes = unlimited  # bytes\n") != std::string::npos);
    CHECK(file.profile.target.reduce_lanes == 32);
  }

  TEST_CASE("profile: a file names some entries, with comments and blank lines") {
    ProfileFile file;
    const std::string before = to_string(fields_of(file.profile));
    file.set("# tuned on a desk\n\n  max_operands=3# fewer\r\n\tstore_work =  1.5e2\n");
    CHECK(file.profile.compiler.max_operands == 3);
    CHECK(file.profile.compiler.store_work == 150);
    file.set("max_operands = 10\nstore_work = 24\n");
    CHECK(to_string(fields_of(file.profile)) == before);
  }

  TEST_CASE("profile: a mistake in a file is told with its place") {
    ProfileFile file;
    CHECK(file.error_of("max_folds = 1\nmost_folds = 2\n")
              .starts_with("2: the entry 'most_folds' is unknown; choose one of dispatch_work, store_work,"));
    CHECK(file.error_of("max_folds 3\n") == "1: 'max_folds 3' is no line 'name = value'.");
    CHECK(file.error_of("max_folds = 2.5") ==
          "1: max_folds is '2.5'; it must be a whole number of at least 0.");
    CHECK(file.error_of("max_folds = ") == "1: max_folds is ''; it must be a whole number of at least 0.");
    CHECK(file.error_of("max_operands = 0") ==
          "1: max_operands is '0'; it must be a whole number of at least 1.");
    CHECK(file.error_of("max_operands = 99999999999") ==
          "1: max_operands is '99999999999'; it must be a whole number of at least 1.");
    CHECK(file.error_of("compute_units = -1") ==
          "1: compute_units is '-1'; it must be a whole number of at least 1.");
    CHECK(file.error_of("store_work = nan") == "1: store_work is 'nan'; it must be a number of at least 0.");
    CHECK(file.error_of("texel_reads = yes") == "1: texel_reads is 'yes'; it must be true or false.");
    CHECK(test::error_of([&] { override_fields(fields_of(file.profile), file.folder.path / "none"); }) ==
          fmt::format("[profile] {} cannot be read.", (file.folder.path / "none").string()));
  }

  // Devices of the table without their drivers: the facts that rows match.
  TEST_CASE("profile: each device finds its row") {
    Context context;
    context.limits.maxComputeWorkGroupInvocations = context.limits.maxComputeWorkGroupSize[0] = 1024;
    context.limits.maxComputeSharedMemorySize = 49152;
    context.limits.maxStorageBufferRange = UINT32_MAX;
    context.limits.maxPerStageResources = context.limits.maxPerStageDescriptorStorageBuffers = 1000;
    context.limits.maxDescriptorSetStorageBuffers = 1000;
    const auto row = [&] { return profile_of(context).name; };
    CHECK(row() == "generic GPU");
    CHECK(profile_of(context).target.max_invocations == 128);
    CHECK(profile_of(context).target.shared_bytes == 16384);
    context.vendor_id = 0x10de;
    context.compute_units = 132;
    CHECK(row() == "NVIDIA");
    CHECK(profile_of(context).target.max_invocations == 1024);
    CHECK(profile_of(context).compiler.enough_product_outputs == 64 * 64 * 66);
    context.vendor_id = 0x1002;
    CHECK(row() == "AMD");
    context.vendor_id = 0x8086;
    CHECK(row() == "Intel");
    context.is_software = true;
    CHECK(row() == "software");
    context.is_swiftshader = true;
    CHECK(row() == "SwiftShader");
    context.is_swiftshader = false;
    context.is_llvmpipe = true;
    context.mesa_major = 25;
    CHECK(row() == "llvmpipe of Mesa 25 and later");
    CHECK(!profile_of(context).target.texel_reads);
    context.mesa_major = 24;
    CHECK(row() == "llvmpipe before Mesa 25");
    CHECK(profile_of(context).target.texel_reads);
    CHECK(profile_of(context).compiler.enough_product_outputs == 0);
  }

  TEST_CASE("profile: nothing goes beyond what the device can do") {
    const auto context = open_validated();
    if (!context) return;
    Profile profile;
    for (const compiler::ProfileField& field : fields_of(profile)) {
      std::visit(
          []<class T>(T* value) {
            if constexpr (!std::is_same_v<T, bool>) *value = std::numeric_limits<T>::max() / 2;
          },
          field.value);
    }
    profile.compiler.arena_alignment = 100;
    keep_within(profile, *context);
    CHECK(profile.compiler.max_bindings <=
          static_cast<int>(context->limits.maxPerStageDescriptorStorageBuffers));
    CHECK(profile.compiler.max_binding_bytes <= context->limits.maxStorageBufferRange);
    CHECK(profile.compiler.max_stored_bytes <= context->limits.maxStorageBufferRange);
    CHECK(profile.target.local_size <= context->limits.maxComputeWorkGroupInvocations);
    CHECK(profile.target.reduce_lanes <= profile.target.local_size);
    CHECK(profile.target.shared_bytes <= context->limits.maxComputeSharedMemorySize);
    if (context->is_llvmpipe) CHECK(profile.compiler.max_iterations == 65'000);
    CHECK(profile.compiler.arena_alignment == std::max<std::int64_t>(128, context->offset_alignment));
  }

  // A profile determines how fast a plan runs, never its results.
  TEST_CASE("profile: a device that weighs everything otherwise computes the same") {
    const auto context = open_validated();
    if (!context) return;
    const auto least = [](Profile& profile) {
      const compiler::DeviceProfile usual = profile.compiler;
      for (const compiler::ProfileField& field : fields_of(profile)) {
        std::visit(
            [&](auto* value) {
              *value = static_cast<std::remove_reference_t<decltype(*value)>>(field.least);
            },
            field.value);
      }
      // Limits on storing force fusion, which needs more bindings, so not both limits are at their least.
      profile.compiler.arena_as_one = usual.arena_as_one;
      profile.compiler.max_stored_bytes = profile.compiler.max_binding_bytes = usual.max_stored_bytes;
    };
    const auto other = [](Profile& profile) {
      profile.compiler.dispatch_work = profile.compiler.store_work = 1e12;
      profile.compiler.max_operands = profile.compiler.max_results = 30;
      profile.compiler.max_statements = 2000;
      profile.compiler.longest_fold = 1000;
      profile.compiler.tiny_elements = 1 << 20;
      profile.compiler.longest_row = 1;
      profile.compiler.narrowest_tile = 1000;
      profile.compiler.shortest_split_reduction = profile.compiler.longest_reduction = 16;
    };
    for (const std::function<void(Profile&)>& adjust :
         {std::function<void(Profile&)>(least), std::function<void(Profile&)>(other)}) {
      const auto device = std::make_shared<VulkanDevice>(context, DeviceOptions{.adjust = adjust});
      for (const testing::Model model : {testing::Model::softmax, testing::Model::mlp}) {
        testing::TrainingStep step(model, 0.9), expected(model, 0.9);
        CAPTURE(static_cast<int>(model));
        const auto values = [](testing::TrainingStep& each, const std::shared_ptr<Evaluator>& on) {
          Program program = compile(each.computation(), on);
          program.run(3);
          std::vector<float> all;
          for (const Update& update : each.computation().updates) {
            const std::vector<float> one = update.variable.to_vector();
            all.insert(all.end(), one.begin(), one.end());
          }
          return all;
        };
        const std::vector<float> found = values(step, device), right = values(expected, testing::reference());
        REQUIRE(found.size() == right.size());
        for (std::size_t i = 0; i < found.size(); ++i)
          CHECK(found[i] == doctest::Approx(right[i]).epsilon(1e-3));
      }
    }
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
