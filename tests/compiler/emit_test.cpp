// Generated GLSL compiles for every class of device, without such a device.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "backends/vulkan/compiler.h"
#include "backends/vulkan/emit.h"
#include "backends/vulkan/exact.h"
#include "backends/vulkan/glsl.h"
#include "tests/compiler/models.h"

namespace hekla::vulkan {

namespace {

void compile_all(const Computation& computation, const Target& target, bool fuse) {
  const Plan plan = make_plan(collect(computation), {.fuse = fuse});
  for (const Kernel& kernel : plan.kernels) {
    const EmittedKernel emitted = emit(kernel, plan.slots, target);
    CAPTURE(emitted.glsl);
    CHECK_NOTHROW(compile_glsl_uncached(emitted.glsl, emitted.label));
    CHECK(emitted.workgroups > 0);
    CHECK(emitted.bindings.size() >= 1);
  }
}

const Target software{.texel_reads = true,
                      .max_texels = 1 << 27,
                      .several_quads = true,
                      .matmul = &shuffle_matmul,
                      .reduce_lanes = 1,
                      .compute_units = 2};
const Target gpu{};

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("kernels of the models compile for llvmpipe and for GPUs") {
    for (const testing::Model model : {testing::Model::softmax, testing::Model::mlp}) {
      const testing::TrainingStep step(model, 0.9, 49, 12);
      for (const bool fuse : {true, false}) {
        compile_all(step.computation(), software, fuse);
        compile_all(step.computation(), gpu, fuse);
      }
    }
  }

  TEST_CASE("operands beyond the largest texel buffer are storage buffers") {
    const Tensor x = variable(zeros({1000}));
    const Plan plan = make_plan(collect({.outputs = {x + 1}}), {});
    Target target = software;
    CHECK(emit(plan.kernels[0], plan.slots, target).bindings[0].kind == BindingKind::texel_buffer);
    target.max_texels = 249;
    CHECK(emit(plan.kernels[0], plan.slots, target).bindings[0].kind == BindingKind::storage_buffer);
  }

  TEST_CASE("what lies in octets is stored by octets where the device likes that") {
    Target target = software;
    target.octet_stores = true;
    const auto stores_octets = [&](const Tensor& result) {
      const Plan plan = make_plan(collect({.outputs = {result}}), {});
      REQUIRE(plan.kernels.size() == 1);
      const EmittedKernel emitted = emit(plan.kernels[0], plan.slots, target);
      CAPTURE(emitted.glsl);
      CHECK_NOTHROW(compile_glsl_uncached(emitted.glsl, emitted.label));
      return emitted.glsl.find("void save8_") != std::string::npos;
    };
    const auto values = [](Shape shape) { return variable(zeros(shape)); };
    CHECK(stores_octets(values({1000}) + 1));
    CHECK_FALSE(stores_octets(values({1004}) + 1));           // an odd number of quads
    CHECK_FALSE(stores_octets(cast(values({1000}), u8)));     // bytes
    CHECK_FALSE(stores_octets(sum(values({1000, 5}), {1})));  // loops
    CHECK(stores_octets(matmul(values({20, 8}), values({8, 24}))));
    CHECK(stores_octets(matmul(values({20, 8}), values({8, 36}))));  // every other row starts inside an octet
    CHECK_FALSE(stores_octets(matmul(values({20, 8}), values({8, 30}))));
    CHECK_FALSE(stores_octets(matmul(values({2, 19, 8}), values({2, 8, 36}))));  // depends on the row
    target.octet_stores = false;
    CHECK_FALSE(stores_octets(values({1000}) + 1));
    CHECK_FALSE(stores_octets(matmul(values({20, 8}), values({8, 24}))));
  }

