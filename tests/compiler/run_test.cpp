// Running compiled computations: determinism, agreement of evaluate and Program::run, constant memory use,
// loops of any length.
#include <doctest/doctest.h>

#include <cmath>

#include "backends/vulkan/persistent.h"
#include "hekla.h"
#include "tests/compiler/models.h"
#include "tests/compiler/variants.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

std::vector<float> losses_of_program(const std::shared_ptr<Evaluator>& device, Model model, int steps) {
  const TrainingStep step(model);
  Program program = compile(step.computation(), device);
  std::vector<float> losses;
  for (int i = 0; i < steps; ++i) losses.push_back(program.run()[0].item());
  return losses;
}

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("the same seed gives the same losses to the last bit") {
    if (!device()) return;
    for (const Model model : {Model::softmax, Model::mlp}) {
      CHECK(losses_of_program(device(), model, 20) == losses_of_program(device(), model, 20));
    }
  }

  TEST_CASE("training on the device follows the reference") {
    if (!device()) return;
    for (const Variant& variant : variants()) {
      const std::vector<float> found = losses_of_program(variant.device, Model::mlp, 10);
      const std::vector<float> expected = losses_of_program(reference(), Model::mlp, 10);
      for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-3));
    }
  }

  TEST_CASE("evaluation and a program give the same bits") {
    if (!device()) return;
    const std::vector<float> compiled = losses_of_program(device(), Model::mlp, 8);
    const TrainingStep step(Model::mlp);
    for (const float expected : compiled) {
      CHECK(evaluate({.outputs = {step.loss}, .updates = step.updates}, device())[0].item() == expected);
    }
  }

  TEST_CASE("a divided product and a fold by many lanes give what the reference gives") {
    if (!device()) return;
    const Tensor a = random_uniform({4, 2100}, random_key(1, 0), -1, 1);
    const Tensor b = random_uniform({2100, 3}, random_key(1, 1), -1, 1);
    for (const Variant& variant : variants()) {
      const auto values = [&](const std::shared_ptr<Evaluator>& on) {
        // 2,048 elements are folded four per iteration, by one lane as well as by many.
        const Tensor fours = slice(a, {{}, {.stop = 2048}});
        Program program =
            compile({.outputs = {matmul(a, b), sum(a, {1}), sum(fours, {1}), max(a), all(a > -2.0)}}, on);
        std::vector<double> found;
        for (const Tensor& output : program.run()) {
          for (const float x : cast(output, f32).to_vector()) found.push_back(x);
        }
        return found;
      };
      const std::vector<double> found = values(variant.device), expected = values(reference());
      for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
  }

  TEST_CASE("rows and transposed products are written where they belong") {
    if (!device()) return;
    const Tensor x = random_uniform({13, 7}, random_key(2, 0), -1, 1);
    const Tensor batches = random_uniform({3, 21, 13}, random_key(2, 1), -1, 1);
    for (const Variant& variant : variants()) {
      const auto values = [&](const std::shared_ptr<Evaluator>& on) {
        // Each variable's update reads whole rows of itself and single elements of the other.
        const Tensor a = variable(x), b = variable(x * 2);
        const Computation step{.outputs = {matmul(batches, softmax(a)) * 2},
                               .updates = {{a, a - softmax(a) * b}, {b, b + log_softmax(a)}}};
        Program program = compile(step, on);
        std::vector<float> found = program.run(2)[0].to_vector();
        for (const Tensor& state : {a, b}) {
          for (const float value : state.to_vector()) found.push_back(value);
        }
        return found;
      };
      const std::vector<float> found = values(variant.device), expected = values(reference());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("products store every row up to its end and no further, wherever rows start") {
    if (!device()) return;
    struct Sizes {
      std::int64_t matrices, rows, columns;
    };
    // Rows of whole octets, and of one quad more, so that every other row starts in the middle of an octet.
    for (const Sizes& sizes : {Sizes{1, 1, 8},
                               {1, 2, 12},
                               {1, 3, 20},
                               {1, 50, 100},
                               {1, 17, 68},
                               {2, 5, 36},
                               {3, 7, 12},
                               {3, 8, 44},
                               {2, 16, 64}}) {
      const std::int64_t matrices = sizes.matrices, rows = sizes.rows, columns = sizes.columns;
      CAPTURE(rows);
      CAPTURE(columns);
      const Tensor left = random_uniform({matrices, rows, 9}, random_key(4, 0), -1, 1);
      const Tensor right = random_uniform({matrices, 9, columns}, random_key(4, 1), -1, 1);
      for (const Variant& variant : variants()) {
        CAPTURE(variant.name);
        const auto values = [&](const std::shared_ptr<Evaluator>& on) {
          const Tensor mean = variable(ones({matrices, rows, columns}));
          const Tensor counts = variable(zeros({matrices, rows, columns}, i32));
          const Tensor product = matmul(left, right);
          // One kernel stores three values per element: two in place, and one with scattered rows.
          const Computation step{
              .outputs = {permute(product * 2, {1, 0, 2})},
              .updates = {{mean, mean * 0.5 + product}, {counts, counts + cast(product * 8, i32)}}};
          Program program = compile(step, on);
          std::vector<float> found = program.run(2)[0].to_vector();
          for (const Tensor& state : {mean, cast(counts, f32)}) {
            for (const float value : state.to_vector()) found.push_back(value);
          }
          return found;
        };
        const std::vector<float> found = values(variant.device), expected = values(reference());
        REQUIRE(found.size() == expected.size());
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < expected.size(); ++i)
          wrong += std::abs(found[i] - expected[i]) > 1e-5F * (1 + std::abs(expected[i]));
        CHECK(wrong == 0);
      }
    }
  }

  TEST_CASE("elementwise results store every element, however many quads there are") {
    if (!device()) return;
    for (const std::int64_t count : {4, 8, 12, 16, 20, 2040, 2052, 4096, 65'544, 131'072}) {
      CAPTURE(count);
      // Uploaded from the host: start values computed by a kernel under test could repeat and hide a fault.
      std::vector<float> start;
      for (std::int64_t i = 0; i < count; ++i) start.push_back(std::sin(static_cast<float>(i * i)));
      for (const Variant& variant : variants()) {
        CAPTURE(variant.name);
        const auto values = [&](const std::shared_ptr<Evaluator>& on) {
          const Tensor x = variable(tensor(start)), n = variable(zeros({count}, u32)),
                       flags = variable(zeros({count}, boolean));
          Program program = compile(
              {.updates = {{x, x * 0.5 + sin(x)}, {n, n + 3u * cast(x > 0, u32)}, {flags, x > 0.25}}}, on);
          program.run(3);
          std::vector<float> found;
          for (const Tensor& state : {x, cast(n, f32), cast(flags, f32)}) {
            for (const float value : state.to_vector()) found.push_back(value);
          }
          return found;
        };
        const std::vector<float> found = values(variant.device), expected = values(reference());
        REQUIRE(found.size() == expected.size());
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) wrong += std::abs(found[i] - expected[i]) > 1e-5F;
        CHECK(wrong == 0);
      }
    }
  }

  TEST_CASE("updates of different sizes read the values from the start of the step") {
    if (!device()) return;
    for (const Variant& variant : variants()) {
      const Tensor wide = variable(ones({12})), narrow = variable(ones({3})), one = variable(ones({}));
      Program step = compile({.updates = {{wide, wide + one},
                                          {narrow, narrow * 2 + slice(wide, {{.stop = 3}})},
                                          {one, one + sum(narrow)}}},
                             variant.device);
      step.run(3);
      // one: 1, 4, 13, 37; wide: 1, 2, 6, 19; narrow: 1, 3, 8, 22
      CHECK(one.item() == 37);
      CHECK(wide.to_vector() == std::vector<float>(12, 19));
      CHECK(narrow.to_vector() == std::vector<float>(3, 22));
    }
  }

  TEST_CASE("many steps in one run are many runs of one step") {
    if (!device()) return;
    const TrainingStep one(Model::softmax);
    const TrainingStep many(Model::softmax);
    Program single = compile(one.computation(), device());
    Program repeated = compile(many.computation(), device());
    float last = 0;
    for (int i = 0; i < 37; ++i) last = single.run()[0].item();
    CHECK(repeated.run(37)[0].item() == last);
    CHECK(one.weights[0].to_vector() == many.weights[0].to_vector());
  }

  TEST_CASE("results held across runs keep their values") {
    if (!device()) return;
    const Tensor counter = variable(constant(0, {}, i32));
    Program program = compile({.outputs = {counter + 0}, .updates = {{counter, counter + 1}}}, device());
    std::vector<Tensor> held;
    for (int i = 0; i < 10; ++i) held.push_back(program.run()[0]);
    for (int i = 0; i < 10; ++i) CHECK(held[static_cast<std::size_t>(i)].item<int>() == i);
  }

  TEST_CASE("a dynamic loop holds memory flat") {
    if (variants().empty()) return;
    const std::shared_ptr<vulkan::VulkanDevice> vulkan_device = variants()[0].device;
    const Tensor w = variable(random_uniform({20, 30}, random_key(3)), "w");
    Tensor carried = zeros({30});
    vulkan::PoolCounters early;
    std::size_t early_plans = 0;
    for (int i = 0; i < 2000; ++i) {
      const Tensor x = tensor(std::vector<float>(20, 0.01f * static_cast<float>(i % 7)), {1, 20});
      const Tensor loss = mean(square(matmul(x, w) - 1));
      const Tensor next = carried * 0.9 + sum(matmul(x, w), {0});
      carried =
          evaluate({.outputs = {loss, next}, .updates = {{w, w - 0.1 * grad(loss, w)}}}, vulkan_device)[1];
      if (i == 300) {
        early = vulkan_device->memory();
        early_plans = vulkan_device->compiled_count();
      }
    }
    // Kernels that share dispatches have progress counters. On a busy machine they are compiled only later.
    CHECK(vulkan_device->memory().buffers_made <= early.buffers_made + 1);
    CHECK(vulkan_device->memory().peak_bytes <= early.peak_bytes + vulkan::progress_bytes);
    CHECK(vulkan_device->compiled_count() == early_plans);
  }

  TEST_CASE("no loop meets the software driver's limit of 65,535 iterations") {
    for (const Variant& variant : variants()) {
      CAPTURE(variant.name);
      const Tensor a = variable(full({3, 300'000}, 0.5));
      const Tensor b = variable(full({300'000, 5}, 2));
      const Tensor product = matmul(a, b);
      evaluate({.outputs = {product}}, variant.device);
      CHECK(product.to_vector() == std::vector<float>(15, 300'000));
      const Tensor positions = cast(iota({20'000'000}, 0) % 2, i32);
      const Tensor odd = sum(positions);
      const Tensor largest = max(positions * 3);
      evaluate({.outputs = {odd, largest}}, variant.device);
      CHECK(odd.item<int>() == 10'000'000);
      CHECK(largest.item<int>() == 3);
    }
  }

  TEST_CASE("variables exchange their values") {
    for (const Variant& variant : variants()) {
      const Tensor a = variable(tensor({1.0, 2, 3, 4}, {2, 2}));
      const Tensor b = variable(tensor({5.0, 6, 7, 8}, {2, 2}));
      evaluate({.updates = {{a, transpose(b)}, {b, transpose(a)}}}, variant.device);
      CHECK(a.to_vector() == std::vector<float>{5, 7, 6, 8});
      CHECK(b.to_vector() == std::vector<float>{1, 3, 2, 4});
    }
  }

  TEST_CASE("bytes are stored four to a word") {
    for (const Variant& variant : variants()) {
      for (const std::int64_t count : {1, 3, 4, 37}) {
        const Tensor bytes = cast(arange(count) * 3, u8);
        evaluate({.outputs = {bytes}}, variant.device);
        std::vector<int> expected;
        for (int i = 0; i < count; ++i) expected.push_back(i * 3);
        CHECK(bytes.to_vector<int>() == expected);
      }
    }
  }
}

}  // namespace hekla::testing
