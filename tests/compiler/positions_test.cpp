// More elements than a kernel can count: computed where no tensor of that size is stored, refused otherwise.
#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/grad.h"
#include "graph/compiler/plan.h"
#include "graph/compiler/positions.h"
#include "graph/compiler/work.h"
#include "graph/run/value.h"
#include "hekla.h"
#include "tests/compiler/variants.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/support/kernels.h"

namespace hekla::testing {

using namespace compiler;

namespace {

constexpr std::int64_t many = 47'000;  // many * many is more than 2^31

Tensor column(const Tensor& x) { return expand_dims(x, 1); }
Tensor row(const Tensor& x) { return expand_dims(x, 0); }

Plan plan_of(const Tensor& output, const PlanOptions& options = {}) {
  return make_plan(collect({.outputs = {output}}), options);
}

double number_on(const std::shared_ptr<Evaluator>& device, const Tensor& x) {
  evaluate({.outputs = {x}}, device);
  return x.node().value->to_host(x.node()).at(0);
}

// Devices whose planner stores nothing larger than `most_bytes` by choice.
std::vector<std::shared_ptr<Evaluator>> devices_that_store(std::int64_t most_bytes) {
  std::vector<std::shared_ptr<Evaluator>> all;
  if (!device()) return all;
  for (const bool fuse : {true, false}) {
    all.push_back(std::make_shared<vulkan::VulkanDevice>(
        variants().front().device->context(),
        vulkan::DeviceOptions{.fuse = fuse, .adjust = [=](vulkan::Profile& profile) {
                                profile.compiler.max_stored_bytes = most_bytes;
                              }}));
  }
  return all;
}

void expect_equal_values(const std::shared_ptr<Evaluator>& device, const std::function<Tensor()>& build,
                         double tolerance) {
  const std::vector<double> expected = reference_values(build());
  const Tensor found = build();
  evaluate({.outputs = {found}}, device);
  const HostArray values = found.node().value->to_host(found.node());
  REQUIRE(values.count() == static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(values.at(static_cast<std::int64_t>(i)) == doctest::Approx(expected[i]).epsilon(tolerance));
  }
}

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("positions: pairs of more than 2^31 are counted exactly, and averaged") {
    if (!device()) return;
    const Tensor a = arange(many, f32);
    // For each number, those at most 9 away: 19, less the missing ones at the two ends.
    const Tensor near = cast(abs(column(a) - row(a)) < 10, i32);
    CHECK(number_on(device(), sum(near)) == many * 19 - 90);
    CHECK(number_on(device(), mean(ones({many, many}))) == 1);
    CHECK(number_on(device(), mean(reshape(column(a) + row(a), {-1}))) ==
          doctest::Approx(many - 1).epsilon(1e-6));
  }

  TEST_CASE("positions: sums of more than 2^24 ones go on") {
    if (!device()) return;
    const Tensor one = variable(ones({1}));
    const Tensor total = sum(broadcast_to(one, {many, many}));
    CHECK(number_on(device(), total) == doctest::Approx(static_cast<double>(many) * many).epsilon(1e-6));
  }

  TEST_CASE("positions: the gradient of a mean over more than 2^31 elements") {
    if (!device()) return;
    const Tensor a = variable(ones({many})), b = variable(ones({many}));
    const Tensor gradient = grad(mean(column(a) * row(b)), a);
    evaluate({.outputs = {gradient}}, device());
    const HostArray values = gradient.node().value->to_host(gradient.node());
    CHECK(values.at(0) == doctest::Approx(1.0 / many).epsilon(1e-6));
    CHECK(values.at(many - 1) == doctest::Approx(1.0 / many).epsilon(1e-6));
  }

