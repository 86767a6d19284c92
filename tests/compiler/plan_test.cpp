// Plans of the first models as golden text, and invariants of every plan.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "graph/compiler/plan.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/support/kernels.h"
#include "tests/support/repository.h"

namespace hekla::testing {

using namespace compiler;

namespace {

// HEKLA_UPDATE_GOLDEN=1 writes the golden text instead of comparing; review the diff before committing it.
void check_golden(const std::string& name, const std::string& found) {
  const std::string path = (repository() / "tests/compiler/golden" / name).string();
  if (std::getenv("HEKLA_UPDATE_GOLDEN")) {
    std::ofstream(path) << found;
    return;
  }
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  CHECK_MESSAGE(found == expected.str(), name);
}

Plan plan_of(const Computation& computation, bool fuse = true) {
  return make_plan(collect(computation), {.fuse = fuse});
}

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("plan of softmax regression with SGD") {
    const TrainingStep step(Model::softmax);
    check_golden("softmax_sgd.txt", to_string(plan_of(step.computation())));
  }

  TEST_CASE("plan of the MLP with SGD") {
    const TrainingStep step(Model::mlp);
    check_golden("mlp_sgd.txt", to_string(plan_of(step.computation())));
  }

  TEST_CASE("plan of the MLP with momentum") {
    const TrainingStep step(Model::mlp, 0.9);
    check_golden("mlp_momentum.txt", to_string(plan_of(step.computation())));
  }

  TEST_CASE("without fusion every operation is a kernel of its own") {
    const Tensor x = variable(zeros({8}));
    const Tensor y = tanh(x * 2 + 1);
    CHECK(plan_of({.outputs = {y}}).kernels.size() == 1);
    CHECK(plan_of({.outputs = {y}}, false).kernels.size() == 3);
  }

  TEST_CASE("a chain longer than a kernel may be is divided") {
    Tensor x = variable(zeros({8}));
    for (int i = 0; i < 1000; ++i) x = tanh(x);
    const std::size_t kernels = plan_of({.outputs = {x}}).kernels.size();
    CHECK(kernels > 5);
    CHECK(kernels < 50);
  }

  TEST_CASE("small kernels over different numbers of elements go into one") {
    const Tensor a = variable(zeros({100})), b = variable(zeros({10})), c = variable(zeros({}));
    const Plan plan = plan_of({.updates = {{a, tanh(a)}, {b, exp(b)}, {c, c + 1}}});
    REQUIRE(plan.kernels.size() == 1);
    CHECK(std::get<MapKernel>(plan.kernels[0].form).parts.size() == 3);
  }

  TEST_CASE("what is empty is not computed beside what is not") {
    const Plan plan = plan_of({.outputs = {zeros({0}) + 1, tanh(variable(zeros({3})))}});
    for (const Kernel& kernel : plan.kernels) CHECK(std::get<MapKernel>(kernel.form).parts.size() == 1);
  }

  TEST_CASE("a variable is not written beside other elements that read it") {
    // All ten elements read c, whose new value is computed by an invocation of its own.
    const Tensor b = variable(zeros({10})), c = variable(zeros({}));
    const Plan plan = plan_of({.updates = {{b, b + c}, {c, c + 1}}});
    REQUIRE(plan.kernels.size() == 2);
    CHECK(plan.kernels[0].stores.size() == 1);
    CHECK(plan.barrier_before[1]);
  }

  TEST_CASE("a long product of few elements is divided where the device wants more of them") {
    const Tensor a = variable(zeros({32, 8192})), b = variable(zeros({8192, 16}));
    const Computation product{.outputs = {matmul(a, b)}};
    const auto divided = [&](const PlanOptions& options) {
      return std::get<MatmulKernel>(make_plan(collect(product), options).kernels[0].form);
    };
    CHECK(divided({}).matrices == 1);
    CHECK(divided({.device = {.enough_product_outputs = 2000}}).matrices == 4);
    CHECK(divided({.device = {.enough_product_outputs = 1 << 20}}).inner == 1024);
  }

  TEST_CASE("a part of a long sum is a stretch of whole quads, one of columns has its neighbours beside it") {
    const auto first_of = [](const Tensor& result) {
      return std::get<ReduceKernel>(make_plan(collect({.outputs = {result}}), {}).kernels[0].form);
    };
    const ReduceKernel stretch = first_of(sum(variable(zeros({1'000'000}))));
    CHECK(stretch.wide_length);
    CHECK(stretch.length % 4 == 0);
    const ReduceKernel columns = first_of(sum(variable(zeros({1 << 16, 16})), {0}));
    CHECK(columns.wide);
  }

