// Graphs as text and in Graphviz's DOT language, compared word for word.
#include "graph/print.h"

#include <doctest/doctest.h>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla::testing {

namespace {

Tensor example() {
  const Tensor x = input("x", {2, 3});
  const Tensor w = variable(zeros({3, 4}), "w \"quoted\"");
  return sum(exp(matmul(x, w)) + 0.5, {1}).label("loss");
}

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("text: one line per node, inputs first") {
    CHECK(to_text(example()) == R"text(%0 = f32[2,3] input "x"
%1 = f32[3,4] variable "w "quoted""
%2 = f32[2,4] matmul %0 %1
%3 = f32[2,4] exp %2
%4 = f32[2,4] constant 0.5
%5 = f32[2,4] add %3 %4
%6 = f32[2,1] sum(1) %5
%7 = f32[2] reshape(2) "loss" %6
)text");
  }

  TEST_CASE("text: several roots share their nodes") {
    const Tensor x = input("x", {2}, i32);
    const std::vector<Tensor> roots{x + x, slice(x, {{-1, Range::whole, -1}}), x < x};
    CHECK(to_text(roots) == R"text(%0 = i32[2] input "x"
%1 = i32[2] add %0 %0
%2 = i32[2] slice(1,2,-1) %0
%3 = bool[2] less %0 %0
)text");
    CHECK(to_text(Tensor()) == "");
  }

  TEST_CASE("dot: a box per node, an arrow per use") {
    CHECK(to_dot(example()) == R"text(digraph hekla {
  node [shape=box, fontname=monospace];
  n0 [label="f32[2,3] input \"x\"", style=filled, fillcolor=lightblue];
  n1 [label="f32[3,4] variable \"w \"quoted\"\"", style=filled, fillcolor=lightblue];
  n2 [label="f32[2,4] matmul"];
  n0 -> n2;
  n1 -> n2;
  n3 [label="f32[2,4] exp"];
  n2 -> n3;
  n4 [label="f32[2,4] constant 0.5"];
  n5 [label="f32[2,4] add"];
  n3 -> n5;
  n4 -> n5;
  n6 [label="f32[2,1] sum(1)"];
  n5 -> n6;
  n7 [label="f32[2] reshape(2) \"loss\"", style=dashed];
  n6 -> n7;
}
)text");
  }

  TEST_CASE("dot: what Graphviz reads as an escape is escaped") {
    CHECK(to_dot(input(R"(C:\new "x")", {2})) == R"text(digraph hekla {
  node [shape=box, fontname=monospace];
  n0 [label="f32[2] input \"C:\\new \"x\"\"", style=filled, fillcolor=lightblue];
}
)text");
  }
}

}  // namespace hekla::testing