  TEST_CASE("what a kernel writes in place is one array, through which it is read, too") {
    const auto count = [](const std::string& text, const std::string& what) {
      std::size_t found = 0;
      for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
      return found;
    };
    const Tensor a = variable(zeros({8})), b = variable(zeros({8}));
    const Plan swap = make_plan(collect({.updates = {{a, b}, {b, a}}}), {});
    REQUIRE(swap.kernels.size() == 1);
    const EmittedKernel emitted = emit(swap.kernels[0], swap.slots, gpu);
    CAPTURE(emitted.glsl);
    CHECK_NOTHROW(compile_glsl_uncached(emitted.glsl, emitted.label));
    CHECK(emitted.bindings.size() == 2);
    CHECK(count(emitted.glsl, " buffer ") == 2);
    CHECK(count(emitted.glsl, "readonly") + count(emitted.glsl, "writeonly") == 0);
    const Plan elsewhere = make_plan(collect({.updates = {{a, b + 1}}}), {});
    const std::string glsl = emit(elsewhere.kernels[0], elsewhere.slots, gpu).glsl;
    CHECK(count(glsl, "readonly buffer") == 1);
    CHECK(count(glsl, "writeonly buffer") == 1);
  }

  TEST_CASE("a fold has the lanes that keep the device busy, neighbours beside neighbours in memory") {
    const auto defined = [](const Tensor& result, const Target& target, const std::string& name) {
      const Plan plan = make_plan(collect({.outputs = {result}}), {});
      const std::string glsl = emit(plan.kernels[0], plan.slots, target).glsl;
      CAPTURE(glsl);
      CHECK_NOTHROW(compile_glsl_uncached(glsl, "fold"));
      const std::size_t at = glsl.find("#define " + name + " ");
      REQUIRE(at != std::string::npos);
      return std::stoi(glsl.substr(at + name.size() + 9));
    };
    const auto values = [](Shape shape) { return variable(zeros(shape)); };
    const Tensor few_rows = sum(values({512, 1024}), {1}), many_rows = sum(values({1 << 16, 1024}), {1});
    const Tensor columns = sum(values({256, 1 << 20}), {0});
    CHECK(defined(few_rows, gpu, "LANES") == 64);  // 256 quads a row, four for each lane
    CHECK(defined(many_rows, gpu, "LANES") == 8);  // a cache line
    CHECK(defined(columns, gpu, "LANES") == 1);
    CHECK(defined(few_rows, gpu, "ACROSS") == 0);
    CHECK(defined(columns, gpu, "ACROSS") == 1);
    CHECK(defined(few_rows, software, "LANES") == 1);
  }

  TEST_CASE("shaders ask that NaN be kept where the device can do so") {
    const Plan plan = make_plan(collect({.outputs = {variable(zeros({4})) + 1}}), {});
    Target target = gpu;
    CHECK(emit(plan.kernels[0], plan.slots, target).glsl.find("spirv_execution_mode") == std::string::npos);
    target.keep_nan = true;
    const std::string glsl = emit(plan.kernels[0], plan.slots, target).glsl;
    CHECK(glsl.find("spirv_execution_mode") != std::string::npos);
    const std::vector<std::uint32_t> words = compile_glsl_uncached(glsl, "map");
    constexpr std::uint32_t capability = 2 << 16 | 17, signed_zero_inf_nan_preserve = 4466;
    const std::array wanted{capability, signed_zero_inf_nan_preserve};
    CHECK(std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end());
  }

  TEST_CASE("functions that keep special values stand beside those of operations") {
    const Tensor x = variable(zeros({4}));
    Target target;
    target.own_special_values = true;
    for (const Tensor& result : {exp(x), log(x), log1p(x), expm1(x), sinh(x), tanh(x), softplus(x), pow(x, x),
                                 random_normal({4}, random_key(1, 0)), cast(cast(x, f16), f32)}) {
      const Plan plan = make_plan(collect({.outputs = {result}}), {});
      const std::string glsl = emit(plan.kernels[0], plan.slots, target).glsl;
      CHECK(glsl.find("hk_ieee_exp") != std::string::npos);
      CHECK(!compile_glsl_uncached(glsl, "special values").empty());
    }
  }