  TEST_CASE("a value read at many positions counts at each of them") {
    // Each halving reads the one before it at two positions: 2^9 positions at the end, in 9 nodes.
    Tensor x = variable(zeros({1024}));
    for (std::int64_t half = 512; half >= 1; half /= 2) {
      x = tanh(slice(x, {{.stop = half}}) * slice(x, {{.start = half}}));
    }
    // Where dispatches are expensive, recomputing is cheaper than storing.
    PlanOptions options{.device = {.dispatch_work = 1e9}};
    const Plan plan = make_plan(collect({.outputs = {x}}), options);
    for (const Kernel& kernel : plan.kernels) {
      CHECK(part_of(kernel).body.values.size() < 2 * static_cast<std::size_t>(options.device.max_statements));
    }
  }

  TEST_CASE("a value that is read elsewhere is not overwritten in place") {
    const Tensor a = variable(zeros({8, 8}), "a");
    const Tensor b = variable(ones({8, 8}), "b");
    // Element by element, both new values can be written in place. Transposed, one must wait in working
    // memory.
    CHECK(plan_of({.updates = {{a, b}, {b, a}}}).arena_bytes == 0);
    CHECK(plan_of({.updates = {{a, transpose(b)}, {b, transpose(a)}}}).arena_bytes > 0);
  }

  TEST_CASE("what only its own kernel reads is not stored") {
    const Tensor x = variable(zeros({8, 8}));
    const Tensor b = variable(zeros({8}));
    const Plan plan = plan_of({.outputs = {relu(matmul(x, x) + b)}});
    REQUIRE(plan.kernels.size() == 1);
    CHECK(plan.kernels[0].stores.size() == 1);
  }

  TEST_CASE("a batch gathered from bytes is scaled where products read it, not stored") {
    const Tensor bytes = variable(zeros({600, 784}, u8)), order = variable(zeros({600}, i32));
    for (const std::int64_t batch : {32, 256}) {
      const Tensor x = cast(gather(bytes, slice(order, {{.stop = batch}})), f32) * (1.0 / 255);
      const Tensor w = variable(zeros({784, 100})), d = variable(zeros({batch, 100}));
      const Plan plan = plan_of({.outputs = {matmul(x, w), matmul(transpose(x), d)}});
      CHECK(plan.kernels.size() == 2);
      CHECK(plan.arena_bytes == 0);
    }
  }

  TEST_CASE("values that are stored for others are computed with what reads all of them") {
    // Each of the three is read by a larger tensor, too, and is stored for that.
    const Tensor gates = variable(zeros({64, 192}));
    const std::vector<Tensor> x = split(gates, 3, 1);
    const Tensor a = tanh(x[0]), b = sigmoid(x[1]), c = sigmoid(x[2]), y = a + b * c;
    const Tensor all = concat({a * (1 - a) * y, b * (1 - b) * y, c * (1 - c) * y}, 1);
    CHECK(plan_of({.outputs = {y, all}}).kernels.size() == 2);
  }

  TEST_CASE("two products that meet in a sum are two kernels") {
    const Tensor a = variable(zeros({8, 8}));
    const Tensor b = variable(ones({8, 8}));
    // The first product is the anchor of the sum and what follows; the second is stored for it to read.
    const Tensor sum_of_products = tanh(tanh(matmul(a, b)) + reshape(matmul(b, a), {8, 8})) * 2;
    const Plan plan = plan_of({.outputs = {sum_of_products}});
    REQUIRE(plan.kernels.size() == 2);
    for (const Kernel& kernel : plan.kernels) {
      for (const Scalar& scalar : std::get<MatmulKernel>(kernel.form).result.values)
        CHECK((scalar.op == nullptr || !scalar.op->glsl.empty()));
    }
  }

  TEST_CASE("the gradient of a convolution is a product like itself") {
    const Tensor x = variable(zeros({2, 8, 8, 4}));
    const Tensor k = variable(zeros({3, 3, 4, 8}));
    const Tensor y = conv2d(x, k, {.padding = PaddingMode::same});
    const auto [dx, dk] = grad(sum(square(y)), {x, k});
    const Plan plan = plan_of({.outputs = {dx, dk}});
    CHECK(plan.kernels.size() == 3);
    CHECK(plan.arena_bytes == y.count() * 4);
  }

