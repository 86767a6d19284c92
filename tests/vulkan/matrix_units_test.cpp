// Products by matrix units: the choice of a unit, the text of the kernels, and their results where the device
// under test lists such units. (llvmpipe does from Mesa 25.2 on, and supports the KHR form only.)
#include "backends/vulkan/matrix_units.h"

#include <cmath>
#include <cstdlib>

#include "backends/vulkan/evaluator.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/view.h"
#include "tests/support/numbers.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

DeviceOptions with_matrix_units(const MatrixUnits& units) {
  return {.adjust = [units](Profile& profile) { profile.target.matrix_units = units; }};
}

using testing::numbers;

constexpr uint32_t f16_number = 0, f32_number = 1, bf16_number = 1000141000, subgroup = 3, workgroup = 2;

constexpr MatrixUnit sixteen{16, 16, 16};

std::string form_name(MatrixForm form) { return form == MatrixForm::khr ? "KHR" : "NV"; }

// A product with functions and views before it and after it, in each of the four layouts of the factors.
Tensor product(DType dtype, bool a_along_k, bool b_along_k, std::int64_t rows, std::int64_t inner,
               std::int64_t columns) {
  const Tensor a = numbers(a_along_k ? Shape{2, rows, inner} : Shape{2, inner, rows}, 0.618033988);
  const Tensor b = numbers(b_along_k ? Shape{columns, inner} : Shape{inner, columns}, 0.414213562);
  const Tensor bias = numbers({columns}, 0.73205);
  const Tensor left = broadcast_to(a_along_k ? a : transpose(a), {2, rows, inner});
  const Tensor right = broadcast_to(expand_dims(b_along_k ? transpose(b) : b, 0), {2, inner, columns});
  return matmul(cos(left), right, dtype) + bias;
}

