// The loss of connectionist temporal classification against torch.nn.functional.ctc_loss, over log_softmax, in double
// precision.
#include "ops/ctc_loss.h"

#include <doctest/doctest.h>

#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

const LossOptions each{.reduction = Reduction::none};
constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor integers(const std::vector<std::int32_t>& elements, const Shape& shape) {
  return tensor(elements, shape);
}

// Three samples of three, one and three labels.
Tensor labels() { return integers({1, 2, 2, 3, 0, 0, 4, 1, 4}, {3, 3}); }

// [3, 6, 5]: ((7 i) % 11 - 5) / 2 for i = 0, 1, ..
Tensor logits() {
  std::vector<double> elements;
  for (int i = 0; i < 90; ++i) elements.push_back((i * 7 % 11 - 5) / 2.0);
  return tensor(elements, {3, 6, 5});
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("ctc: PyTorch's losses and gradients") {
    expect([] { return ctc(labels(), logits(), each); }, {3}, f32, {8.44197063, 11.8949377, 6.08877001},
           2e-6);
    expect([] { return ctc(cast(labels(), u8), logits()); }, {}, f32,
           {(8.44197063 + 11.8949377 + 6.08877001) / 3}, 2e-6);
    expect(
        [] {
          const Tensor at = logits();
          return grad(ctc(labels(), at), at);
        },
        {3, 6, 5}, f32,
        {-0.00303396926, -0.275388471,   0.00721355088, 0.238879997,    0.0323288921,  0.00106089043,
         0.0278489433,   -0.145243919,   0.00341001156, 0.112924074,    -0.161408369,  -0.00109420129,
         -0.0996636756,  0.00768467749,  0.254481568,   0.00305783395,  0.00715419228, -0.0466141285,
         0.0320628653,   0.00433923696,  -0.124494335,  0.0244870973,   -0.0245884944, 0.109743557,
         0.0148521753,   0.00480300195,  0.0244870973,  -0.153885831,   0.109743557,   0.0148521753,
         -0.31525718,    0.186180323,    0.0251967667,  -0.00904398292, 0.112924074,   -0.296195446,
         0.186180323,    0.0251967667,   -0.0281057169, 0.112924074,    -0.218419859,  0.00715419228,
         0.236914311,    -0.0299878811,  0.00433923696, -0.168617435,   0.00715419228, 0.236914311,
         -0.0797903053,  0.00433923696,  0.0412383685,  0.0244870973,   0.00331396825, -0.0838916094,
         0.0148521753,   -0.00345202799, 0.0533013321,  0.00721355088,  -0.0893917471, 0.0323288921,
         -0.0093239287,  0.186180323,    0.0251967667,  0.00341001156,  -0.205463172,  -0.00150962226,
         -0.0034469414,  0.0567825131,   0.00768467749, -0.0595106269,  -0.150504942,  -0.106589404,
         0.236914311,    0.0320628653,   -0.0118828303, -0.0178978526,  -0.108363647,  0.00331396825,
         0.109743557,    0.013203975,    -0.0223634163, -0.0873940361,  0.00331396825, 0.109743557,
         -0.00330007233, 0.00435862576,  0.186180323,   0.0251967667,   0.00341001156, -0.219145727},
        1e-5);
  }

  TEST_CASE("ctc: lengths, samples without labels, too few times") {
    expect(
        [] {
          return ctc(labels(), logits(), each,
                     {.label_length = integers({3, 1, 2}, {3}), .logit_length = integers({5, 1, 4}, {3})});
        },
        {3}, f32, {8.46887455, 4.58242731, 4.89178908}, 2e-6);
    expect([] { return ctc(labels(), logits(), each, {.label_length = zeros({3}, i32)}); }, {3}, f32,
           {15.7489613, 17.7919219, 14.498207}, 2e-6);
    expect(
        [] {
          return ctc(zeros({3, 0}, i32), logits(), each);
        },
        {3}, f32, {15.7489613, 17.7919219, 14.498207}, 2e-6);
    const auto hurried = [](const Tensor& z) {
      return ctc(labels(), z, each, {.logit_length = integers({3, 1, 3}, {3})});
    };
    expect([&] { return hurried(logits()); }, {3}, f32, {infinity, 4.58242731, 10.6937864}, 2e-6);
    expect(
        [&] {
          const Tensor z = logits();
          const Tensor slope = grad(sum(hurried(z)), z);
          return any(slope != slope);
        },
        {}, boolean, {0});
    // A class that a logit of -inf rules out.
    expect(
        [] {
          return ctc(integers({1}, {1, 1}), tensor({0, -infinity, 0, 0}, {1, 2, 2}), each);
        },
        {1}, f32, {0.693147181});
    expect(
        [] {
          return ctc(integers({1}, {1, 1}), tensor({0, -infinity}, {1, 1, 2}), each);
        },
        {1}, f32, {infinity});
  }

  TEST_CASE("ctc: errors") {
    const std::string rule =
        "; they must be integers [batch, most labels] and f32 [batch, time, classes] with at least one time "
        "and class.";
    CHECK(error_of([] {
            ctc(zeros({3, 3}), logits());
          }) == "[ctc] labels are f32[3,3] and logits f32[3,6,5]" + rule);
    CHECK(error_of([] {
            ctc(zeros({2, 3}, i32), logits());
          }) == "[ctc] labels are i32[2,3] and logits f32[3,6,5]" + rule);
    CHECK(error_of([] {
            ctc(labels(), zeros({3, 0, 5}));
          }) == "[ctc] labels are i32[3,3] and logits f32[3,0,5]" + rule);
    CHECK(error_of([] { ctc(labels(), logits(), {}, {.label_length = zeros({2}, i32)}); }) ==
          "[ctc] label_length is i32[2]; it must be integers [3].");
    CHECK(error_of([] { ctc(labels(), logits(), {}, {.logit_length = zeros({3})}); }) ==
          "[ctc] logit_length is f32[3]; it must be integers [3].");
  }
}

}  // namespace hekla::testing