  TEST_CASE("the gradient of pooling side by side moves elements and stores what is pooled alone") {
    const Tensor x = variable(zeros({8, 64, 64, 32}));
    const Tensor y = relu(x * 2);
    const Plan plan = plan_of({.outputs = {grad(sum(square(max_pool2d(y))), x)}});
    CHECK(plan.arena_bytes <= 2 * y.count() * 4);
    for (const Kernel& kernel : plan.kernels) CHECK(is_wide(kernel));
  }

  TEST_CASE("a long sum that keeps the last axis reads quads") {
    const Plan plan = plan_of({.outputs = {sum(variable(zeros({25088, 32})), {0})}});
    for (const Kernel& kernel : plan.kernels) CHECK(is_wide(kernel));
  }

  TEST_CASE("a row whose elements share their loops is computed by one invocation") {
    const Kernel kernel = plan_of({.outputs = {softmax(variable(zeros({32, 10})))}}).kernels[0];
    CHECK(part_of(kernel).items == 32);
    CHECK(part_of(kernel).row == 10);
    // The max loop, the sum loop, and the ten elements.
    CHECK(kernel.iterations() == 10 + 10 + 10);
    // Elements of a row that one invocation computes; 1 where a kernel has no rows.
    const auto row_of = [](const Tensor& y) {
      const Kernel first = plan_of({.outputs = {y}}).kernels[0];
      return std::holds_alternative<MapKernel>(first.form) ? part_of(first).row : 1;
    };
    const Tensor x = variable(zeros({32, 10}));
    CHECK(row_of(softmax(x, 0)) == 1);
    CHECK(row_of(sum(x, {1})) == 1);
    // Even with many rows, the max and the sum get no kernels of their own.
    CHECK(plan_of({.outputs = {softmax(variable(zeros({100'000, 10})))}}).kernels.size() == 1);
    CHECK(row_of(cast(softmax(x) * 255, DType::u8)) == 1);
  }

  TEST_CASE("a loop that every element's loop would run again is stored") {
    // The rank of each of 32 numbers is needed for each of 32 places: 32^3 comparisons if it were not stored.
    const Plan plan = plan_of({.outputs = {argsort(input("x", {4096, 32}, i32))}});
    CHECK(plan.kernels.size() == 2);
  }

  TEST_CASE("loops inside a loop are spread over lanes where that costs no kernel") {
    const Tensor x = variable(zeros({32, 10}));
    const Tensor losses = log(sum(exp(x - max(x, {1}, KeepDims::yes)), {1}));
    const Tensor total = variable(zeros({}));
    const auto longest = [](const Plan& plan) {
      std::int64_t iterations = 0;
      for (const Kernel& kernel : plan.kernels) iterations = std::max(iterations, kernel.iterations());
      return iterations;
    };
    const Plan alone = plan_of({.updates = {{total, total + sum(losses)}}});
    CHECK(alone.kernels.size() == 1);
    CHECK(longest(alone) > 32 * 10);
    // Where small kernels run before and after, the losses fuse horizontally with one, and their sum with the
    // other.
    const Tensor w = variable(zeros({10, 10})), b = variable(zeros({10})), y = softmax(x);
    const Plan beside =
        plan_of({.updates = {{w, matmul(transpose(y), x)}, {b, sum(y, {0})}, {total, total + sum(losses)}}});
    CHECK(beside.kernels.size() == 3);
    CHECK(longest(beside) <= 32);
  }

  TEST_CASE("a value that dies makes room for the next") {
    Tensor x = variable(zeros({64, 64}));
    for (int i = 0; i < 6; ++i) x = tanh(matmul(x, x));
    const Plan plan = plan_of({.outputs = {x}});
    CHECK(plan.arena_bytes == 2 * 64 * 64 * 4);
  }

  TEST_CASE("independent kernels have no barrier between them") {
    const Tensor x = variable(zeros({64, 64}));
    const Tensor y = variable(zeros({64, 64}));
    const Plan plan = plan_of({.outputs = {matmul(x, x), matmul(y, y)}});
    REQUIRE(plan.kernels.size() == 2);
    CHECK_FALSE(plan.barrier_before[1]);
  }
}

}  // namespace hekla::testing