  TEST_CASE("positions: no kernel of a sum over 60,000 x 60,000 pairs counts beyond 32 bits or stores them") {
    const Tensor x = variable(zeros({60'000, 3})), v = variable(zeros({60'000, 20})),
                 w = variable(zeros({60'000, 200}));
    const Tensor apart = sum(square(column(x) - row(x)), {2});
    const Tensor far_apart = sum(square(column(w) - row(w)), {2});
    const Tensor by_product = matmul(v, transpose(v));
    for (const Tensor& y :
         {mean(apart), max(apart, {1}), sum(far_apart, {0}), mean(by_product), grad(mean(sqrt(apart + 1)), x),
          matmul(exp(-apart), x), grad(mean(square(by_product)), v)}) {
      for (const bool fuse : {true, false}) {
        const Plan plan = plan_of(y, {.fuse = fuse});
        for (const Slot& slot : plan.slots) CHECK(slot.count < 100'000'000);
        for (const Kernel& kernel : plan.kernels) {
          CHECK(elements_of(kernel) <= most_positions);
          const auto* reduce = std::get_if<ReduceKernel>(&kernel.form);
          if (reduce != nullptr) CHECK(reduce->length <= most_positions);
          CHECK(kernel.iterations() <= DeviceProfile().max_iterations);
        }
      }
    }
  }

  TEST_CASE("positions: what is too large to be stored is computed inside its readers") {
    for (const std::shared_ptr<Evaluator>& small : devices_that_store(4096)) {
      const Tensor x = cast(iota({90, 3}, 0), f32) / 10 + cast(iota({90, 3}, 1), f32);
      const Tensor w = sin(cast(iota({90, 70}, 0), f32) + 3 * cast(iota({90, 70}, 1), f32));
      const auto apart = [&] { return sum(square(column(x) - row(x)), {2}); };
      const auto far_apart = [&] { return sum(square(column(w) - row(w)), {2}); };
      const auto product = [&] { return matmul(w, transpose(w)); };
      expect_equal_values(
          small, [&] { return mean(apart()); }, 1e-5);
      expect_equal_values(
          small, [&] { return max(far_apart(), {1}); }, 1e-5);
      expect_equal_values(
          small, [&] { return sum(far_apart(), {0}); }, 1e-5);
      expect_equal_values(
          small, [&] { return sum(product(), {1}); }, 1e-3);
      expect_equal_values(
          small, [&] { return matmul(exp(-apart()), x); }, 1e-5);
      expect_equal_values(
          small, [&] { return mean(softmax(product() / 10)); }, 1e-5);
      expect_equal_values(
          small,
          [&] {
            const Tensor leaf = variable(x);
            return grad(mean(sqrt(sum(square(column(leaf) - row(leaf)), {2}) + 1)), leaf);
          },
          1e-4);
      const Tensor batches = sin(cast(iota({4, 30, 20}, 1), f32) + cast(iota({4, 30, 20}, 2), f32));
      expect_equal_values(
          small,
          [&] {
            return sum(square(matmul(batches, transpose(batches))), {1, 2});
          },
          1e-4);
    }
  }

  TEST_CASE("positions: what would have to be stored, or counted by one index, is refused by name") {
    const auto error = [](const Tensor& y) { return error_of([&] { plan_of(y); }); };
    const Tensor a = arange(many, f32);
    CHECK(error(column(a) + row(a)) ==
          "[compile] add f32[47000,47000] would be stored, 2209000000 elements; kernels count to 2147483647: "
          "fold it "
          "to something smaller where it is made, or compute it in parts.");
    CHECK(error(sum(iota({3'000'000'000}, 0, f32))) ==
          "[compile] iota f32[3000000000] would be folded in one loop, 3000000000 elements; kernels count to "
          "2147483647: fold it to something smaller where it is made, or compute it in parts.");
    const Tensor joined = reshape(column(a) + row(a), {-1});
    CHECK(error(gather(joined, zeros({3}, i32))).find("[compile] iota f32[47000] is asked for position") ==
          0);
    CHECK(error(input("distances", {many, many}) + 1)
              .find("[compile] distances f32[47000,47000] would be stored") == 0);
    CHECK(
        error_of([] {
          variable(ones({many, many}), "w");
        }) ==
        "[variable] w f32[47000,47000] has 2209000000 elements; a tensor in memory has at most 2147483647.");
  }

  TEST_CASE(
      "positions: a long chain over what is too large to be stored is refused, not walked without end") {
    Tensor x = row(arange(many, f32)) + column(arange(many, f32));
    for (int i = 0; i < 20'000; ++i) x = tanh(x);
    CHECK(error_of([&] { plan_of(mean(x)); }) ==
          "[compile] a kernel would compute too many operations in a row.");
  }

  TEST_CASE("positions: the reference device refuses what it has no room for") {
    const std::string error = error_of([] {
      evaluate({.outputs = {mean(ones({many, many}) * 2)}}, reference());
    });
    CHECK(error.find("[reference] ") == 0);
    CHECK(error.find("f32[47000,47000] has 2209000000 elements") != std::string::npos);
  }

  TEST_CASE("positions: a number folded with itself is a number") {
    const auto kernels = [](const Tensor& y) { return plan_of(y + variable(zeros({}))).kernels[0]; };
    CHECK(kernels(sum(full({many, many}, 0.5))).iterations() == 0);
    CHECK(kernels(max(full({many, many}, -3))).iterations() == 0);
    for (const std::shared_ptr<Evaluator>& each : reference_and_device()) {
      CHECK(number_on(each, sum(full({1001}, 0.5))) == 500.5);
      CHECK(number_on(each, max(full({1001}, -3))) == -3);
      CHECK(number_on(each, sum(full({3, 7}, 3, i32), {1})) == 21);
      CHECK(number_on(each, mean(ones({1'000'003}))) == 1);
    }
  }

  TEST_CASE("positions: whether any is true does not depend on how many are") {
    // A count of 2^32 true elements would wrap around to 0.
    const Plan plan = plan_of(any(variable(ones({5000})) > 0));
    CHECK(std::string(std::get<ReduceKernel>(plan.kernels[0].form).fold->name) == "max");
  }

  TEST_CASE("loops: a sum of the elements of a small reduction, taken one by one") {
    for (const int n : {10, 31, 40, 64, 200}) {
      for (const std::shared_ptr<Evaluator>& each : reference_and_device()) {
        const Tensor s = sum(cast(iota({n, 4, 4}, 0), f32), {1, 2});
        Tensor total = slice(s, {{0, 1}});
        for (int i = 1; i < n; ++i) total = total + slice(s, {{i, i + 1}});
        CHECK(number_on(each, total) == 16.0 * n * (n - 1) / 2);
      }
    }
  }

  TEST_CASE("loops: more of them after each other than there are axes") {
    constexpr int loops = 100;
    const Tensor x = variable(cast(iota({loops, 3, 5}, 0), f32) + cast(iota({loops, 3, 5}, 2), f32));
    const auto total_of = [&] {
      const Tensor s = sum(x, {1, 2});
      Tensor total = slice(s, {{0, 1}});
      for (int i = 1; i < loops; ++i) total = total + slice(s, {{i, i + 1}}) * (i % 3);
      return total;
    };
    const PlanOptions roomy{.device = {.max_statements = 5000, .max_folds = 1000}};
    const Plan plan = plan_of(total_of(), roomy);
    REQUIRE(plan.kernels.size() == 1);
    CHECK(plan.kernels[0].iterations() == loops * (3 + 3 * 5));
    CHECK(work_of(plan.kernels[0], plan.slots).operations >= loops * (3 + 3 * 5));
  }

  TEST_CASE("loops: only the kernel that loops for too long is divided") {
    // 40 times 60 times 60 iterations; fusion, which is told that all is well, counts 60 times 60.
    const Tensor x = variable(zeros({40, 60, 60}));
    const Tensor s = sum(tanh(x), {2});
    const Tensor t = sum(s * s, {1});
    Tensor total = slice(t, {{0, 1}});
    for (int i = 1; i < 40; ++i) total = total + slice(t, {{i, i + 1}});
    Tensor chain = variable(zeros({5000}));
    for (int i = 0; i < 100; ++i) chain = tanh(chain);
    const PlanOptions trusting{.device = {.max_statements = 5000, .max_folds = 1000}};
    const Plan plan = make_plan(collect({.outputs = {total, chain}}), trusting);
    std::size_t of_chain = 0;
    for (const Kernel& kernel : plan.kernels) {
      CHECK(kernel.iterations() <= DeviceProfile().max_iterations);
      of_chain += elements_of(kernel) == 5000;
    }
    CHECK(of_chain == 1);
  }
}

TEST_SUITE("errors") {
  TEST_CASE("positions that no dtype or index holds") {
    const std::int64_t huge = std::int64_t{1} << 33;
    CHECK(error_of([&] { iota({huge}, 0); }) ==
          "[iota] numbers from 0 to 8589934591; i32 does not hold them all.");
    CHECK(error_of([&] { iota({huge}, 0, u32); }) ==
          "[iota] numbers from 0 to 8589934591; u32 does not hold them all.");
    CHECK(error_of([] { arange(0, 4'000'000'000, 1000); }) ==
          "[arange] numbers from 0 to 3999999000; i32 does not hold them all.");
    CHECK(error_of([] { arange(-2, 3, 1, u32); }) ==
          "[arange] numbers from -2 to 2; u32 does not hold them all.");
    CHECK(error_of([] { arange(0, HUGE_VAL); }) ==
          "[arange] from 0 to inf by 1 gives inf numbers; a tensor holds fewer than 2^62.");
    CHECK(error_of([&] { argmax(zeros({huge})); }) ==
          "[argmax] axis 0 of f32[8589934592] has 8589934592 elements; positions are counted in i32, to "
          "2147483647.");
    CHECK(error_of([&] {
            sort(zeros({huge / 16, 16}), 1);
          }) == "[sort] 8589934592 elements of f32[536870912,16]; positions are counted in i32.");
    CHECK(error_of([&] { random_uniform({huge}, random_key(1)); }) ==
          "[random] 8589934592 numbers for [8589934592]; a key gives 4294967296 at most (see split).");
    CHECK(error_of([&] {
            zeros({huge, huge});
          }) == "[shape] [8589934592,8589934592] has more elements than can be counted.");
    CHECK(error_of([&] { tile(zeros({8}), {std::int64_t{1} << 62}); }) ==
          "[shape] [1,4611686018427387904,8] has more elements than can be counted.");
    CHECK(error_of([] {
            pad(zeros({8}), {{.low = INT64_MAX, .high = INT64_MAX}});
          }).find("[pad] axis 0 of f32[8]") == 0);
    CHECK(error_of([] { windows(zeros({8}), 0, 3, 1, INT64_MAX); }).find("[windows] a window of 3") == 0);
    CHECK(slice(arange(8), {{.step = INT64_MAX}}).shape() == Shape{1});
  }
}

}  // namespace hekla::testing
