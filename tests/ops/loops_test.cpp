// Loops in the graph: the same values and derivatives as the unrolled graph, in a plan that does not grow with the
// number of steps.
#include "ops/loops.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/checkpoint.h"
#include "autodiff/forward.h"
#include "autodiff/grad.h"
#include "autodiff/jacobian.h"
#include "graph/compiler/plan.h"
#include "graph/run/program.h"
#include "ops/custom_gradient.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

using namespace compiler;

namespace {

using Tensors = std::vector<Tensor>;

Tensor random(const Shape& shape, std::uint32_t which) {
  return variable(random_uniform(shape, random_key(7, which), -0.7, 0.7));
}

// A small recurrent network, h <- tanh(x W + h U + b), whose output is a part of the state.
struct Network {
  std::int64_t steps = 5;
  Tensor x = random({steps, 3, 4}, 1), h = random({3, 5}, 2);
  Tensor w = random({4, 5}, 3), u = random({5, 5}, 4), b = random({5}, 5);
  bool reverse = false;

  Tensors parameters() const { return {x, h, w, u, b}; }
  Tensor next(const Tensor& now, const Tensor& input) const {
    return tanh(matmul(input, w) + matmul(now, u) + b);
  }

  // The state at the end, and the first two columns of each step's.
  Tensors scanned() const {
    const Scanned all = scan(
        [&](const Tensors& state, const Tensors& elements) -> Scanned {
          const Tensor now = next(state[0], elements[0]);
          return {{now}, {slice(now, {{}, {0, 2}})}};
        },
        {x}, {h}, {.reverse = reverse});
    return {all.state[0], all.stacked[0]};
  }
  Tensors unrolled() const {
    Tensor now = h;
    Tensors outputs(static_cast<std::size_t>(steps));
    for (std::int64_t i = 0; i < steps; ++i) {
      const std::int64_t t = reverse ? steps - 1 - i : i;
      now = next(now, squeeze(slice(x, {{t, t + 1}}), {0}));
      outputs[static_cast<std::size_t>(t)] = slice(now, {{}, {0, 2}});
    }
    return {now, stack(outputs, 0)};
  }
};

Tensor loss_of(const Tensors& results) {
  return sum(square(results[0])) + sum(exp(results[1]) * cast(iota(results[1].shape(), 0) + 1, f32));
}

// Everything that is compared: values, gradients, and gradients of a function of gradients.
Tensors all_of(const Network& network, const Tensors& results) {
  Tensors all = results;
  const Tensor loss = loss_of(results);
  const Tensors first = grad(loss, network.parameters());
  all.insert(all.end(), first.begin(), first.end());
  Tensor sizes = constant(0);
  for (const Tensor& g : first) sizes = sizes + sum(square(g));
  for (const Tensor& g : grad(sizes, network.parameters())) all.push_back(g);
  Tensors tangents;
  for (const Tensor& p : network.parameters()) tangents.push_back(sin(p) + 0.5);
  for (const Tensor& t : jvp(results, network.parameters(), tangents)) all.push_back(t);
  return all;
}

void check_equal(const Tensors& found, const Tensors& expected, const std::shared_ptr<Evaluator>& on,
                 double tolerance) {
  REQUIRE(found.size() == expected.size());
  const Tensors a = evaluate({.outputs = found}, on), b = evaluate({.outputs = expected}, on);
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(i);
    REQUIRE(a[i].shape() == b[i].shape());
    const std::vector<double> x = a[i].to_vector<double>(), y = b[i].to_vector<double>();
    double largest = 0;
    for (std::size_t k = 0; k < x.size(); ++k)
      largest = std::max(largest, std::abs(x[k] - y[k]) / (1 + std::abs(y[k])));
    CHECK(largest <= tolerance);
  }
}

std::vector<std::shared_ptr<Evaluator>> everywhere() {
  std::vector<std::shared_ptr<Evaluator>> all{reference()};
  all.insert(all.end(), devices().begin(), devices().end());
  return all;
}

