// ONNX files that are damaged or ask for too much, each refused with its reason.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "hekla.h"
#include "tests/onnx/loaded.h"
#include "tests/onnx/models.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"
#include "train/onnx/wire.h"

namespace hekla::testing {

namespace {

using onnx::ElementType;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// What calling it says, without the name of the file.
std::string error_calling(const onnx::Function& function, const std::vector<Tensor>& inputs) {
  const std::string text = error_of([&] { function(inputs); });
  const std::size_t at = text.find("net.onnx");
  return at == std::string::npos ? text : text.substr(at);
}

onnx::ModelProto of_nodes(std::vector<onnx::NodeProto> nodes) {
  return model_of(
      {.inputs = {value("x", {2, 3})}, .nodes = std::move(nodes), .outputs = {value("y", {2, 3})}});
}

onnx::FunctionProto local_function(std::string_view name, std::vector<onnx::NodeProto> nodes) {
  for (onnx::NodeProto& each : nodes) {
    if (each.op_type[0] == 'F') each.domain = "local";
  }
  return {.name = std::string(name),
          .domain = "local",
          .input = {"a"},
          .output = {"b"},
          .node = std::move(nodes),
          .opset_import = {{"", 21}, {"local", 1}}};
}

onnx::ModelProto calling(std::string_view function) {
  onnx::ModelProto model = of_nodes({node(function, {"x"}, {"y"}, {}, "call1")});
  model.graph.node[0].domain = "local";
  return model;
}

}  // namespace

TEST_SUITE("onnx") {
  TEST_CASE("onnx: files that hold no model") {
    const std::string good = onnx::written(mlp());
    CHECK(error_of([] { onnx::load("/none/net.onnx"); }) == "[onnx::load] /none/net.onnx: no such file.");
    CHECK(error_loading("") == "[onnx::load] FILE: holds no graph with outputs; it is no ONNX model.");
    CHECK(error_loading("PK\x03\x04 a zip file") ==
          "[onnx::load] FILE: is damaged: 3 is no key of a protobuf field.");
    CHECK(error_loading(onnx::written(model_of({.inputs = {}, .nodes = {}, .outputs = {}}))) ==
          "[onnx::load] FILE: holds no graph with outputs; it is no ONNX model.");
    CHECK(error_loading(good.substr(0, good.size() - 1)) ==
          "[onnx::load] FILE: ends too early: a field of 4 bytes begins 3 bytes before the end.");
    for (std::size_t size = 0; size < good.size(); ++size)
      CHECK(error_loading(good.substr(0, size)).starts_with("[onnx::load] FILE: "));
    onnx::ModelProto versionless = mlp();
    versionless.opset_import.clear();
    CHECK(error_loading(versionless) ==
          "[onnx::load] FILE: asks for what hekla does not support:\n  operations of no version "
          "(opset_import): the model");
  }

  TEST_CASE("onnx: messages that are nested too deeply") {
    std::string graph;
    for (int depth = 0; depth < 10'000; ++depth) {
      onnx::WireWriter attribute, inner, outer;
      attribute.text(6, graph);
      inner.message(5, attribute);
      outer.message(1, inner);
      graph = outer.written();
    }
    onnx::WireWriter model;
    model.text(7, graph);
    CHECK(error_loading(model.written()) == "[onnx::load] FILE: its messages are nested more than 100 deep.");
  }

  TEST_CASE("onnx: sizes that overflow") {
    onnx::WireWriter tensor, graph, file;
    tensor.packed(1, std::vector<std::int64_t>{std::int64_t{1} << 32, std::int64_t{1} << 32});
    tensor.integer(2, 7);
    tensor.text(8, "large");
    graph.message(5, tensor);
    file.message(7, graph);
    CHECK(error_loading(file.written()) ==
          "[onnx::load] FILE: tensor 'large': has more elements than can be counted.");
    onnx::ModelProto model = mlp();
    model.graph.initializer[0] = int64s("w1", {1});
    model.graph.initializer[0].shape = Shape{3, 4};
    CHECK(error_loading(model) ==
          "[onnx::load] FILE: tensor 'w1': 8 bytes of elements are there; INT64 of shape [3,4] take 96.");
  }

  TEST_CASE("onnx: nodes out of order, in a circle, and values that are made twice") {
    CHECK(error_loading(
              of_nodes({node("Relu", {"h"}, {"y"}, {}, "late"), node("Abs", {"x"}, {"h"}, {}, "early")})) ==
          "[onnx::load] FILE: node 'late' (Relu) reads 'h', which node 'early' (Abs) makes further down; "
          "nodes have to "
          "stand in the order in which they are computed.");
    CHECK(error_loading(of_nodes({node("Add", {"x", "y"}, {"y"}, {}, "own")})) ==
          "[onnx::load] FILE: node 'own' (Add) reads its own result 'y'.");
    CHECK(error_loading(of_nodes({node("Relu", {"z"}, {"y"})})) ==
          "[onnx::load] FILE: the Relu that makes 'y' reads 'z', which nothing makes.");
    CHECK(error_loading(of_nodes({node("Relu", {"x"}, {"z"})})) ==
          "[onnx::load] FILE: nothing makes the output 'y' of the graph 'graph'.");
    CHECK(error_loading(
              of_nodes({node("Relu", {"x"}, {"y"}, {}, "one"), node("Abs", {"x"}, {"y"}, {}, "two")})) ==
          "[onnx::load] FILE: the value 'y' is made twice, by node 'one' (Relu) and by node 'two' (Abs).");
    onnx::ModelProto model = mlp();
    model.graph.initializer.push_back(model.graph.initializer[0]);
    CHECK(error_loading(model) ==
          "[onnx::load] FILE: two initializers of the graph 'graph' are called 'w1'.");
    onnx::ModelProto inside = branches(true);
    inside.graph.node[0].attribute[0].graphs[0].node[0].input[0] = "z";
    CHECK(error_loading(inside) ==
          "[onnx::load] FILE: the Add that makes 'result' reads 'z', which nothing makes.");
  }

  TEST_CASE("onnx: one error lists all that is not supported") {
    onnx::ModelProto model = of_nodes(
        {node("Frobnicate", {"x"}, {"a"}, {}, "f1"), node("Frobnicate", {"a"}, {"b"}, {}, "f2"),
         node("LeakyRelu", {"b"}, {"c"}, {attribute("slope", 0.1f)}, "l1"), node("Add", {"c", "t"}, {"y"})});
    model.graph.input.push_back(value("t", {2}, ElementType::text));
    model.graph.node[3].domain = "com.example";
    CHECK(error_loading(model) ==
          "[onnx::load] FILE: asks for what hekla does not support:\n"
          "  attribute 'slope' of LeakyRelu: node 'l1' (LeakyRelu)\n"
          "  elements of STRING: input 't'\n"
          "  operation Frobnicate: node 'f1' (Frobnicate), node 'f2' (Frobnicate)\n"
          "  operation com.example.Add: the Add that makes 'y'");
    model.opset_import[""] = 99;
    CHECK(contains(error_loading(model), "\n  opset 99 (those from 1 to 24 are read): the model"));
    for (int i = 0; i < 10; ++i) {
      const std::string name = fmt::format("y{}", i);
      model.graph.node.push_back(node("Frobnicate", {"y"}, {name}));
      model.graph.output.push_back(shapeless(name));
    }
    CHECK(contains(error_loading(model), ", 7 more\n"));
  }

  TEST_CASE("onnx: attributes of another type, inputs that are missing, ranks that do not fit") {
    reference();
    const Tensor x = pattern({2, 3});
    CHECK(error_calling(loaded(of_nodes({node("Softmax", {"x"}, {"y"}, {attribute("axis", 1.0f)}, "s1")})),
                        {x}) ==
          "net.onnx, node 's1' (Softmax): the attribute axis has type 1 of the schema; 2 is needed.");
    CHECK(error_calling(
              loaded(of_nodes({node("Softmax", {"x"}, {"y"}, {attribute("axis", std::int64_t{2})}, "s1")})),
              {x}) == "net.onnx, node 's1' (Softmax): axis 2 is outside of a tensor of rank 2.");
    CHECK(error_calling(loaded(of_nodes({node("Add", {"x"}, {"y"}, {}, "a1")})), {x}) ==
          "net.onnx, node 'a1' (Add): input 1 is missing.");
    CHECK(error_calling(loaded(of_nodes({node("MatMul", {"x", "x"}, {"y"}, {}, "m1")})), {x}) ==
          "net.onnx, node 'm1' (MatMul): [matmul] inner sizes differ: f32[2,3] x f32[2,3]; the left "
          "operand's last axis must "
          "equal the right operand's second-last.");
  }

  TEST_CASE("onnx: numbers that are no sizes") {
    reference();
    const auto of = [](std::string_view op_type, onnx::AttributeProto attribute) {
      return loaded(model_of({.inputs = {value("x", {1, 8, 2, 3})},
                              .nodes = {node(op_type, {"x"}, {"y"}, {std::move(attribute)}, "n1")},
                              .outputs = {shapeless("y")}}));
    };
    CHECK(error_calling(of("DepthToSpace", attribute("blocksize", std::int64_t{1} << 62)),
                        {pattern({1, 8, 2, 3})}) ==
          "net.onnx, node 'n1' (DepthToSpace): the attribute blocksize holds 4611686018427387904; hekla "
          "counts to "
          "2147483647.");
    CHECK(error_calling(of("Split", attribute("num_outputs", std::int64_t{2147483647})),
                        {pattern({1, 8, 2, 3})}) ==
          "net.onnx, node 'n1' (Split): 2147483647 parts; one to 100000 are needed.");
  }

  TEST_CASE("onnx: inputs that the file does not declare") {
    reference();
    const onnx::Function function = loaded(mlp());
    const auto error = [&](const std::vector<Tensor>& inputs) {
      std::string text = error_of([&] { function(inputs); });
      const std::size_t begin = text.find("/"), end = text.find("net.onnx");
      if (begin < end && end != std::string::npos) text.erase(begin, end - begin);
      return text;
    };
    CHECK(error({pattern({2, 4})}) == "[net] the input 'x' is f32[2,4]; net.onnx takes f32[?,3].");
    CHECK(error({pattern({2, 1, 3})}) == "[net] the input 'x' is f32[2,1,3]; net.onnx takes f32[?,3].");
    CHECK(error({cast(pattern({2, 3}), i32)}) == "[net] the input 'x' is i32[2,3]; net.onnx takes f32[?,3].");
    CHECK(error({}) == "[net] is given 0 inputs; net.onnx has 1.");
    CHECK(error({pattern({2, 3}), pattern({2, 3})}) == "[net] is given 2 inputs; net.onnx has 1.");
    CHECK(error_of([&] { loaded(loop(2))(pattern({3})); }) ==
          "[net] gives 2 outputs; call it with a vector of its inputs.");
  }

  TEST_CASE("onnx: functions that call themselves, and functions that double") {
    reference();
    CHECK(
        error_loading(written(calling("F"), {local_function("F", {node("F", {"a"}, {"b"}, {}, "again")})})) ==
        "[onnx::load] FILE: asks for what hekla does not support:\n  the function 'F', which calls itself: "
        "node "
        "'again' (F)");
    const auto chain = [](int length) {
      std::vector<onnx::FunctionProto> functions;
      for (int i = 0; i < length; ++i) {
        const std::string next = "F" + std::to_string(i + 1);
        functions.push_back(
            local_function("F" + std::to_string(i), {node(next, {"a"}, {"m"}), node(next, {"m"}, {"b"})}));
      }
      functions.push_back(local_function("F" + std::to_string(length), {node("Relu", {"a"}, {"b"})}));
      return written(calling("F0"), functions);
    };
    CHECK(contains(error_loading(chain(10'000)), "functions that call each other more than 64 deep: "));
    const onnx::Function doubling = loaded(chain(40));
    const std::string error = error_calling(doubling, {pattern({2, 3})});
    CHECK(contains(error, "the graph has more than 1000000 nodes, those of functions included."));
  }

  TEST_CASE("onnx: loops without an end, and conditions that a run alone knows") {
    reference();
    onnx::ModelProto endless = loop(9223372036854775807);
    CHECK(error_calling(loaded(endless), {pattern({3})}) == "net.onnx, node 'loop1' (Loop): it has no end.");
    // A condition without elements: the shape of a scalar.
    onnx::ModelProto pointless = loop(3);
    onnx::GraphProto& body = pointless.graph.node.at(0).attribute.at(0).graphs.at(0);
    for (onnx::NodeProto& each : body.node) {
      if (each.output == std::vector<std::string>{body.output[0].name}) each.op_type = "Shape";
    }
    CHECK(contains(error_calling(loaded(pointless), {pattern({3})}),
                   "its condition go_on i32[0] is not one truth value."));
    onnx::ModelProto unknown = branches(true);
    unknown.graph.initializer.clear();
    unknown.graph.input.push_back(value("c", {}, ElementType::boolean));
    const onnx::Function function = loaded(unknown);
    CHECK(function({pattern({2, 3}), full({}, 1, DType::boolean)}).size() == 1);
    CHECK(error_calling(function, {pattern({2, 3}), variable(full({}, 1, DType::boolean))}) ==
          "net.onnx, node 'choice' (If): input 0 ('c'): it depends on the elements of an input; it must be "
          "known when the "
          "graph is built.");
  }
}

}  // namespace hekla::testing
