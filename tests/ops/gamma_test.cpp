// lgamma, digamma, polygamma and erfc. Expected values are PyTorch's in double precision of the f32 nearest to x:
// torch.lgamma, torch.digamma, torch.polygamma and torch.special.erfc of torch.tensor(np.float32([..]).astype(float)).
#include "ops/gamma.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "tests/support/everywhere.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const std::vector<double> positive{1e-30,  1e-6, 0.01, 0.3, 0.49,   0.5,    0.75, 0.99, 0.9999,
                                   1.0001, 1.3,  1.5,  1.7, 1.9999, 2.0001, 2.5,  2.99, 3.2,
                                   3.5,    4,    5.5,  7.9, 12.3,   100,    1e4,  1e10, 1e30};
const std::vector<double> negative{-1e-20, -0.1, -0.4999, -0.5,  -0.6,  -0.99,  -1.5,
                                   -1.01,  -2.3, -3.9,    -10.5, -33.3, -100.25};

ElementwiseFunction polygamma_of(int n) {
  return [n](const Operands& x) { return polygamma(n, x[0]); };
}

// As the f32 that holds the number, infinite where none does.
std::vector<double> held(std::vector<double> numbers) {
  for (double& number : numbers) number = static_cast<float>(number);
  return numbers;
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("lgamma") {
    everywhere(of(lgamma), {positive}, f32,
               {69.07755278665029,     13.81550998327419,      4.599479900519132,      1.095797953064734,
                0.5922496101309744,    0.5723649429247001,     0.20328095143129538,    0.005854801101922376,
                5.773937256934961e-05, -5.772291776898885e-05, -0.10817480144020891,   -0.12078223763524522,
                -0.09580768746272736,  -4.228222335681117e-05, 4.2238267333173845e-05, 0.2846828704729192,
                0.683939118410229,     0.8854048747832592,     1.2009736023470743,     1.791759469228055,
                3.9578139676187165,    8.324266058957152,      18.238983877901873,     359.1342053695754,
                82099.71749644238,     220258509288.81058,     6.807755382926351e+31},
               3 * two_units);
    everywhere(
        of(lgamma), {negative}, f32,
        {46.051701891615394, 2.3689613189525565, 1.2655158166621425, 1.2655121234846454, 1.307503462799514,
         4.609531163286241, 0.860047015376481, 4.601075619353937, 0.3695668216373189, -0.7094672283168928,
         -15.147270590717842, -84.75261130995116, -363.4009232278215},
        1e-6);
    everywhere(of(lgamma), {{0, -0.0, 1, 2, -1, -7, -8388609, infinity, -infinity, nan, 1e37}}, f32,
               {infinity, infinity, 0, 0, infinity, infinity, infinity, infinity, infinity, nan, infinity});
  }

  TEST_CASE("digamma") {
    const std::vector<double> right{
        -9.999999968289232e+29, -1000000.5797387775, -100.56088769340525, -3.5025240762240166,
        -2.01371600198056,      -1.9635100260214229, -1.085860879786472,  -0.5937862881358709,
        -0.5773801976297855,    -0.5770511562223977, -0.1691909429522201, 0.036489973978576194,
        0.2085479126977822,     0.4227198289684676,  0.4228487603086705,  0.7031566406452431,
        0.9188272726406246,     0.998838908754155,   1.103156640645243,   1.2561176684318003,
        1.611093148581751,      2.0022385004315737,  2.4683984164554595,  4.600161852738088,
        9.21029037114285,       23.025850929890456,  69.07755280486883};
    everywhere(of(digamma), {positive}, f32, right, 3 * two_units);
    // Next to the zero.
    everywhere(of(digamma), {{1.4616321325302124}}, f32, {-1.2036052287212745e-08}, 1e-3);
    const std::vector<double> left{1.0000000317344784e+20, 9.24507289817653,    0.03738333207361842,
                                   0.03648997397857639,    -0.8947181176038571, -99.55087984048116,
                                   0.7031566406452433,     100.39640809863654,  3.3173238597481083,
                                   -8.185100032416388,     2.3982391295357814,  5.803009419181622,
                                   7.754238959208646};
    everywhere(of(digamma), {negative}, f32, left, 1e-5);
    everywhere(of(digamma), {{0, -0.0, -1, -7, -8388609, infinity, -infinity, nan}}, f32,
               {-infinity, infinity, nan, nan, nan, infinity, nan, nan});
    everywhere(gradient_of(lgamma), {{0.75, 3.5, 12.3}}, f32,
               {-1.085860879786472, 1.103156640645243, 2.4683984164554595}, 2 * two_units);
    // The reference device's function is its own, in double precision.
    const std::vector<double> exact = reference_values(digamma(tensor({0.5, 2.5, 100, -1.5, -10.5})));
    const std::vector<double> expected{-1.9635100260214235, 0.7031566406452432, 4.600161852738087,
                                       0.7031566406452432, 2.398239129535781};
    for (std::size_t i = 0; i < exact.size(); ++i)
      CHECK(exact[i] == doctest::Approx(expected[i]).epsilon(1e-13));
  }

  TEST_CASE("polygamma") {
    everywhere(polygamma_of(1), {positive}, f32,
               held({9.999999936578462e+59,  1000000005051.1594,  10001.62166056289,   12.245363647621858,
                     5.108092312211156,      4.934802202073678,   2.541879648764158,   1.6693040783132798,
                     1.6451745513973979,     1.6446936488402262,  1.1342534926872208,  0.9348022009716718,
                     0.7932328016963798,     0.6449744876453506,  0.6448936996402973,  0.4903577562398206,
                     0.3964811732821828,     0.36632118446777584, 0.33035775615183904, 0.2838229557697153,
                     0.19934238699894422,    0.1349307817246504,  0.08469516887868145, 0.010050166663333571,
                     0.00010000500016666666, 1.00000000005e-10,   9.99999984952534e-31}),
               4 * two_units);
    everywhere(polygamma_of(1), {negative}, f32,
               held({1.000000063468958e+40, 101.92253698331979, 8.934720298189776, 8.934802200117687,
                     10.053134915810856, 10002.660591094842, 9.37924664484954, 10002.668673658847,
                     14.725915437428679, 103.12971825823821, 9.778757739814598, 15.049882579844816,
                     19.72928332535051}),
               4 * two_units);
    const std::vector<double> x{0.01, 0.5, 1.7, 7.9, 100, -0.1, -2.3, -33.3};
    everywhere(polygamma_of(2), {x}, f32,
               {-2000002.4745091356, -16.828796644234316, -0.6040890416858391, -0.01817900437186353,
                -0.00010100499983335001, 1996.7981135347284, 68.71382919496233, 68.83725530568253},
               1e-6);
    everywhere(polygamma_of(5), {x}, f32,
               {120000016093370.38, 7691.113548602433, 5.345182991712209, 0.001057582531148581,
                2.4605999440119957e-09, 120000217.87256685, 165660.21018297915, 165662.679615197},
               2e-6);
    everywhere(polygamma_of(0), {{1.5}}, f32, {0.036489973978576194}, two_units);
    everywhere(polygamma_of(1), {{0, -0.0, -3, -8388609, infinity, -infinity, nan}}, f32,
               {infinity, infinity, infinity, infinity, 0, nan, nan});
    everywhere(polygamma_of(2), {{0, -0.0, -3, nan}}, f32, {-infinity, -infinity, -infinity, nan});
    everywhere(gradient_of(digamma), {{0.5, 1.7}}, f32, {4.934802202073678, 0.7932328016963798},
               4 * two_units);
    const std::vector<double> exact = reference_values(polygamma(2, tensor({0.5, 100, -2.5})));
    const std::vector<double> expected{-16.828796644234320, -0.00010100499983335001, -0.1082040516417274};
    for (std::size_t i = 0; i < exact.size(); ++i)
      CHECK(exact[i] == doctest::Approx(expected[i]).epsilon(1e-13));
  }

  TEST_CASE("erfc: relative precision also in its tail") {
    const std::vector<double> x{-infinity, -5, -1, -0.3, -1e-5, 0,   1e-5, 0.3, 0.5,      0.99,
                                1.5,       2,  3,  4.4,  6,     8.3, 9.19, 12,  infinity, nan};
    everywhere(of(erfc), {x}, f32, held(mapped(x, std::erfc)), 4 * two_units);
    everywhere(gradient_of(erfc), {{0, 2}}, f32, {-1.1283791670955126, -0.02066698535409206}, 1e-6);
  }

  TEST_CASE("errors of lgamma, digamma, polygamma and erfc") {
    for (Tensor (*const function)(const Tensor&) : {&lgamma, &digamma, &erfc})
      CHECK(error_of([&] {
              function(zeros({2}, i32));
            }).ends_with("does not take i32[2]; it takes f32 (see hk::cast)."));
    CHECK(error_of([] { polygamma(-1, zeros({2})); }) == "[polygamma] n is -1; it must be in [0, 30].");
    CHECK(error_of([] { polygamma(31, zeros({2})); }) == "[polygamma] n is 31; it must be in [0, 30].");
    CHECK(error_of([] { polygamma(1, zeros({2}, i32)); }) == "[polygamma] i32[2] is not f32; cast it first.");
  }
}

}  // namespace hekla::testing