Plan plan_of(const Tensors& outputs) { return make_plan(collect({.outputs = outputs}), {}); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("scan: running sums, from either end") {
    for (const auto& each : everywhere()) {
      CAPTURE(each->name());
      const Tensor x = counted({4, 3});
      const ScanStep add = [](const Tensors& state, const Tensors& elements) -> Scanned {
        const Tensor total = state[0] + elements[0];
        return {{total}, {total}};
      };
      const Scanned forwards = scan(add, {x}, {zeros({3})});
      const Scanned backwards = scan(add, {x}, {ones({3})}, {.reverse = true});
      const Tensors results = evaluate(
          {.outputs = {forwards.state[0], forwards.stacked[0], backwards.state[0], backwards.stacked[0]}},
          each);
      using Numbers = std::vector<double>;
      CHECK(results[0].to_vector<double>() == Numbers{18, 22, 26});
      CHECK(results[1].to_vector<double>() == Numbers{0, 1, 2, 3, 5, 7, 9, 12, 15, 18, 22, 26});
      CHECK(results[2].to_vector<double>() == Numbers{19, 23, 27});
      CHECK(results[3].to_vector<double>() == Numbers{19, 23, 27, 19, 22, 25, 16, 18, 20, 10, 11, 12});
    }
  }

  TEST_CASE("scan: values and derivatives to second order are those of the unrolled graph") {
    for (const bool reverse : {false, true}) {
      const Network network{.reverse = reverse};
      const Tensors found = all_of(network, network.scanned()),
                    expected = all_of(network, network.unrolled());
      for (const auto& each : everywhere()) {
        CAPTURE(each->name());
        check_equal(found, expected, each, each == reference() ? 1e-12 : 2e-4);
      }
    }
  }

  TEST_CASE("scan: what is stacked is also read by other kernels of the same step, sorting among them") {
    for (const auto& each : everywhere()) {
      CAPTURE(each->name());
      const Tensor x = random({4, 6, 6}, 1), start = random({6, 6}, 2);
      const ScanStep step = [](const Tensors& state, const Tensors& elements) -> Scanned {
        const Tensor product = matmul(state[0], elements[0]);
        const Tensor sorted = sort(product);
        return {{tanh(matmul(product, elements[0]) + matmul(sorted, product))}, {product, sorted}};
      };
      const Scanned all = scan(step, {x}, {start});
      Tensor state = start;
      Tensors products, sorted;
      for (std::int64_t t = 0; t < 4; ++t) {
        const Scanned one = step({state}, {squeeze(slice(x, {{t, t + 1}}), {0})});
        state = one.state[0];
        products.push_back(one.stacked[0]);
        sorted.push_back(one.stacked[1]);
      }
      check_equal({all.state[0], all.stacked[0], all.stacked[1]},
                  {state, stack(products, 0), stack(sorted, 0)}, each, each == reference() ? 0 : 1e-5);
    }
  }

  TEST_CASE("scan: values on the reference device are those of the unrolled graph to the bit") {
    const Network network;
    check_equal(network.scanned(), network.unrolled(), reference(), 0);
  }

  TEST_CASE("scan: one step, and none") {
    for (const std::int64_t steps : {1, 0}) {
      for (const auto& each : everywhere()) {
        CAPTURE(each->name());
        const Tensor x = counted({steps, 2}), start = variable(tensor({3.0, 4}));
        const Scanned all = scan(
            [](const Tensors& state, const Tensors& elements) -> Scanned {
              return {{state[0] * 2}, {state[0] + elements[0]}};
            },
            {x}, {start});
        CHECK(all.stacked[0].shape() == Shape{steps, 2});
        const Tensor slope = grad(sum(all.state[0]), start);
        const Tensors results = evaluate({.outputs = {all.state[0], all.stacked[0], slope}}, each);
        const double factor = steps == 1 ? 2 : 1;
        CHECK(results[0].to_vector<double>() == std::vector<double>{3 * factor, 4 * factor});
        CHECK(results[1].to_vector<double>() ==
              (steps == 1 ? std::vector<double>{3, 5} : std::vector<double>{}));
        CHECK(results[2].to_vector<double>() == std::vector<double>{factor, factor});
      }
    }
  }

  TEST_CASE("scan: a step that ignores its input, keeps a state, swaps two, and counts") {
    for (const auto& each : everywhere()) {
      CAPTURE(each->name());
      const Scanned all = scan(
          [](const Tensors& state, const Tensors&) -> Scanned {
            return {{state[1], state[0], state[2], state[3] + 1}, {state[3], constant(5, {2})}};
          },
          {counted({5})},
          {tensor({1.0, 2, 3}), tensor({4.0, 5, 6}), tensor({7.0}), constant(0, {}, DType::i32)});
      Tensors outputs = all.state;
      outputs.insert(outputs.end(), all.stacked.begin(), all.stacked.end());
      const Tensors results = evaluate({.outputs = outputs}, each);
      using Numbers = std::vector<double>;
      CHECK(results[0].to_vector<double>() == Numbers{4, 5, 6});
      CHECK(results[1].to_vector<double>() == Numbers{1, 2, 3});
      CHECK(results[2].to_vector<double>() == Numbers{7});
      CHECK(results[3].to_vector<double>() == Numbers{5});
      CHECK(results[4].to_vector<double>() == Numbers{0, 1, 2, 3, 4});
      CHECK(results[5].to_vector<double>() == Numbers(10, 5));
    }
  }

  TEST_CASE("repeat: Newton's iteration, its derivative, and loops inside loops") {
    for (const auto& each : everywhere()) {
      CAPTURE(each->name());
      const Tensor a = variable(tensor({2, 9, 0.25}));
      const auto root_of = [](const Tensor& square) {
        return repeat(12, {ones_like(square)},
                      [&](const Tensors& x) -> Tensors { return {(x[0] + square / x[0]) * 0.5}; })[0];
      };
      // The fourth root, with a root inside of each of two steps.
      const Tensor nested = repeat(2, {a}, [&](const Tensors& x) -> Tensors { return {root_of(x[0])}; })[0];
      const Tensor root = root_of(a);
      const Tensor slope = grad(sum(root), a), nested_slope = grad(sum(nested), a);
      const Tensor curvature = grad(sum(slope), a);
      const Tensors results = evaluate({.outputs = {root, slope, curvature, nested, nested_slope}}, each);
      const std::vector<double> x{2, 9, 0.25};
      const auto near = [&](std::size_t result, const std::function<double(double)>& f) {
        for (std::size_t i = 0; i < x.size(); ++i)
          CHECK(results[result].to_vector<double>()[i] == doctest::Approx(f(x[i])).epsilon(1e-5));
      };
      near(0, [](double v) { return std::sqrt(v); });
      near(1, [](double v) { return 0.5 / std::sqrt(v); });
      near(2, [](double v) { return -0.25 * std::pow(v, -1.5); });
      near(3, [](double v) { return std::pow(v, 0.25); });
      near(4, [](double v) { return 0.25 * std::pow(v, -0.75); });
    }
  }

  TEST_CASE("scan: indices, bytes, keys, sorting and reductions inside") {
    for (const auto& each : everywhere()) {
      CAPTURE(each->name());
      const Tensor table = counted({6, 5}) * 0.1;
      const Tensor picks = tensor(std::vector<std::int32_t>{3, 0, 5, 5}, Shape{4});
      const Tensor bytes = cast(counted({4, 5}) * 3, DType::u8);
      const ScanStep step = [&](const Tensors& state, const Tensors& elements) -> Scanned {
        const Tensor row = gather(table, elements[0]) + cast(elements[1], f32);
        const Tensor sorted = -sort(-(row * cos(row)));
        return {{state[0] + max(row)}, {sorted, softmax(row)}};
      };
      const Scanned all = scan(step, {picks, bytes}, {constant(0)});
      Tensors unrolled_sorted, unrolled_softmax;
      Tensor total = constant(0);
      for (std::int64_t t = 0; t < 4; ++t) {
        const auto at = [&](const Tensor& x) { return squeeze(slice(x, {{t, t + 1}}), {0}); };
        const Scanned one = step({total}, {at(picks), at(bytes)});
        total = one.state[0];
        unrolled_sorted.push_back(one.stacked[0]);
        unrolled_softmax.push_back(one.stacked[1]);
      }
      check_equal({all.state[0], all.stacked[0], all.stacked[1]},
                  {total, stack(unrolled_sorted, 0), stack(unrolled_softmax, 0)}, each, 1e-5);
    }
  }

  TEST_CASE("scan: inside a checkpoint, beside stop_gradient, and in a compiled step that trains") {
    const Network network;
    const Tensor kept = sum(network.scanned()[0]);
    const Tensor recomputed = checkpoint(
        [&](const Tensors& own) {
          const Scanned all = scan(
              [&](const Tensors& state, const Tensors& elements) -> Scanned {
                return {{network.next(state[0], elements[0])}};
              },
              {own[0]}, {own[1]});
          return sum(all.state[0]);
        },
        {network.x, network.h});
    for (const auto& each : reference_and_device()) {
      check_equal(grad(recomputed, network.parameters()), grad(kept, network.parameters()), each, 1e-5);
      const Tensor x = variable(tensor({2.0})), y = variable(tensor({3.0}));
      const Tensor product =
          repeat(3, {x}, [&](const Tensors& s) -> Tensors { return {s[0] * stop_gradient(y) + y}; })[0];
      // x 27 + (9 + 3 + 1) y, whose factor 3 is no variable.
      const Tensors slopes = evaluate({.outputs = grad(sum(product), Tensors{x, y})}, each);
      CHECK(slopes[0].item() == 27);
      CHECK(slopes[1].item() == 13);
    }
    for (const auto& each : everywhere()) {
      const Network trained;
      const Tensor loss = mean(square(trained.scanned()[0] - 0.3));
      std::vector<Update> updates;
      const Tensors weights{trained.w, trained.u, trained.b};
      const Tensors gradients = grad(loss, weights);
      for (std::size_t i = 0; i < weights.size(); ++i)
        updates.push_back({weights[i], weights[i] - 0.5 * gradients[i]});
      Program program = compile({.outputs = {loss}, .updates = updates}, each);
      const float before = program.run()[0].item();
      const float after = program.run({}, 30)[0].item();
      CHECK(after < 0.1F * before);
    }
  }

  TEST_CASE("scan: a gradient rule of the caller's that captures a tensor") {
    const Tensor scale = variable(tensor({3, 0.5})), x = variable(tensor({1.0, 2}));
    const Composite f =
        with_gradient([](const Tensors& in) { return in[0] + 1; },
                      [&](const Tensors&, const Tensor&, const Tensor& g) { return Tensors{g * scale}; });
    const Tensor y = repeat(4, {x}, [&](const Tensors& s) -> Tensors { return {f({s[0]})}; })[0];
    for (const auto& each : reference_and_device()) {
      const Tensors results = evaluate({.outputs = {y, grad(sum(y), x)}}, each);
      CHECK(results[0].to_vector<double>() == std::vector<double>{5, 6});
      CHECK(results[1].to_vector<double>() == std::vector<double>{81, 0.0625});
    }
  }

  TEST_CASE("scan: what is broadcast is not stored for the loop") {
    const Tensor x = counted({6, 64, 32}), bias = variable(counted({32}));
    const Plan plan = plan_of(
        scan([&](const Tensors& state,
                 const Tensors& elements) -> Scanned { return {{tanh(state[0] + elements[0] + bias)}}; },
             {x}, {counted({64, 32})})
            .state);
    for (const Slot& slot : plan.slots) CHECK((slot.label != "bias" || slot.count == 32));
    CHECK(plan.kernels.size() <= 3);
  }

  TEST_CASE("scan: a plan does not grow with the number of steps") {
    const auto plan_with = [](std::int64_t steps) {
      const Network network{.steps = steps};
      Tensors outputs = network.scanned();
      for (const Tensor& g : grad(loss_of(outputs), network.parameters())) outputs.push_back(g);
      return plan_of(outputs);
    };
    const Plan few = plan_with(10), many = plan_with(1000);
    REQUIRE(few.loops.size() == 2);
    REQUIRE(many.loops.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(many.loops[i].count == 1000);
      CHECK(many.loops[i].end - many.loops[i].first == few.loops[i].end - few.loops[i].first);
    }
    // A longer sum over all steps may be split once more.
    CHECK(many.kernels.size() <= few.kernels.size() + 1);
    // What grows is what is stacked: inputs, states and their gradients.
    const std::int64_t each_step = (many.arena_bytes - few.arena_bytes) / 990;
    MESSAGE("kernels ", few.kernels.size(), ", bytes of working memory for a step ", each_step);
    CHECK(each_step <= 3 * 4 * 5 * 4);
  }

  TEST_CASE("scan: with checkpoints the numbers are the same, and fewer states are kept") {
    const Tensor weight = variable(tensor({0.9, -0.4, 0.3, 0.8}, {2, 2}), "weight");
    const auto run = [&](const Tensor& x, const ScanOptions& options) {
      const Scanned all = scan(
          [&](const Tensors& state, const Tensors& elements) -> Scanned {
            const Tensor next = tanh(matmul(state[0], weight) + elements[0]);
            return {{next}, {square(next)}};
          },
          {x}, {ones({1, 2})}, options);
      const Tensor loss = sum(all.stacked[0]) + sum(all.state[0]);
      const Tensor slope = grad(loss, weight);
      return Tensors{all.state[0], all.stacked[0], slope, grad(sum(square(slope)), weight)};
    };
    // 11 is divided into 3 times 3 and 2, or 2 times 5 and 1; 11 and more are one loop.
    const Tensor x = variable(sin(cast(reshape(arange(22), {11, 1, 2}), f32)).detach());
    for (const bool reverse : {false, true}) {
      const Tensors plain = run(x, {.reverse = reverse});
      for (const std::int64_t every : {1, 3, 5, 10, 11, 100}) {
        CAPTURE(every);
        const Tensors checkpointed = run(x, {.reverse = reverse, .checkpoint_every = every});
        for (const auto& each : reference_and_device()) {
          Tensors outputs = plain;
          outputs.insert(outputs.end(), checkpointed.begin(), checkpointed.end());
          const Tensors results = evaluate({.outputs = outputs}, each);
          for (std::size_t i = 0; i < 4; ++i) {
            const std::vector<double> a = results[i].to_vector<double>(),
                                      b = results[i + 4].to_vector<double>();
            REQUIRE(a.size() == b.size());
            for (std::size_t j = 0; j < a.size(); ++j) CHECK(b[j] == doctest::Approx(a[j]).epsilon(1e-4));
          }
        }
      }
    }
    const auto memory = [&](std::int64_t every) {
      const Scanned all = scan(
          [&](const Tensors& state, const Tensors&) -> Scanned { return {{tanh(matmul(state[0], weight))}}; },
          {variable(zeros({1024}))}, {ones({1000, 2})}, {.checkpoint_every = every});
      return plan_of({grad(sum(all.state[0]), weight)}).arena_bytes;
    };
    constexpr std::int64_t state = 1000 * 2 * 4;
    CHECK(memory(0) >= 1024 * state);
    MESSAGE("states of working memory: ", memory(0) / state, ", with a checkpoint at every 32nd step ",
            memory(32) / state);
    CHECK(memory(32) < 100 * state);
    CHECK(error_of([&] {
            scan([](const Tensors& s, const Tensors&) -> Scanned { return {s}; }, {x}, {x},
                 {.checkpoint_every = -1});
          }) == "[scan] checkpoint_every is -1; it is a number of steps, or 0 for none.");
  }

  TEST_CASE("scan: mistakes") {
    const Tensor x = counted({4, 2}), s = zeros({2});
    const auto of = [&](const Scanned& result) {
      return error_of([&] { scan([&](const Tensors&, const Tensors&) { return result; }, {x}, {s}); });
    };
    CHECK(of({{zeros({3})}}) ==
          "[scan] a step turns state 1, f32[2], into f32[3]; a state keeps its shape and dtype.");
    CHECK(of({{zeros({2}, DType::i32)}}) ==
          "[scan] a step turns state 1, f32[2], into i32[2]; a state keeps its shape and dtype.");
    CHECK(of({{s, s}}) == "[scan] a step gives 2 states and takes 1; it gives one for each.");
    CHECK(of({{Tensor()}}) == "[scan] a step's state 1 is an empty tensor; assign it a value first.");
    CHECK(of({{s}, {zeros({2}, DType::f16)}}) ==
          "[scan] stacked result 1 is f16[2]; it is f32, i32, u32 or bool: cast it.");
    const ScanStep keep = [](const Tensors& state, const Tensors&) -> Scanned { return {state}; };
    CHECK(error_of([&] { scan(keep, {}, {s}); }) ==
          "[scan] there is nothing to scan; use repeat for a number of steps.");
    CHECK(error_of([&] { scan(keep, {constant(1)}, {s}); }) ==
          "[scan] xs 1 is the scalar f32[]; a scan runs along axis 0.");
    CHECK(error_of([&] {
            scan(keep, {x, counted({3})}, {s});
          }).find("all have equally many.") != std::string::npos);
    CHECK(error_of([&] { scan(keep, {x}, {zeros({2}, DType::u8)}); }) ==
          "[scan] state 1 is u8[2]; it is f32, i32, u32 or bool: cast it.");
    CHECK(error_of([&] { repeat(-1, {s}, [](const Tensors& now) { return now; }); }) ==
          "[repeat] -1 steps; there are none or more.");
  }
}

}  // namespace hekla::testing
