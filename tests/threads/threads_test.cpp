// Concurrency: each of several threads gets the same bits as it would alone. See docs/threads.md. Run under
// the thread sanitizer, too (the preset tsan).
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <thread>

#include "graph/run/program.h"
#include "hekla.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<float>;

// The scope of a default device.
struct DefaultDevice {
  explicit DefaultDevice(std::shared_ptr<Evaluator> device) { set_default_device(std::move(device)); }
  DefaultDevice(const DefaultDevice&) = delete;
  DefaultDevice& operator=(const DefaultDevice&) = delete;
  ~DefaultDevice() { set_default_device(reference()); }
};

// Runs `work` with 0, 1, ... in as many threads, and rethrows the exception of the first that threw.
void in_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::exception_ptr> thrown(static_cast<std::size_t>(count));
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < count; ++number) {
      threads.emplace_back([&, number] {
        try {
          work(number);
        } catch (...) {
          thrown[static_cast<std::size_t>(number)] = std::current_exception();
        }
      });
    }
  }
  for (const std::exception_ptr& one : thrown) {
    if (one) std::rethrow_exception(one);
  }
}

// The number of threads, of `count`, whose result of `work` differs from that of this thread alone.
int wrong_among(int count, const std::function<Numbers(int)>& work) {
  std::vector<Numbers> alone;
  for (int number = 0; number < count; ++number) alone.push_back(work(number));
  std::atomic<int> wrong = 0;
  in_threads(count, [&](int number) {
    if (work(number) != alone[static_cast<std::size_t>(number)]) ++wrong;
  });
  return wrong;
}

// All weights after a training, and the loss. All threads' models have the same structure and different data.
Numbers train(int number) {
  const Tensor x = random_normal({64, 8}, random_key(static_cast<std::uint32_t>(number)));
  const Tensor y = cast(iota({64}, 0) % 3, DType::i32);
  set_random_seed(static_cast<std::uint64_t>(number));
  Sequential model({Dense(16, relu), Dropout(0.2), Dense(3)});
  model.compile({.optimizer = Adam(), .loss = sparse_categorical_crossentropy_from_logits});
  model.fit(x.detach(), y.detach(), {.batch_size = 16, .epochs = 3, .verbose = 0});
  Numbers result{static_cast<float>(model.evaluate(x, y, {.verbose = 0})["loss"])};
  for (const Tensor& weight : model.weights()) {
    const Numbers elements = weight.to_vector();
    result.insert(result.end(), elements.begin(), elements.end());
  }
  return result;
}

// Dynamic steps over graphs, some with structures shared by all threads and some with structures of their
// own.
Numbers step(int number) {
  Numbers result;
  Tensor carried = tensor(Numbers(static_cast<std::size_t>(10 + number % 4), 1.0f));
  const Tensor weight = variable(tensor({0.5}), "weight");
  for (int k = 0; k < 20; ++k) {
    carried = (exp(carried * -0.5) + weight * (k % 5)).detach();
    const Tensor loss = sum(square(carried));
    evaluate({.outputs = {loss}, .updates = {{weight, weight - grad(loss, {weight})[0] * 0.01}}});
    result.push_back(loss.item());
  }
  result.push_back(weight.item());
  return result;
}

}  // namespace