  TEST_CASE("what is precise in GLSL is decorated once") {
    const std::vector<std::uint32_t> words = with_exact_arithmetic(compile_glsl_uncached(
        "#version 460\nlayout(set = 0, binding = 0) buffer B { float b[]; };\n"
        "void main() { precise float x = b[0] * b[1] - b[2]; b[3] = x + b[4] * b[5]; }\n",
        "precise"));
    constexpr std::uint32_t decorate = 3 << 16 | 71, no_contraction = 42;
    std::multiset<std::uint32_t> decorated;
    for (std::size_t at = 5; at < words.size(); at += words[at] >> 16) {
      if (words[at] == decorate && words[at + 2] == no_contraction) decorated.insert(words[at + 1]);
    }
    CHECK(decorated.size() == 4);
    for (const std::uint32_t id : decorated) CHECK(decorated.count(id) == 1);
  }

  TEST_CASE("a factor that is 0 is hidden from drivers that would not multiply by it") {
    const Tensor x = variable(zeros({4}));
    const auto text = [&](const Tensor& result, bool hidden) {
      Target target = software;
      target.hide_zeros = hidden;
      const Plan plan = make_plan(collect({.outputs = {result}}), {});
      const std::string glsl = emit(plan.kernels[0], plan.slots, target).glsl;
      CHECK_NOTHROW(compile_glsl_uncached(glsl, "map"));
      return glsl.substr(glsl.find("void compute"));
    };
    CHECK(text(x * 0, true).find(" * hk_zero") != std::string::npos);
    CHECK(text(-0.0 * x, true).find("(-hk_zero * ") != std::string::npos);
    CHECK(text(0 / x, true).find("(hk_zero / ") != std::string::npos);
    for (const Tensor& other : {x * 2, x > 0, where(x > 1, x, 0)})
      CHECK(text(other, true).find("hk_zero") == std::string::npos);
    CHECK(text(x * 0, false).find("hk_zero") == std::string::npos);
    CHECK(is_factor("({0} * {1})", 0));
    CHECK(is_factor("({0}+2.0 /{1})", 1));
    CHECK_FALSE(is_factor("({0}+2.0 /{1})", 0));
  }

  TEST_CASE("an invocation of a large and short map takes four quads where the device likes that") {
    const Plan plan = make_plan(collect({.outputs = {variable(zeros({1 << 16})) + 1}}), {});
    const auto invocations = [&](const Target& target) {
      const std::string glsl = emit(plan.kernels[0], plan.slots, target).glsl;
      CAPTURE(glsl);
      CHECK_NOTHROW(compile_glsl_uncached(glsl, "map"));
      const std::size_t items = glsl.find("#define ITEMS ");
      REQUIRE(items != std::string::npos);
      return std::stoi(glsl.substr(items + 14));
    };
    CHECK(invocations(gpu) == 1 << 14);
    CHECK(invocations(software) == 1 << 12);
  }

  TEST_CASE("numbers become GLSL literals") {
    CHECK(literal(1, f32) == "1.0");
    CHECK(literal(-0.5, f32) == "(-0.5)");
    CHECK(literal(1e30, f32) == "1e+30");
    CHECK(literal(INFINITY, f32) == "uintBitsToFloat(0x7f800000u)");
    CHECK(literal(-INFINITY, f32) == "uintBitsToFloat(0xff800000u)");
    CHECK(literal(-2147483648.0, i32) == "(-2147483647 - 1)");
    CHECK(literal(-INFINITY, i32) == "(-2147483647 - 1)");
    CHECK(literal(4294967295.0, u32) == "4294967295u");
    CHECK(literal(1, boolean) == "true");
  }

  TEST_CASE("operands go into an operation's expression") {
    CHECK(substitute("{T}({0} < {1})", {"a", "b"}, "float") == "float(a < b)");
    CHECK(substitute("f({1}, {0}, {1})", {"a", "b"}, "int") == "f(b, a, b)");
  }
}

}  // namespace hekla::vulkan