void check_product(const std::shared_ptr<VulkanDevice>& device, const std::shared_ptr<VulkanDevice>& ordinary,
                   const Tensor& by_units, const Tensor& without) {
  evaluate({.outputs = {by_units}}, device);
  evaluate({.outputs = {without}}, ordinary);
  const std::vector<float> x = by_units.to_vector(), y = without.to_vector();
  REQUIRE(x.size() == y.size());
  float largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::fabs(x[i] - y[i]));
  // Both multiply the same rounded factors; only the summation order in f32 differs.
  CHECK(largest < 1e-4f);
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("matrix units: the one of the most work that fits") {
    const std::vector<MatrixShape> shapes{
        {{16, 8, 8}, f16_number, f16_number, f32_number, f32_number, subgroup},
        {sixteen, f16_number, f16_number, f16_number, f16_number, subgroup},
        {{16, 8, 16}, f16_number, f16_number, f32_number, f32_number, subgroup},
        {{64, 64, 16}, f16_number, f16_number, f32_number, f32_number, workgroup},
        {{16, 4, 64}, f16_number, f16_number, f32_number, f32_number, subgroup},
        {{8, 8, 16}, bf16_number, bf16_number, f32_number, f32_number, subgroup}};
    CHECK(choose_unit(shapes, f16) == MatrixUnit{16, 8, 16});
    CHECK(choose_unit(shapes, bf16) == MatrixUnit{8, 8, 16});
    CHECK(choose_unit({}, f16) == MatrixUnit{});
    CHECK(MatrixUnits{.f16 = sixteen}.of(f16) == sixteen);
    CHECK(MatrixUnits{.f16 = sixteen}.of(f32) == MatrixUnit{});
  }

  TEST_CASE("matrix units: tiles fit the sizes and the limits") {
    const TileLimits gpu{.compute_units = 132,
                         .shared_bytes = 49152,
                         .invocations = 1024,
                         .unit = sixteen,
                         .subgroup_size = 32};
    const auto pick = [](uint64_t size, const TileLimits& limits) {
      return cooperative_matmul.choose({.rows = size, .columns = size, .inner = size}, limits);
    };
    CHECK(pick(4096, gpu).rows == 128);
    CHECK(pick(1024, gpu).rows == 64);
    CHECK(pick(64, gpu).rows == 32);
    CHECK(local_size(pick(64, gpu)) == 128);
    CHECK(pick(64, gpu).depth == 32);
    CHECK(shared_bytes(pick(4096, gpu)) <= 32768);
    // Without shared memory for four subgroups, the ordinary kernel is used.
    TileLimits small = gpu;
    small.invocations = 64;
    CHECK(pick(64, small).family == &tiled_matmul);
  }

  TEST_CASE("matrix units: each form that glslang knows is GLSL and valid SPIR-V") {
    const bool can_validate = std::system("spirv-val --version > /dev/null 2>&1") == 0;
    if (!can_validate) MESSAGE("SKIPPED: the validation of SPIR-V, for want of spirv-val");
    for (const auto& [form, dtype] :
         {std::pair{MatrixForm::nv, f16}, {MatrixForm::khr, f16}, {MatrixForm::khr, bf16}}) {
      if (!compiler_knows(form, dtype)) {
        MESSAGE("SKIPPED: glslang does not know the ", form_name(form), " form of ", name(dtype));
        continue;
      }
      const bool straight = dtype == f16;
      const Plan plan =
          make_plan(collect({.outputs = {product(dtype, straight, !straight, 70, 41, 50)}}), {});
      const Target target{.matrix_units = {.form = form, .f16 = sixteen, .bf16 = sixteen},
                          .subgroup_size = 32};
      int found = 0;
      for (const Kernel& kernel : plan.kernels) {
        const EmittedKernel emitted = emit(kernel, plan.slots, target);
        CAPTURE(emitted.glsl);
        const std::vector<uint32_t> words = compile_glsl_uncached(emitted.glsl, emitted.label);
        if (!contains(emitted.glsl, "_cooperative_matrix : require")) continue;
        ++found;
        TemporaryFolder folder;
        const std::string path = (folder.path / "kernel.spv").string();
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(words.data()),
                   static_cast<std::streamsize>(words.size() * 4));
        if (can_validate) CHECK(std::system(("spirv-val --target-env vulkan1.1 " + path).c_str()) == 0);
      }
      CHECK(found == 1);
    }
    CHECK(!compiler_knows(MatrixForm::nv, bf16));
  }

  TEST_CASE("matrix units: bf16 takes the ordinary kernel where only f16 has a unit") {
    const Plan plan = make_plan(collect({.outputs = {product(bf16, true, false, 16, 16, 16)}}), {});
    const Target target{.matrix_units = {.form = MatrixForm::nv, .f16 = sixteen}};
    for (const Kernel& kernel : plan.kernels)
      CHECK(!contains(emit(kernel, plan.slots, target).glsl, "cooperative"));
  }

  TEST_CASE("matrix units: products on the device are those of the ordinary kernels") {
    const auto context = open_validated();
    if (!context) return;
    const MatrixUnits& units = context->matrix_units;
    if (units.form == MatrixForm::none) {
      MESSAGE("SKIPPED: ", context->name, " and this GLSL compiler have no cooperative matrices in common");
      return;
    }
    MESSAGE("matrix units of ", context->name, ": ", form_name(units.form), " form, f16 ", units.f16.rows,
            " x ", units.f16.depth, " x ", units.f16.columns, ", bf16 ", units.bf16.rows, " x ",
            units.bf16.depth, " x ", units.bf16.columns);
    const auto device = std::make_shared<VulkanDevice>(context, with_matrix_units(units));
    const auto ordinary = std::make_shared<VulkanDevice>(context, with_matrix_units({}));
    CHECK(ordinary->profile().target.matrix_units.form == MatrixForm::none);
    for (const DType dtype : {f16, bf16}) {
      if (units.of(dtype) == MatrixUnit{}) continue;
      // Each factor occurs in both layouts, which are loaded differently; first with whole tiles, then with
      // odd sizes.
      for (const bool straight : {true, false}) {
        const auto build = [&] {
          return straight ? product(dtype, true, false, 64, 64, 64) : product(dtype, false, true, 37, 45, 70);
        };
        CAPTURE(name(dtype));
        CAPTURE(straight);
        check_product(device, ordinary, build(), build());
      }
    }
    CHECK(context->validation_message_count() == 0);
  }
}

}  // namespace hekla::vulkan::test
