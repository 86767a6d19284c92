// Loops, as Scan where they go through elements and as Loop where they only repeat.
#include <algorithm>

#include "graph/loop.h"
#include "ops/create.h"
#include "train/onnx/writing/views.h"

namespace hekla::onnx {

namespace {

using Names = std::vector<std::string>;

}  // namespace

bool write_loop(GraphWriter& writer, const Tensor& x) {
  const Loop& loop = *x.node().loop;
  const std::vector<Tensor>& inputs = x.node().inputs;
  const std::size_t states = loop.states.size();
  const std::size_t scanned = loop.elements.size();
  const GraphWriter::Key key{x.node().loop.get()};
  if (const std::vector<std::string>* results = writer.noted(key)) {
    writer.set(x, (*results)[result_number(x.node())]);
    return true;
  }
  Names before, elements;
  for (std::size_t i = 0; i < states; ++i) before.push_back(writer.plain(inputs[i]));
  for (std::size_t i = 0; i < scanned; ++i) elements.push_back(writer.plain(inputs[states + i]));
  Names constants;
  for (std::size_t i = states + scanned; i < inputs.size(); ++i) constants.push_back(writer.plain(inputs[i]));

  GraphWriter body = writer.inner();
  body.graph.name = "body";
  const bool repeats = scanned == 0;
  if (repeats) {
    body.graph.input.push_back({.name = body.fresh("iteration"), .type = ElementType::i64, .shape = {{}}});
    body.graph.input.push_back(
        {.name = body.fresh("condition"), .type = ElementType::boolean, .shape = {{}}});
  }
  for (std::size_t i = 0; i < states; ++i) body.add_input(loop.states[i], "state");
  for (std::size_t i = 0; i < scanned; ++i) body.add_input(loop.elements[i], "element");
  for (std::size_t i = 0; i < constants.size(); ++i) body.set(loop.constants[i], constants[i]);
  Names results;
  for (std::size_t i = 0; i < loop.results.size(); ++i) results.push_back("result");
  if (repeats) {
    const std::string on = body.fresh("goes_on");
    body.graph.node.push_back(
        {.name = on, .op_type = "Identity", .input = {body.graph.input[1].name}, .output = {on}});
    body.graph.output.push_back({.name = on, .type = ElementType::boolean, .shape = {{}}});
  }
  body.write(loop.results, results);
  writer.take_names(body);

  const auto count = static_cast<std::int64_t>(loop.results.size());
  Names arguments = before;
  std::vector<AttributeProto> attributes{attribute("body", std::move(body.graph))};
  if (repeats) {
    const std::string trips = writer.add("Squeeze", {writer.integers({loop.count}), writer.integers({0})});
    arguments.insert(arguments.begin(), {trips, ""});
    writer.add("Loop", std::move(arguments), std::move(attributes), static_cast<std::size_t>(count));
  } else {
    arguments.insert(arguments.end(), elements.begin(), elements.end());
    attributes.push_back(attribute("num_scan_inputs", static_cast<std::int64_t>(scanned)));
    if (loop.reversed) {
      attributes.push_back(attribute("scan_input_directions", std::vector<std::int64_t>(scanned, 1)));
      attributes.push_back(
          attribute("scan_output_directions", std::vector<std::int64_t>(loop.results.size() - states, 1)));
    }
    writer.add("Scan", std::move(arguments), std::move(attributes), static_cast<std::size_t>(count));
  }
  writer.note(key);
  writer.set(x, writer.output(result_number(x.node())));
  return true;
}

}  // namespace hekla::onnx