TEST_SUITE("threads") {
  TEST_CASE("threads: models of their own train as they would alone") {
    for (const auto& device : reference_and_device()) {
      const DefaultDevice here(device);
      for (const int count : {2, 8}) CHECK(wrong_among(count, train) == 0);
    }
  }

  TEST_CASE("threads: graphs of their own give what they give alone, in 2 to 32 threads") {
    for (const auto& device : reference_and_device()) {
      const DefaultDevice here(device);
      for (const int count : {2, 8, 32}) CHECK(wrong_among(count, step) == 0);
    }
  }

  TEST_CASE("threads: graphs share nodes, which are computed and held once") {
    for (const auto& device : reference_and_device()) {
      const DefaultDevice here(device);
      const Tensor x = random_normal({1000}, random_key(3));
      for (int round = 0; round < 5; ++round) {
        const Tensor shared = sqrt(square(x) + 1.0 / (round + 1));
        const float total = sum(sqrt(square(x) + 1.0 / (round + 1))).item();
        std::atomic<int> wrong = 0;
        in_threads(8, [&](int number) {
          const Tensor own = sum(shared * (number + 1.0));
          wrong += own.item() != sum(shared * (number + 1.0)).item();
          wrong += sum(shared).item() != total;
          wrong += grad(sum(square(shared)), {shared})[0].to_vector() != (shared * 2).to_vector();
        });
        CHECK(wrong == 0);
      }
    }
  }

  TEST_CASE("threads: a program may be run by all, each run as a whole") {
    for (const auto& device : reference_and_device()) {
      const Tensor count = variable(tensor({0.0}, {}), "count"), twice = variable(tensor({0.0}, {}), "twice");
      Program program =
          compile({.outputs = {count, twice}, .updates = {{count, count + 1}, {twice, twice + 2}}}, device);
      std::atomic<int> torn = 0;
      in_threads(8, [&](int) {
        for (int i = 0; i < 20; ++i) {
          const std::vector<Tensor> seen = program.run(3);
          torn += seen[1].item() != 2 * seen[0].item();
        }
      });
      CHECK(torn == 0);
      CHECK(count.item() == 480);
      CHECK(twice.item() == 960);
    }
  }

  TEST_CASE("threads: whoever asks comes to its turn, while another thread runs without a pause") {
    for (const auto& device : reference_and_device()) {
      const Tensor state = variable(ones({50000}), "state");
      Program program = compile({.updates = {{state, state * 0.999}}}, device);
      std::atomic<bool> stop = false;
      std::jthread busy([&] {
        while (!stop) program.run(5);
      });
      const auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < 50; ++i) evaluate({.outputs = {tensor({1.0, 2}) + i % 5}}, device);
      stop = true;
      // A fair lock makes each evaluation wait for one run of the other thread; with an unfair lock a single
      // one may take minutes.
      CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
    }
  }

  TEST_CASE("threads: the first to need the default device opens it for all") {
    if (!device()) return;
    const DefaultDevice none(nullptr);
    std::vector<std::shared_ptr<Evaluator>> seen(8);
    in_threads(8, [&](int number) { seen[static_cast<std::size_t>(number)] = default_device(); });
    for (const auto& one : seen) CHECK(one == seen[0]);
  }

  TEST_CASE("threads: tensors, programs and long graphs are given up by other threads than made them") {
    for (const auto& device : reference_and_device()) {
      const DefaultDevice here(device);
      std::atomic<int> wrong = 0;
      in_threads(8, [&](int number) {
        for (int k = 0; k < 5; ++k) {
          Tensor held = (tensor(Numbers(static_cast<std::size_t>(100 + number), 1.0f)) + k).eval();
          Tensor chain = held;
          for (int i = 0; i < 2000; ++i) chain = chain + 1;
          std::jthread other(
              [tensors = std::vector{held, chain}, program = compile({.outputs = {held * 2}})] {});
          wrong += sum(held).item() != static_cast<float>((100 + number) * (k + 1));
        }
      });
      CHECK(wrong == 0);
    }
  }

  TEST_CASE("threads: each draws its own seeds, which begin with the seed that was set last") {
    set_random_seed(42);
    const auto draw = [] { return std::vector{next_random_seed(), next_random_seed(), next_random_seed()}; };
    const std::vector<std::uint32_t> first = draw();
    std::vector<std::vector<std::uint32_t>> seen(8);
    in_threads(8, [&](int number) { seen[static_cast<std::size_t>(number)] = draw(); });
    for (const auto& one : seen) CHECK(one == first);
    in_threads(8, [&](int number) {
      set_random_seed(static_cast<std::uint64_t>(number % 2));
      seen[static_cast<std::size_t>(number)] = draw();
    });
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK((seen[i] == seen[0]) == (i % 2 == 0));
    // The other threads did not affect this thread's stream.
    CHECK(draw() != first);
    set_random_seed(0);
  }

  TEST_CASE("threads: the precision of products is a thread's own") {
    const MatmulPrecision mixed(bf16);
    const Tensor x = tensor({1.001, 2, 3, 4}, {2, 2});
    const Numbers rounded = matmul(x, x).to_vector();
    Numbers exact;
    in_threads(1, [&](int) { exact = matmul(x, x).to_vector(); });
    CHECK(rounded != exact);
    CHECK(exact[0] == doctest::Approx(7.002001));
  }
}

}  // namespace hekla::testing
