// Training steps: over a given batch, as the trainer does them, and in a loop that rebuilds the graph at each
// step, compared with the same program compiled once and run step by step.
//   cmake --preset release && cmake --build build/release --target bench_step &&
//   build/release/bench/bench_step
#include <fmt/format.h>

#include "bench/support/measure.h"
#include "bench/support/training.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

struct Kind {
  const char* name;
  Sequential (*model)();
  Optimizer (*optimizer)();
  std::int64_t batch;
};
constexpr Kind kinds[] = {
    {"softmax/sgd/32", softmax_regression, sgd, 32},
    {"softmax/adam/32", softmax_regression, adam, 32},
    {"mlp/sgd/32", mlp, sgd, 32},
    {"mlp/adam/32", mlp, adam, 32},
    {"mlp/sgd/256", mlp, sgd, 256},
    {"mlp/adam/256", mlp, adam, 256},
    {"cnn/adam/32", cnn, adam, 32},
};

Case compiled(const Step& step) {
  const Program program = compile(step.build());
  return {.run = run_of(program, step.waited_for), .counters = {{"kernels", kernels_of(program)}}};
}

Case dynamic(const Step& step) {
  return {.run =
              [step](int steps) {
                for (int i = 0; i < steps; ++i) evaluate(step.build());
                step.waited_for.to_vector();
              },
          .limit = {.run = [step, program = compile(step.build())](int steps) mutable {
            for (int i = 0; i < steps; ++i) program.run();
            step.waited_for.to_vector();
          }}};
}

}  // namespace

void add_benchmarks() {
  for (const Kind& kind : kinds) {
    add(fmt::format("trainer/{}", kind.name),
        [=] { return compiled(trainer_step(kind.model(), kind.optimizer(), kind.batch)); });
    add(fmt::format("given/{}", kind.name),
        [=] { return compiled(given_step(kind.model(), kind.optimizer(), kind.batch)); });
  }
  for (const Kind& kind : kinds) {
    if (kind.batch == 32) {
      add(fmt::format("dynamic/{}", kind.name),
          [=] { return dynamic(given_step(kind.model(), kind.optimizer(), kind.batch)); });
    }
  }
}

}  // namespace hekla::bench
