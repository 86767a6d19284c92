// Programs: binding feeds to a compiled computation, and running it.
#include "graph/run/program.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "graph/host_memory.h"
#include "graph/run/current.h"
#include "graph/run/prepare.h"
#include "graph/run/runtime_lock.h"
#include "graph/run/value.h"

namespace hekla {

Program compile(Computation computation, std::shared_ptr<Evaluator> device) try {
  for (const Tensor& output : computation.outputs) {
    if (!output.defined()) throw Error("[compile] an output is an empty tensor; assign it a value first.");
  }
  check_updates(computation.updates);
  const RuntimeLock lock;
  Program program;
  program.device_ = device ? std::move(device) : default_device();
  compiler::Capture captured = compiler::capture(computation);
  Prepared prepared = prepare(computation, captured, *program.device_);
  program.executable_ = std::move(prepared.executable);
  program.leaves_ = std::move(captured.leaves);
  for (compiler::NumberArray& numbers : prepared.numbers) {
    const Shape shape{numbers.elements.count()};
    program.numbers_.push_back(make_leaf(data_op, shape, numbers.dtype,
                                         std::make_shared<Value>(std::move(numbers.elements)), "numbers"));
    program.leaves_.push_back(program.numbers_.back().get());
  }
  program.computation_ = std::move(computation);
  return program;
} catch (const std::bad_alloc&) {
  throw no_host_memory("compile", "the plan of this computation");
}

std::vector<Tensor> Program::run(const Feeds& feeds, int steps) try {
  if (steps < 1) throw Error(fmt::format("[run] {} steps; a run takes at least one.", steps));
  const RuntimeLock lock;
  // Memory that is fed must not be overwritten during any of the steps.
  const auto is_written = [&](const Tensor& fed) {
    return std::any_of(computation_.updates.begin(), computation_.updates.end(),
                       [&](const Update& update) { return update.variable.get() == fed.get(); });
  };
  std::vector<std::pair<const Node*, Tensor>> given;
  for (const auto& [input, fed] : feeds) {
    if (std::find(leaves_.begin(), leaves_.end(), input.get()) == leaves_.end() || input.node().value) {
      throw Error(fmt::format("[run] {} is not an input of this program; feed the tensors made by hk::input.",
                              hekla::describe(input)));
    }
    if (!(input.shape() == fed.shape()) || input.dtype() != fed.dtype()) {
      throw Error(fmt::format("[run] input {} is fed with {}; shape and dtype must be equal.",
                              hekla::describe(input), hekla::describe(fed)));
    }
    given.emplace_back(input.get(), is_written(fed) || !is_storage(fed.node().op->kind)
                                        ? evaluate({.outputs = {fed}}, device_)[0]
                                        : fed);
  }
  std::vector<const Node*> bound = leaves_;
  for (const Node*& leaf : bound) {
    for (const auto& [input, fed] : given) {
      if (input == leaf) leaf = fed.get();
    }
  }
  const std::vector<std::shared_ptr<Storage>> storages = storages_of(bound, device_);
  const Moment start = latest_change();
  for (const Update& update : computation_.updates) update.variable.node().value->change_on(device_);
  const std::vector<std::shared_ptr<Storage>> results = executable_->run(storages, steps);
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Node& node = computation_.outputs[i].node();
    outputs.push_back(make_leaf(data_op, node.shape, node.dtype,
                                std::make_shared<Value>(device_, results[i], start), node.label));
  }
  return outputs;
} catch (const std::bad_alloc&) {
  throw no_host_memory("run", "a run of this program");
}

}  // namespace hekla
