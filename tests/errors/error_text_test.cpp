// The text of every error in building, differentiating or running a graph: `[op] fact; rule.`
#include <doctest/doctest.h>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/autodiff/steps.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/layers/dense.h"

namespace hekla::testing {

namespace {

Tensor numbers(const Shape& shape) { return zeros(shape); }
Tensor integers(const Shape& shape) { return zeros(shape, i32); }
Tensor truths(const Shape& shape) { return zeros(shape, boolean); }
Tensor bytes(const Shape& shape) { return zeros(shape, u8); }

double same(std::span<const double> x, DType) { return x[0]; }

const Op forgetful_op{.name = "forgetful",
                      .kind = Kind::elementwise,
                      .arity = 1,
                      .infer = same_as_operands,
                      .glsl = "{0}",
                      .eval = same,
                      .vjp = [](const Tensor&, const Tensor&) -> std::vector<Tensor> { return {}; }};

const Op shapeless_op{.name = "shapeless",
                      .kind = Kind::elementwise,
                      .arity = 1,
                      .infer = same_as_operands,
                      .glsl = "{0}",
                      .eval = same,
                      .vjp = [](const Tensor&, const Tensor& g) -> std::vector<Tensor> { return {sum(g)}; }};

const char* const no_value =
    "[input] x f32[2] has no value: it stands for what a program is fed with, such as a model's batch; feed "
    "it "
    "to the compiled program, and inside of models and losses use operations instead of values.";

void expect_error(const std::string& text, const std::function<void()>& action) {
  CHECK(error_of(action) == text);
}

}  // namespace

TEST_SUITE("errors") {
  TEST_CASE("shape") {
    expect_error("[shape] axis 1 has size -2; sizes must not be negative.", [] { zeros({3, -2}); });
    expect_error("[shape] more than 12 axes; a tensor has at most 12 axes.", [] {
      zeros({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    });
    expect_error("[shape] [4611686018427387904,3] has more elements than can be counted.", [] {
      Shape({std::int64_t{1} << 62, 3}).count();
    });
  }

  TEST_CASE("axes") {
    expect_error("[sum] axis 2 does not exist; a tensor of rank 2 has axes -2 to 1.", [] {
      sum(numbers({2, 3}), {2});
    });
    expect_error("[size] axis -3 does not exist; a tensor of rank 2 has axes -2 to 1.", [] {
      numbers({2, 3}).size(-3);
    });
    expect_error("[argmax] axis -1 does not exist; a scalar has no axes.", [] { argmax(numbers({})); });
    expect_error("[max] axes (0,-2) name one axis twice; each axis may be named once.", [] {
      max(numbers({2, 3}), {0, -2});
    });
    expect_error("[gather] axis 5 does not exist; a tensor of rank 1 has axes -1 to 0.",
                 [] { gather(numbers({2}), integers({1}), 5); });
    expect_error("[concat] axis 1 does not exist; a tensor of rank 1 has axes -1 to 0.",
                 [] { concat({numbers({2})}, 1); });
    expect_error("[expand_dims] axis 3 does not exist; a tensor of rank 3 has axes -3 to 2.", [] {
      expand_dims(numbers({2, 2}), 3);
    });
    expect_error("[windows] axis 1 does not exist; a tensor of rank 1 has axes -1 to 0.",
                 [] { windows(numbers({2}), 1, 1); });
    expect_error("[iota] axis 0 does not exist; a scalar has no axes.", [] { iota({}, 0); });
    expect_error("[softmax] axis 2 does not exist; a tensor of rank 2 has axes -2 to 1.", [] {
      softmax(numbers({2, 2}), 2);
    });
  }

  TEST_CASE("empty tensors") {
    expect_error("[tensor] an empty tensor has no shape; assign it a value first.", [] { Tensor().shape(); });
    expect_error("[tensor] an empty tensor has no dtype; assign it a value first.", [] { Tensor().dtype(); });
    expect_error("[label] an empty tensor cannot be labelled; assign it a value first.",
                 [] { Tensor().label("x"); });
    expect_error("[exp] operand 1 is an empty tensor; assign it a value first.", [] { exp(Tensor()); });
    expect_error("[gather] operand 2 is an empty tensor; assign it a value first.",
                 [] { gather(numbers({2}), Tensor()); });
    expect_error("[add] an operand is an empty tensor; assign it a value first.",
                 [] { add(numbers({2}), Tensor()); });
    expect_error("[pow] an operand is an empty tensor; assign it a value first.",
                 [] { pow(numbers({2}), Tensor()); });
    expect_error("[sum] the operand is an empty tensor; assign it a value first.", [] { sum(Tensor()); });
    expect_error("[evaluate] an empty tensor has no value; assign it one first.", [] { Tensor().eval(); });
    expect_error("[compile] an output is an empty tensor; assign it a value first.",
                 [] { compile({.outputs = {Tensor()}}); });
    CHECK(variables(Tensor()).empty());
  }

  TEST_CASE("elementwise operations") {
    expect_error(
        "[add] shapes [2,3] and [2] do not broadcast; axes are aligned from the last, and each pair must be "
        "equal "
        "or contain a 1.",
        [] {
          numbers({2, 3}) + numbers({2});
        });
    expect_error("[multiply] dtypes differ: f32[2] and i32[2]; cast one operand (see hk::cast).",
                 [] { numbers({2}) * integers({2}); });
    expect_error("[less] dtypes differ: w f32[2] and u8[]; cast one operand (see hk::cast).",
                 [] { (void)(variable(numbers({2}), "w") < bytes({})); });
    expect_error("[add] the number 0.5 is no i32; cast the tensor or use a whole number in range.",
                 [] { integers({2}) + 0.5; });
    expect_error("[add] the number -1 is no u32; cast the tensor or use a whole number in range.",
                 [] { zeros({2}, u32) + -1; });
    expect_error(
        "[multiply] the number 3000000000 is no i32; cast the tensor or use a whole number in range.",
        [] { integers({2}) * 3000000000u; });
    expect_error("[exp] does not take i32[2]; it takes f32 (see hk::cast).", [] { exp(integers({2})); });
    expect_error("[add] does not take bool[2]; it takes f32, i32 or u32 (see hk::cast).",
                 [] { truths({2}) + truths({2}); });
    expect_error("[less] does not take u8[2]; it takes f32, i32 or u32 (see hk::cast).",
                 [] { (void)(bytes({2}) < bytes({2})); });
    expect_error("[negate] does not take u32[2]; it takes f32 or i32 (see hk::cast).",
                 [] { -zeros({2}, u32); });
    expect_error("[where] does not take f32[2]; it takes a bool condition (see hk::cast).",
                 [] { where(numbers({2}), numbers({2}), numbers({2})); });
    expect_error(
        "[where] shapes [3] and [2] do not broadcast; axes are aligned from the last, and each pair must be "
        "equal "
        "or contain a 1.",
        [] { where(truths({3}), numbers({2}), numbers({2})); });
    expect_error("[where] dtypes differ: f32[2] and i32[2]; cast one operand (see hk::cast).",
                 [] { where(truths({2}), numbers({2}), integers({2})); });
    expect_error("[equal] dtypes differ: f32[2] and bool[2]; cast one operand (see hk::cast).",
                 [] { !numbers({2}); });
  }

  TEST_CASE("operations applied by descriptor") {
    expect_error("[add] got 1 operands; it takes 2.", [] { apply(add_op, {numbers({2})}); });
    expect_error(
        "[add] operands differ: f32[2] and f32[3]; an elementwise operation needs one shape and dtype.", [] {
          apply(add_op, {numbers({2}), numbers({3})});
        });
    expect_error("[where] operands differ: bool[3] and f32[2]; an elementwise operation needs one shape.",
                 [] {
                   apply(where_op, {truths({3}), numbers({2}), numbers({2})});
                 });
    expect_error(
        "[random_bits] operands differ: i32[] and u32[]; an elementwise operation needs one shape and dtype.",
        [] {
          random_bits({}, {integers({}), 0});
        });
  }

  TEST_CASE("reductions") {
    expect_error("[sum] does not take bool[2]; it takes f32, i32 or u32 (see hk::cast).",
                 [] { sum(truths({2})); });
    expect_error("[max] does not take u8[1]; it takes f32, i32 or u32 (see hk::cast).",
                 [] { max(bytes({1})); });
    expect_error("[max] axis 1 of f32[2,0] has no elements; it must have at least one.", [] {
      max(numbers({2, 0}), {1});
    });
    expect_error("[mean] f32[0] has no elements to average.", [] { mean(numbers({0})); });
    expect_error("[mean] i32[2] is not f32; cast it first.", [] { mean(integers({2})); });
  }

  TEST_CASE("views") {
    expect_error("[reshape] f32[2,3] holds 6 elements and [4] would hold 4; the counts must be equal.", [] {
      reshape(numbers({2, 3}), {4});
    });
    expect_error(
        "[reshape] f32[2,3] holds 6 elements, which (4,-1) cannot hold; the size for -1 must come out whole.",
        [] {
          reshape(numbers({2, 3}), {4, -1});
        });
    expect_error(
        "[reshape] f32[0] holds 0 elements, which (0,-1) cannot hold; the size for -1 must come out whole.",
        [] {
          reshape(numbers({0}), {0, -1});
        });
    expect_error("[shape] axis 1 has size -1; sizes must not be negative.", [] {
      reshape(numbers({6}), {-1, -1});
    });
    expect_error("[flatten] a scalar has no rows; flatten takes rank 1 or more.",
                 [] { flatten(numbers({})); });
    expect_error("[squeeze] axis 0 of f32[2,1] has size 2; only axes of size 1 can be dropped.", [] {
      squeeze(numbers({2, 1}), {0});
    });
    expect_error("[permute] order (0,0) for f32[2,3]; each of its 2 axes must be named once.", [] {
      permute(numbers({2, 3}), {0, 0});
    });
    expect_error("[permute] order (1) for f32[2,3]; each of its 2 axes must be named once.", [] {
      permute(numbers({2, 3}), {1});
    });
    expect_error("[transpose] f32[2] has rank 1; transpose exchanges the last two axes.",
                 [] { transpose(numbers({2})); });
    expect_error("[broadcast_to] f32[2,3] does not broadcast to [2,1]; only axes of size 1 are repeated.",
                 [] {
                   broadcast_to(numbers({2, 3}), {2, 1});
                 });
    expect_error(
        "[broadcast_to] shapes [2] and [3] do not broadcast; axes are aligned from the last, and each pair "
        "must "
        "be equal or contain a 1.",
        [] { broadcast_to(numbers({2}), {3}); });
    expect_error("[slice] axis 0 of f32[3] has step 0; a step is positive or negative.", [] {
      slice(numbers({3}), {{0, 3, 0}});
    });
    expect_error("[slice] 2 ranges for f32[3]; there is at most one for each of its 1 axes.", [] {
      slice(numbers({3}), {{}, {}});
    });
    expect_error("[pad] axis 0 of f32[3] is padded by (0,-1,0); paddings must not be negative (see slice).",
                 [] {
                   pad(numbers({3}), {{0, -1}});
                 });
    expect_error("[pad] 2 paddings for f32[3]; there is at most one for each of its 1 axes.", [] {
      pad(numbers({3}), {{}, {}});
    });
    expect_error("[windows] size 2, step 0, dilation 1; all must be positive.",
                 [] { windows(numbers({3}), 0, 2, 0); });
    expect_error(
        "[windows] a window of 3 with dilation 2 spans 5 and axis 0 of f32[4] has 4; a window must fit.",
        [] { windows(numbers({4}), 0, 3, 1, 2); });
    expect_error("[concat] no tensors; concat takes at least one.", [] { concat({}, 0); });
    expect_error(
        "[concat] f32[2,3] and f32[2,4] do not join along axis 0; dtype and all other axes must be equal.",
        [] {
          concat({numbers({2, 3}), numbers({2, 4})}, 0);
        });
    expect_error(
        "[concat] f32[2] and i32[2] do not join along axis 0; dtype and all other axes must be equal.", [] {
          concat({numbers({2}), integers({2})}, 0);
        });
  }

  TEST_CASE("matmul and gather") {
    expect_error(
        "[matmul] inner sizes differ: f32[64,784] x f32[128,10]; the left operand's last axis must equal the "
        "right "
        "operand's second-last.",
        [] {
          matmul(numbers({64, 784}), numbers({128, 10}));
        });
    expect_error("[matmul] operands are f32[] and f32[2]; a scalar is no matrix, multiply with *.",
                 [] { matmul(numbers({}), numbers({2})); });
    expect_error(
        "[matmul] operands are f32[2,3] and i32[3,2]; both must be f32, or both f16 or "
        "both bf16 (see hk::cast).",
        [] {
          matmul(numbers({2, 3}), integers({3, 2}));
        });
    expect_error(
        "[matmul] operands are i32[2,0] and i32[0,2]; both must be f32, or both f16 or "
        "both bf16 (see hk::cast).",
        [] {
          matmul(integers({2, 0}), integers({0, 2}));
        });
    expect_error(
        "[matmul] shapes [2] and [3] do not broadcast; axes are aligned from the last, and each pair must be "
        "equal "
        "or contain a 1.",
        [] {
          matmul(numbers({2, 4, 4}), numbers({3, 4, 4}));
        });
    expect_error("[gather] indices are f32[2]; they must be i32 or u32 (see hk::cast).",
                 [] { gather(numbers({3}), numbers({2})); });
    expect_error("[gather] axis 1 of f32[3,0] has no elements; there is nothing to pick.", [] {
      gather(numbers({3, 0}), integers({2}), 1);
    });
    expect_error("[one_hot] indices are f32[2]; they must be integers.", [] { one_hot(numbers({2}), 3); });
    expect_error("[one_hot] indices are bool[2]; they must be integers.", [] { one_hot(truths({2}), 3); });
    expect_error("[one_hot] depth -3; it must not be negative.", [] { one_hot(integers({2}), -3); });
  }

  TEST_CASE("leaves") {
    expect_error("[tensor] 3 elements for shape [2,2]; it holds 4.", [] { tensor({1.0, 2, 3}, {2, 2}); });
    expect_error("[iota] positions cannot be u8; use i32, u32 or f32.", [] { iota({3}, 0, u8); });
    expect_error("[iota] positions cannot be bool; use i32, u32 or f32.", [] { arange(3, boolean); });
    expect_error(
        "[variable] w cannot start as something that depends on input x, which is fed only when a program "
        "runs; "
        "use known values.",
        [] { variable(input("x", {2}) * 2, "w"); });
  }

  TEST_CASE("models") {
    const std::string loss = "[sparse_categorical_crossentropy_from_logits] ";
    const std::string accuracy = "[sparse_categorical_accuracy] ";
    const std::string rule = "; the scores must have the labels' shape and one more axis for the classes.";
    expect_error(loss + "labels are i32[4] and scores f32[3,2]" + rule, [] {
      sparse_categorical_crossentropy_from_logits(integers({4}), numbers({3, 2}));
    });
    expect_error(loss + "labels are f32[3]; they must be integers (see hk::cast).", [] {
      sparse_categorical_crossentropy_from_logits(numbers({3}), numbers({3, 2}));
    });
    expect_error(loss + "labels are f32[3,2] and scores f32[3,2]" + rule +
                     " One-hot targets go with categorical_crossentropy_from_logits.",
                 [] {
                   sparse_categorical_crossentropy_from_logits(numbers({3, 2}), numbers({3, 2}));
                 });
    expect_error(
        "[categorical_crossentropy] targets are i32[3] and predictions f32[3,2]; both must have one shape of "
        "rank 1 or more. Labels of classes go with sparse_categorical_crossentropy.",
        [] {
          categorical_crossentropy(integers({3}), numbers({3, 2}));
        });
    expect_error(accuracy + "labels are i32[3,1] and scores f32[3,2]" + rule, [] {
      sparse_categorical_accuracy(integers({3, 1}), numbers({3, 2}));
    });
    expect_error(accuracy + "labels are bool[3]; they must be integers (see hk::cast).", [] {
      sparse_categorical_accuracy(truths({3}), numbers({3, 2}));
    });
    expect_error("[dense] 0 units; at least one is needed.", [] { Dense(0); });
    expect_error("[dense] takes [batch, .., features], not f32[3].", [] { Dense(5)(numbers({3})); });
    expect_error(
        "[hidden] is called with f32[2,4], for which its kernel would be [4,5]; it was built as [3,5]. "
        "Inputs "
        "must keep the shape of the first call, but for the batch.",
        [] {
          const Dense hidden(5, {.name = "hidden"});
          hidden(numbers({2, 3}));
          hidden(numbers({2, 4}));
        });
  }

  TEST_CASE("differentiation") {
    const Tensor x = input("x", {2});
    expect_error("[grad] the loss is f32[2]; it must be one f32 number (see hk::sum and hk::mean).",
                 [&] { grad(x * 2, x); });
    expect_error("[grad] the loss is i32[]; it must be one f32 number (see hk::sum and hk::mean).",
                 [] { grad(integers({}), numbers({2})); });
    expect_error("[grad] target i32[2] is not f32; only f32 tensors have derivatives.",
                 [&] { grad(sum(x), integers({2})); });
    const std::string rule =
        " is not differentiable and lies between the output and a target; use stop_gradient where no "
        "gradient is wanted.";
    expect_error("[grad] steps (f32[2])" + rule, [&] { grad(sum(steps(x)), x); });
    const std::string whole =
        " lies between the output and a target; whole numbers and truth values, such as argmax and "
        "comparisons "
        "give, have no gradient: use stop_gradient where none is wanted.";
    expect_error("[grad] less (bool[2])" + whole, [&] { grad(sum(cast(x < 0, f32)), x); });
    expect_error("[grad] subtract (i32[])" + whole, [&] { grad(cast(argmax(x), f32), x); });
    expect_error("[grad] steps (stairs f32[2])" + rule, [&] { grad(sum(steps(x).label("stairs")), x); });
  }

  TEST_CASE("gradient rules of the user's own") {
    const Tensor x = input("x", {2, 3});
    expect_error(
        "[grad] the gradient rule of forgetful returned 0 gradients for 1 inputs; it returns one for each, "
        "an "
        "empty tensor where nothing flows.",
        [&] { grad(sum(apply(forgetful_op, {x})), x); });
    expect_error(
        "[grad] the gradient rule of shapeless returned f32[] for its input 1, x f32[2,3]; a gradient has "
        "its "
        "input's shape and dtype.",
        [&] { grad(sum(apply(shapeless_op, {x})), x); });
  }

  TEST_CASE("running") {
    reference();
    const Tensor x = input("x", {2}), v = variable(numbers({2}), "v");
    expect_error("[item] f32[2] has 2 elements; item() takes a tensor with one element, to_vector() any.",
                 [] { numbers({2}).item(); });
    expect_error(no_value, [&] { x.to_vector(); });
    expect_error(no_value, [&] { (x + 1).to_vector(); });
    expect_error("[update] x f32[2] is not a variable; only variables can be given a new value.", [&] {
      evaluate({.updates = {{x, numbers({2})}}});
    });
    expect_error("[update] (empty) is not a variable; only variables can be given a new value.",
                 [&] { assign(Tensor(), numbers({2})); });
    expect_error(
        "[update] variable v f32[2] cannot take f32[3]; the new value must have the variable's shape and "
        "dtype.",
        [&] { assign(v, numbers({3})); });
    expect_error(
        "[update] variable v f32[2] cannot take i32[2]; the new value must have the variable's shape and "
        "dtype.",
        [&] {
          compile({.updates = {{v, integers({2})}}});
        });
    expect_error(
        "[update] variable v f32[2] cannot take (empty); the new value must have the variable's shape and "
        "dtype.",
        [&] {
          evaluate({.updates = {{v, Tensor()}}});
        });
    expect_error("[update] variable v f32[2] is given two new values; one run updates a variable once.", [&] {
      evaluate({.updates = {{v, v + 1}, {v, v + 2}}});
    });
    Program program = compile({.outputs = {x + v}});
    expect_error(no_value, [&] { program.run(); });
    expect_error("[run] 0 steps; a run takes at least one.", [&] { program.run({{x, numbers({2})}}, 0); });
    expect_error("[run] input x f32[2] is fed with f32[3]; shape and dtype must be equal.", [&] {
      program.run({{x, numbers({3})}});
    });
    expect_error("[run] v f32[2] is not an input of this program; feed the tensors made by hk::input.", [&] {
      program.run({{x, numbers({2})}, {v, numbers({2})}});
    });
    expect_error("[run] other f32[2] is not an input of this program; feed the tensors made by hk::input.",
                 [&] {
                   program.run({{x, numbers({2})}, {input("other", {2}), numbers({2})}});
                 });
  }
}

}  // namespace hekla::testing
