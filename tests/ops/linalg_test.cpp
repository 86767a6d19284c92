// Products of tensors against NumPy's results.
#include "ops/linalg.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "ops/create.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

// einsum of counted tensors.
void expect_einsum(std::string_view subscripts, const std::vector<Shape>& from, const Shape& shape,
                   const std::vector<double>& elements) {
  CAPTURE(subscripts);
  expect(
      [&] {
        std::vector<Tensor> operands;
        for (const Shape& operand : from) operands.push_back(counted(operand));
        return einsum(subscripts, operands);
      },
      shape, f32, elements);
}

std::string einsum_error(std::string_view subscripts, const std::vector<Shape>& from) {
  return error_of([&] {
    std::vector<Tensor> operands;
    for (const Shape& operand : from) operands.push_back(zeros(operand));
    einsum(subscripts, operands);
  });
}

bool uses_matmul(const Tensor& x) {
  const auto order = topological_order({&x, 1});
  return std::any_of(order.begin(), order.end(), [](const Node* node) { return node->op == &matmul_op; });
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("matmul: a vector is a row on the left and a column on the right") {
    expect([] { return matmul(counted({2, 3}), counted({3})); }, {2}, f32, {5, 14});
    expect([] { return matmul(counted({2}), counted({2, 3})); }, {3}, f32, {3, 4, 5});
    expect([] { return matmul(counted({3}), counted({3})); }, {}, f32, {5});
    expect([] { return matmul(counted({2}), counted({2, 2, 2})); }, {2, 2}, f32, {2, 3, 6, 7});
  }

  TEST_CASE("dot, inner, outer, tensordot") {
    expect([] { return dot(counted({3}), counted({3})); }, {}, f32, {5});
    expect([] { return dot(counted({2, 1, 2}), counted({2, 2, 1})); }, {2, 1, 2, 1}, f32, {1, 3, 3, 13});
    expect([] { return inner(counted({2, 3}), 1 + counted({2, 3})); }, {2, 2}, f32, {8, 17, 26, 62});
    expect([] { return outer(1 + counted({2}), counted({3})); }, {2, 3}, f32, {0, 1, 2, 0, 2, 4});
    expect(
        [] {
          return tensordot(counted({2, 3, 2}), counted({3, 2, 2}));
        },
        {2, 2}, f32, {110, 125, 290, 341});
    expect([] { return tensordot(counted({2, 3}), 1 + counted({3, 2}), {0, 1}, {1, 0}); }, {}, f32, {65});
    expect([] { return tensordot(1 + counted({2}), counted({2}), 0); }, {2, 2}, f32, {0, 1, 0, 2});
  }

  TEST_CASE("einsum") {
    expect_einsum("ij,jk", {{2, 3}, {3, 2}}, {2, 2}, {10, 13, 28, 40});
    expect_einsum(" ij , jk -> ki ", {{2, 3}, {3, 2}}, {2, 2}, {10, 28, 13, 40});
    expect_einsum("ij,kj->ik", {{2, 3}, {2, 3}}, {2, 2}, {5, 14, 14, 50});
    expect_einsum("ii", {{3, 3}}, {}, {12});
    expect_einsum("ii->i", {{3, 3}}, {3}, {0, 4, 8});
    expect_einsum("iji->j", {{2, 3, 2}}, {3}, {7, 11, 15});
    expect_einsum("ba", {{2, 3}}, {3, 2}, {0, 3, 1, 4, 2, 5});
    expect_einsum("Ab,bA", {{2, 3}, {3, 2}}, {}, {50});
    expect_einsum("ij,ij,ij->", {{2, 3}, {2, 3}, {2, 3}}, {}, {225});
    expect_einsum("bi,bj,bk->ijk", {{2, 2}, {2, 1}, {2, 2}}, {2, 1, 2}, {4, 6, 6, 9});
    expect_einsum("...ij,...jk->...ik", {{2, 2, 2}, {2, 2}}, {2, 2, 2}, {2, 3, 6, 11, 10, 19, 14, 27});
    expect_einsum("...i->i...", {{2, 3}}, {3, 2}, {0, 3, 1, 4, 2, 5});
    expect_einsum("i...,...j->j...", {{2, 2}, {2, 3}}, {3, 2}, {0, 12, 2, 16, 4, 20});
    expect_einsum("ij,ij->i", {{1, 3}, {2, 3}}, {2}, {5, 14});
  }

  TEST_CASE("sums over common axes are matrix products") {
    const Tensor a = counted({2, 3, 4});
    const Tensor b = counted({2, 4, 5});
    CHECK(uses_matmul(einsum("bij,bjk->bik", {a, b})));
    CHECK(uses_matmul(einsum("bij,ajk->iabk", {a, b})));
    CHECK(uses_matmul(tensordot(a, b, {2}, {1})));
    // One number for each pair of vectors is a reduction, no sum at all is a multiplication.
    CHECK(!uses_matmul(einsum("bij,bij->b", {a, a})));
    CHECK(!uses_matmul(einsum("bij,bij->bij", {a, a})));
    CHECK(!uses_matmul(dot(counted({9}), counted({9}))));
  }

  TEST_CASE("products of tensors refuse what does not fit") {
    CHECK(error_of([] { matmul(zeros({}), zeros({2})); }) ==
          "[matmul] operands are f32[] and f32[2]; a scalar is no matrix, multiply with *.");
    CHECK(error_of([] {
            matmul(zeros({3}), zeros({2, 4}));
          }) ==
          "[matmul] inner sizes differ: f32[3] x f32[2,4]; the left operand's last axis must equal the right "
          "operand's second-last.");
    CHECK(error_of([] {
            matmul(zeros({2, 3}), zeros({3, 4}, i32));
          }) ==
          "[matmul] operands are f32[2,3] and i32[3,4]; both must be f32, or both f16 or "
          "both bf16 (see hk::cast).");
    CHECK(error_of([] { matmul(zeros({3}), zeros({3}, i32)); }) ==
          "[matmul] operands are f32[3] and i32[3]; both must be f32, or both f16 or "
          "both bf16 (see hk::cast).");
    CHECK(error_of([] { dot(zeros({3}, i32), zeros({3}, i32)); }) ==
          "[dot] operands are i32[3] and i32[3]; both must be f32 (see hk::cast).");
    CHECK(error_of([] {
            inner(zeros({2, 3}), zeros({3, 2}));
          }) ==
          "[inner] axes (-1) of f32[2,3] with axes (-1) of f32[3,2]; they must pair and be equal in size.");
    CHECK(
        error_of([] {
          tensordot(zeros({2, 3}), zeros({3, 2}), {0, 1}, {0});
        }) ==
        "[tensordot] axes (0,1) of f32[2,3] with axes (0) of f32[3,2]; they must pair and be equal in size.");
    CHECK(error_of([] { tensordot(zeros({2}), zeros({2}), 2); }) ==
          "[tensordot] 2 axes of f32[2] and f32[2]; the number must lie between 0 and the smaller rank.");
  }

  TEST_CASE("einsum's errors name the subscript") {
    CHECK(einsum_error("i1", {{2, 2}}) ==
          "[einsum] \"i1\": the character '1'; axes are named by the letters a-z and A-Z.");
    CHECK(einsum_error("i.j", {{2, 2}}) == "[einsum] \"i.j\": a '.' by itself; an ellipsis is \"...\".");
    CHECK(einsum_error("...i...", {{2, 2}}) ==
          "[einsum] \"...i...\": two ellipses in one term; a term has at most one.");
    CHECK(einsum_error("ij,jk", {{2, 2}}) ==
          "[einsum] \"ij,jk\": 2 terms for 1 operands; there must be one for each.");
    CHECK(
        einsum_error("ijk", {{2, 2}}) ==
        "[einsum] \"ijk\": term 1 names 3 axes of f32[2,2]; there must be one name for each of its 2 axes.");
    CHECK(einsum_error("ijk...", {{2, 2}}) ==
          "[einsum] \"ijk...\": term 1 names 3 axes of f32[2,2]; there must be at most one name for each of "
          "its "
          "2 axes.");
    CHECK(einsum_error("ii", {{2, 3}}) ==
          "[einsum] \"ii\": 'i' names axes of 2 and 3 of f32[2,3]; a repeated name needs equal sizes.");
    CHECK(einsum_error("ij,jk", {{2, 3}, {4, 2}}) ==
          "[einsum] \"ij,jk\": 'j' has sizes 3 and 4 (in f32[4,2]); equal names need equal sizes, or 1.");
    CHECK(einsum_error("...,...", {{3}, {4}}) ==
          "[einsum] \"...,...\": axis -1 of \"...\" has sizes 3 and 4 (in f32[4]); equal names need equal "
          "sizes, "
          "or 1.");
    CHECK(einsum_error("ij->ik", {{2, 3}}) ==
          "[einsum] \"ij->ik\": the result names 'k', which no operand does; its size is unknown.");
    CHECK(einsum_error("ij->ii", {{2, 3}}) ==
          "[einsum] \"ij->ii\": the result names 'i' twice; once is enough.");
    CHECK(einsum_error("...j->j", {{2, 3}}) ==
          "[einsum] \"...j->j\": the result has no \"...\" for the 1 axes of the operands'; name it there "
          "too.");
    CHECK(
        error_of([] {
          einsum("i,i", {zeros({2}), zeros({2}, i32)});
        }) ==
        "[einsum] \"i,i\": operand 2 is i32[2] beside f32[2]; all must have one dtype: f32, i32 or u32 (see "
        "hk::cast).");
  }
}

}  // namespace hekla::testing
