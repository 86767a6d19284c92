// Model summaries and plots.
#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/grouped.h"
#include "train/layers/layers.h"
#include "train/model/model.h"

using namespace hekla;
using namespace hekla::testing;

TEST_CASE("grouped digits") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(78500) == "78,500");
  CHECK(grouped(1234567) == "1,234,567");
}

TEST_CASE("summary: the table of the book's two dense layers, as Keras prints it") {
  reference();
  Sequential model(
      {Input({784}), Dense(100, sigmoid, {.name = "hidden"}), Dense(10, softmax, {.name = "output"})},
      {.name = "패션 MNIST 모델"});
  CHECK(model.summary() ==
        "Model: \"패션 MNIST 모델\"\n"
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓\n"
        "┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃\n"
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩\n"
        "│ hidden (Dense)                  │ (None, 100)            │        78,500 │\n"
        "├─────────────────────────────────┼────────────────────────┼───────────────┤\n"
        "│ output (Dense)                  │ (None, 10)             │         1,010 │\n"
        "└─────────────────────────────────┴────────────────────────┴───────────────┘\n"
        " Total params: 79,510 (310.59 KB)\n"
        " Trainable params: 79,510 (310.59 KB)\n"
        " Non-trainable params: 0 (0.00 B)\n");
}

TEST_CASE("summary: automatic names, functions, an optimizer's state, nested models, frozen weights") {
  reference();
  Sequential inner({Dense(4), Dense(4)});
  Sequential model({Flatten(), inner, Dense(3, {.trainable = false}), [](const Tensor& x) { return x * 2; },
                    Dense(3), Dropout(0.5)});
  model.build({2, 2});
  model.compile({.optimizer = "adam", .loss = "mse"});
  std::vector<std::string> labels;
  for (const Tensor& weight : model.weights()) labels.push_back(weight.node().label);
  CHECK(labels == std::vector<std::string>{"sequential/dense/kernel", "sequential/dense/bias",
                                           "sequential/dense_1/kernel", "sequential/dense_1/bias",
                                           "dense_3/kernel", "dense_3/bias", "dense_2/kernel",
                                           "dense_2/bias"});
  model.optimizer().build(model.trainable_weights());
  const std::string summary = model.summary();
  for (const char* row : {"│ flatten (Flatten)               │ (None, 4)              │             0 │",
                          "│ sequential (Sequential)         │ (None, 4)              │            40 │",
                          "│ lambda (Lambda)                 │ (None, 3)              │             0 │",
                          "│ dropout (Dropout)               │ (None, 3)              │             0 │",
                          " Total params: 173 (692.00 B)", " Trainable params: 52 (208.00 B)",
                          " Non-trainable params: 15 (60.00 B)", " Optimizer params: 106 (424.00 B)"})
    CHECK_MESSAGE(summary.find(row) != std::string::npos, summary);
}

TEST_CASE("summary: a layer that is called again has one line; one size of a Reshape follows") {
  reference();
  const Dense shared(4);
  Model model([reshape = Reshape({3, -1}), shared](const Tensor& x, const Mode& mode) {
    return shared(shared(reshape(x, mode), mode), mode);
  });
  model.build({2, 6});
  const std::string summary = model.summary();
  CHECK(summary.find("│ reshape (Reshape)               │ (None, 3, 4)           │             0 │") !=
        std::string::npos);
  CHECK(summary.find("ambda") == std::string::npos);
  CHECK(model.count_params() == 20);
}

TEST_CASE("summary: a model that is not built says what to do") {
  Sequential model({Dense(1)});
  CHECK(error_of([&] { model.summary(); }) ==
        "[summary] model 'sequential' has no weights yet; call build() with the shape of its input, or begin "
        "with hk::Input, or fit it first.");
}

TEST_CASE("plot: layers and what flows between them, through operations that are no layers") {
  reference();
  const Dense first(4), second(4);
  Model model([=](const Tensor& x, const Mode& mode) {
    const Tensor h = first(x, mode);
    return relu(h + second(h, mode));
  });
  model.build({4});
  CHECK(model.to_dot() ==
        "digraph \"model\" {\n"
        "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
        "  input0 [label=\"input\\n(None, 4)\", style=\"rounded,dashed\"];\n"
        "  layer0 [label=\"dense (Dense)\\n(None, 4)\\n20 parameters\"];\n"
        "  input0 -> layer0;\n"
        "  layer1 [label=\"dense_1 (Dense)\\n(None, 4)\\n20 parameters\"];\n"
        "  layer0 -> layer1;\n"
        "  output0 [label=\"output\\n(None, 4)\", style=\"rounded,dashed\"];\n"
        "  layer0 -> output0;\n"
        "  layer1 -> output0;\n"
        "}\n");
}
