// Model::evaluate, Model::predict, and Tester.
#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "train/data/pass.h"
#include "train/model/checks.h"
#include "train/model/progress_line.h"
#include "train/model/state.h"
#include "train/model/steps.h"
#include "train/model/tester.h"

namespace hekla {

namespace {

Pass::Options checked(const Model::State& state, const Dataset& data, Pass::Options options, TargetUse use) {
  options.check = [&state, data, use, caller = options.caller](const Batch& batch, std::int64_t first) {
    check_data(caller, state, data, batch, first, use);
  };
  return options;
}

}  // namespace

Tester::Tester(Model::State& state, const Dataset& data, Pass::Options options)
    : pass_(data, checked(state, data, options, TargetUse::loss),
            [this, &state, data](const Batch& batch, std::int64_t size) {
              return test_step(state, data, metrics_, batch, size);
            }) {
  check_data(options.caller, state, data, TargetUse::loss);
}

Logs Tester::run(const Pass::Report& report) {
  std::vector<Update> updates = pass_.restart({});
  const std::vector<Update> reset = metrics_.reset();
  updates.insert(updates.end(), reset.begin(), reset.end());
  evaluate({.updates = updates});
  pass_.run(report);
  return metrics_.read();
}

Logs Model::evaluate(const Dataset& data, const EvaluateOptions& options) const {
  check_compiled(*state_, "evaluate");
  build_for(*state_, data, options.batch_size);
  Tester tester(*state_, data,
                {.batch_size = options.batch_size, .steps = options.steps, .caller = "evaluate"});
  ProgressLine line("", tester.pass().steps(), options.verbose);
  const Logs logs = tester.run([&](std::int64_t steps, std::int64_t, const std::vector<Tensor>&) {
    line.update(steps, [&] { return tester.read(); });
    return true;
  });
  line.finish(logs);
  return logs;
}

Logs Model::evaluate(const Tensor& inputs, const Tensor& targets, const EvaluateOptions& options) const {
  return evaluate(Dataset(inputs, targets, options.sample_weight), options);
}

std::vector<Tensor> Model::predict_all(const Dataset& data, const PredictOptions& options) const {
  build_for(*state_, data, options.batch_size);
  check_data("predict", *state_, data, TargetUse::none);
  Pass pass(data,
            checked(*state_, data,
                    {.batch_size = options.batch_size,
                     .steps = options.steps,
                     .report_each_step = true,
                     .caller = "predict"},
                    TargetUse::none),
            [&](const Batch& batch, std::int64_t) { return prediction_step(*state_, data, batch); });
  hekla::evaluate({.updates = pass.restart({})});
  // Collected on the host, which has more memory than the device.
  std::vector<std::vector<float>> collected;
  std::vector<Shape> shapes;
  ProgressLine line("", pass.steps(), options.verbose);
  std::int64_t before = 0;
  pass.run([&](std::int64_t steps, std::int64_t examples, const std::vector<Tensor>& outputs) {
    const std::int64_t size = examples - std::exchange(before, examples);
    collected.resize(outputs.size());
    shapes.resize(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Shape& shape = outputs[i].shape();
      if (shape.rank() == 0 || shape[0] != size)
        throw Error(
            fmt::format("[predict] the model's output is {} for a batch of {}; keep the batch as its first "
                        "axis.",
                        describe(outputs[i]), size));
      const std::vector<float> values = outputs[i].to_vector();
      collected[i].insert(collected[i].end(), values.begin(), values.end());
      const std::int64_t examples = (shapes[i].rank() > 0 ? shapes[i][0] : 0) + shape[0];
      shapes[i] = shape;
      shapes[i][0] = examples;
    }
    line.update(steps, [] { return Logs(); });
    return true;
  });
  line.finish({});
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < collected.size(); ++i) results.push_back(tensor(collected[i], shapes[i]));
  return results;
}

Tensor Model::predict(const Dataset& data, const PredictOptions& options) const {
  std::vector<Tensor> outputs = predict_all(data, options);
  if (outputs.size() != 1)
    throw Error(
        fmt::format("[predict] the model has {} outputs; predict_all gives them all.", outputs.size()));
  return outputs[0];
}

Tensor Model::predict(const Tensor& inputs, const PredictOptions& options) const {
  return predict(Dataset(std::vector<Tensor>{inputs}), options);
}

namespace {

// All examples of a data set as one batch, after the checks that a pass would make.
Batch whole(const char* caller, Model::State& state, const Dataset& data) {
  check_compiled(state, caller);
  build_for(state, data, data.size());
  check_data(caller, state, data, TargetUse::loss);
  return {.inputs = data.inputs(), .targets = data.targets(), .sample_weight = data.sample_weight()};
}

}  // namespace

Logs Model::train_on_batch(const Tensor& inputs, const Tensor& targets, const Tensor& sample_weight) {
  const Dataset data(inputs, targets, sample_weight);
  const Batch batch = whole("train_on_batch", *state_, data);
  RunningMetrics metrics;
  hekla::evaluate(training_step(*state_, data, metrics, {}, batch, data.size()).computation);
  return metrics.read();
}

Logs Model::test_on_batch(const Tensor& inputs, const Tensor& targets, const Tensor& sample_weight) const {
  const Dataset data(inputs, targets, sample_weight);
  const Batch batch = whole("test_on_batch", *state_, data);
  RunningMetrics metrics;
  hekla::evaluate(test_step(*state_, data, metrics, batch, data.size()));
  return metrics.read();
}

}  // namespace hekla
