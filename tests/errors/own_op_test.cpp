// The errors for mistakes in a custom operation: the table of docs/extending.md, row by row. No device is
// needed to compile GLSL.
#include <doctest/doctest.h>

#include "autodiff/grad.h"
#include "backends/vulkan/compiler.h"
#include "backends/vulkan/emit_plan.h"
#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

using namespace compiler;

namespace {

double same(std::span<const double> x, DType) { return x[0]; }

Meta of_operand(const Node& node) { return {node.inputs[0].shape(), node.inputs[0].dtype()}; }

constexpr CustomKernel copy_kernel{.body = "store(invocation, load0(invocation));",
                                   .invocations = [](const Node& node) { return node.shape.count(); }};

// Valid descriptors; each test spoils one field of a copy.
Op mine() {
  return {.name = "mine",
          .kind = Kind::elementwise,
          .arity = 1,
          .infer = same_as_operands,
          .glsl = "my_function({0})",
          .glsl_functions = "float my_function(float x) {\n  return 2.0 * x;\n}",
          .eval = same};
}

Op my_sum() {
  return {.name = "my_sum",
          .kind = Kind::reduce,
          .arity = 1,
          .infer = [](const Node& node) -> Meta {
            Shape shape = node.inputs[0].shape();
            for (const std::int64_t axis : reduced_axes(node)) shape[static_cast<int>(axis)] = 1;
            return {shape, DType::f32};
          },
          .glsl = "{0} + {1}",
          .identity = 0,
          .eval = [](std::span<const double> x, DType) { return x[0] + x[1]; }};
}

Op my_kernel() {
  return {.name = "my_kernel", .kind = Kind::custom, .arity = 1, .infer = of_operand, .kernel = &copy_kernel};
}

void emit_all(const Tensor& y) {
  const Plan plan = make_plan(collect({.outputs = {y}}), {});
  for (const Kernel& kernel : plan.kernels) vulkan::emit(kernel, plan.slots, {});
}

// The error of compiling y's kernels; fused and unfused kernels must give the same text about the operation.
std::string glsl_error_of(const Tensor& y, bool fuse) {
  const Plan plan = make_plan(collect({.outputs = {y}}), {.fuse = fuse});
  return error_of([&] {
    for (const Kernel& kernel : plan.kernels) {
      const vulkan::EmittedKernel emitted = vulkan::emit(kernel, plan.slots, {});
      vulkan::compile_glsl_uncached(emitted.glsl, emitted.label, emitted.source_map);
    }
  });
}

void check_told(const std::string& text, std::initializer_list<const char*> parts) {
  CAPTURE(text);
  for (const char* part : parts) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

}  // namespace

TEST_SUITE("errors") {
  TEST_CASE("own operations: what a kernel's names are told apart by is no part of their GLSL") {
    Op dollar = mine();
    dollar.glsl = "$f({0})";
    CHECK(error_of([&] { emit_all(apply(dollar, {variable(zeros({8}))})); }) ==
          "[mine] its GLSL has a '$', which is no character of GLSL; remove it.");
    static constexpr CustomKernel kernel{.body = "store(invocation, $x);",
                                         .invocations = [](const Node&) -> std::int64_t { return 1; }};
    Op custom = my_kernel();
    custom.kernel = &kernel;
    CHECK(error_of([&] { emit_all(apply(custom, {variable(zeros({8}))})); }) ==
          "[my_kernel] its GLSL has a '$', which is no character of GLSL; remove it.");
  }

  TEST_CASE("own operations: the descriptors that the tests spoil are right") {
    const Tensor x = zeros({8});
    for (const Op& op : {mine(), my_kernel()}) CHECK_NOTHROW(apply(op, {x}));
    CHECK_NOTHROW(apply(my_sum(), {x}, {.integers = {0}}));
  }

  TEST_CASE("own operations: GLSL that does not compile is shown by the operation's name") {
    const Tensor x = variable(zeros({8, 4}), "x");
    for (const bool fuse : {true, false}) {
      CAPTURE(fuse);
      Op wrong = mine();
      wrong.glsl = "(2.0 * undeclared_thing + {0})";
      check_told(glsl_error_of(exp(apply(wrong, {x * 2}) + 1), fuse),
                 {"[mine] its GLSL does not compile: ERROR: ", "'undeclared_thing' : undeclared identifier",
                  "is `", "(2.0 * undeclared_thing + "});

      wrong = mine();
      wrong.glsl_functions = "float my_function(float x) {\n  return undeclared_thing * x;\n}";
      check_told(glsl_error_of(exp(apply(wrong, {x * 2}) + 1), fuse),
                 {"[mine] its GLSL does not compile: ERROR: 1:2: 'undeclared_thing' : undeclared identifier",
                  "line 2 of its glsl_functions is `  return undeclared_thing * x;`"});

      wrong = my_sum();
      wrong.glsl = "({0} + undeclared_thing * {1})";
      for (const std::int64_t length : {8, 4096}) {  // a loop inside a kernel, and a reduction kernel
        const Tensor folded = apply(wrong, {variable(zeros({length, 4})) * 2}, {.integers = {0}});
        check_told(
            glsl_error_of(folded + 1, fuse),
            {"[my_sum] its GLSL does not compile: ERROR: ", "'undeclared_thing'", "undeclared_thing * "});
      }
    }
  }

  TEST_CASE("own operations: GLSL of several lines is shown by the line that is wrong") {
    Op wrong = mine();
    wrong.glsl = "(2.0 *\n  undeclared_thing +\n  {0})";
    check_told(glsl_error_of(apply(wrong, {variable(zeros({8}))}), true),
               {"[mine] its GLSL does not compile", "is `  undeclared_thing +`"});
  }

  TEST_CASE("own operations: the one that is wrong is named in a dispatch of several kernels, too") {
    Op wrong = mine();
    wrong.glsl = "(undeclared_thing + {0})";
    const Tensor x = variable(zeros({8, 4}));
    const Plan plan = make_plan(collect({.outputs = {sin(x), apply(wrong, {cos(x)})}}), {.fuse = false});
    const vulkan::Target target{.persistent = true};
    const std::vector<std::optional<vulkan::MatmulTiles>> tiles(plan.kernels.size());
    const std::vector<vulkan::EmittedKernel> emitted = vulkan::emit_plan(plan, target, tiles);
    REQUIRE(emitted.size() == 1);
    REQUIRE(emitted[0].kernels == 3);
    check_told(error_of([&] {
                 vulkan::compile_glsl_uncached(emitted[0].glsl, emitted[0].label, emitted[0].source_map);
               }),
               {"[mine] its GLSL does not compile", "(undeclared_thing + "});
  }

  TEST_CASE("own operations: of two with functions, the one that is wrong is named") {
    const Tensor x = variable(zeros({8}));
    Op wrong = mine();
    wrong.name = "other";
    wrong.glsl = "other_function({0})";
    wrong.glsl_functions = "float other_function(float x) {\n  float y = x;\n  return z;\n}";
    const Op right = mine();
    for (const Tensor& y : {apply(wrong, {apply(right, {x})}), apply(right, {apply(wrong, {x})})}) {
      check_told(glsl_error_of(y, true), {"[other] its GLSL does not compile", "'z' : undeclared identifier",
                                          "line 3 of its glsl_functions is `  return z;`"});
    }
    // Lines of the functions before it are counted separately, so that the error finds the expression.
    wrong.glsl_functions = {};
    check_told(glsl_error_of(apply(wrong, {apply(right, {x})}), true),
               {"[other] its GLSL does not compile", "other_function(", "'other_function'"});
  }

  TEST_CASE("own operations: a kernel's body and functions are shown by their own lines") {
    const Tensor x = variable(zeros({8}));
    const CustomKernel wrong_body{.body = "int i = invocation;\nstore(i, undeclared_thing);",
                                  .invocations = copy_kernel.invocations};
    Op wrong = my_kernel();
    wrong.kernel = &wrong_body;
    check_told(
        glsl_error_of(apply(wrong, {x}) + 1, true),
        {"[my_kernel] its GLSL does not compile: ERROR: ", "'undeclared_thing' : undeclared identifier",
         "line 2 of its kernel's body is `store(i, undeclared_thing);`"});
    wrong = my_kernel();
    wrong.glsl_functions = "float unused() {\n  return undeclared_thing;\n}";
    check_told(glsl_error_of(apply(wrong, {x}) + 1, true),
               {"[my_kernel] its GLSL does not compile", "'undeclared_thing'",
                "line 2 of its glsl_functions is `  return undeclared_thing;`"});
  }

  TEST_CASE("own operations: the device tells the same, and goes on afterwards") {
    if (!device()) return;
    const Tensor x = zeros({8});
    // Static, because devices cache compiled plans by the addresses of operations.
    static Op wrong = mine();
    static const Op right = my_kernel();
    wrong.glsl = "undeclared_thing";
    const Tensor y = apply(wrong, {x.detach()});
    check_told(error_of([&] { evaluate({.outputs = {y}}, device()); }),
               {"[mine] its GLSL does not compile", "'undeclared_thing'"});
    const Tensor z = apply(right, {x + 1});
    evaluate({.outputs = {z}}, device());
    CHECK(z.to_vector() == std::vector<float>(8, 1));
  }

  TEST_CASE("own operations: a field that is missing") {
    const Tensor x = zeros({8});
    const auto without = [&](Op op, const std::function<void(Op&)>& spoil) {
      spoil(op);
      return error_of([&] { apply(op, {x}, {.integers = {0}}); });
    };
    CHECK(without(mine(), [](Op& op) { op.infer = nullptr; }) ==
          "[mine] the descriptor has no infer; it gives the result its shape and dtype.");
    CHECK(without(mine(), [](Op& op) { op.glsl = {}; }) ==
          "[mine] the descriptor has no glsl; it is the expression that kernels compute.");
    CHECK(without(mine(), [](Op& op) { op.eval = nullptr; }) ==
          "[mine] the descriptor has no eval; it is what the reference device and constant folding compute.");
    CHECK(without(my_sum(), [](Op& op) { op.identity.reset(); }) ==
          "[my_sum] the descriptor has no identity; it is what a reduction starts from.");
    CHECK(without(mine(), [](Op& op) { op.kind = Kind::view; }) ==
          "[mine] the descriptor has no view; it says where elements come from.");
    CHECK(without(my_kernel(), [](Op& op) { op.kernel = nullptr; }) ==
          "[my_kernel] the descriptor has no kernel; it holds the body and the grid.");
    static constexpr CustomKernel bodiless{.invocations = [](const Node&) -> std::int64_t { return 1; }};
    CHECK(without(my_kernel(), [](Op& op) { op.kernel = &bodiless; }) ==
          "[my_kernel] the descriptor has no kernel body; it is the GLSL of one invocation.");
    static constexpr CustomKernel gridless{.body = "store(0, 0.0);"};
    CHECK(without(my_kernel(), [](Op& op) { op.kernel = &gridless; }) ==
          "[my_kernel] the descriptor has no kernel invocations; it says how many the result takes.");
    static const Op unreferenced = my_kernel();
    CHECK(error_of([&] { evaluate({.outputs = {apply(unreferenced, {x})}}, reference()); }) ==
          "[my_kernel] has no reference function; the reference device cannot run a kernel's GLSL.");
  }

  TEST_CASE("own operations: a wrong number of operands") {
    const Tensor x = zeros({8});
    CHECK(error_of([&] { apply(mine(), {x, x}); }) == "[mine] got 2 operands; it takes 1.");
  }

  TEST_CASE("own operations: a shape rule that does not fit the kind") {
    Op wrong = mine();
    wrong.infer = [](const Node&) -> Meta { return {{3}, DType::f32}; };
    CHECK(error_of([&] { apply(wrong, {zeros({4})}); }) ==
          "[mine] its shape rule gives f32[3] for f32[4]; an elementwise result has the shape of its "
          "operands.");
    wrong = my_sum();
    wrong.infer = of_operand;
    CHECK(error_of([&] { apply(wrong, {zeros({4})}, {.integers = {0}}); }) ==
          "[my_sum] its shape rule gives f32[4] for f32[4]; a reduction's result has size 1 on the axes that "
          "it folds, and its operand's on the others.");
    wrong = my_kernel();
    wrong.infer = [](const Node& node) -> Meta { return {node.inputs[0].shape(), DType::u8}; };
    CHECK(error_of([&] { apply(wrong, {zeros({4})}); }) ==
          "[my_kernel] its shape rule gives u8[4] for f32[4]; a custom kernel writes whole words, not u8, "
          "f16 or bf16.");
    static constexpr CustomKernel short_reference{
        .body = copy_kernel.body,
        .invocations = copy_kernel.invocations,
        .reference = [](const Node&, std::span<const std::vector<double>>) -> std::vector<double> {
          return {1, 2};
        }};
    static Op brief = my_kernel();
    brief.kernel = &short_reference;
    CHECK(error_of([&] { evaluate({.outputs = {apply(brief, {zeros({4})})}}, reference()); }) ==
          "[my_kernel] its reference function gave 2 elements for f32[4]; it must give 4.");
  }

  TEST_CASE("own operations: no gradient where one is needed") {
    const Tensor x = input("x", {4});
    const std::string rule =
        " (f32[4]) is not differentiable and lies between the output and a target; use stop_gradient where "
        "no gradient is wanted.";
    CHECK(error_of([&] { grad(sum(apply(mine(), {x})), x); }) == "[grad] mine" + rule);
    CHECK(error_of([&] { grad(sum(apply(my_kernel(), {x})), x); }) == "[grad] my_kernel" + rule);
  }
}

}  // namespace hekla::testing
