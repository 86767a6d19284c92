// Optimizers' steps against vectors computed from Keras's formulas and against the golden values of Keras's
// tests; options that all optimizers share.
#include "ops/optim/optimizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;
using Steps = std::vector<Numbers>;

struct Trained {
  std::string name;
  Optimizer optimizer;
  Steps expected;
};

// Runs all optimizers in one program, each with a variable of its own and all with the same gradients.
// Returns the variables after each step.
std::vector<Steps> run(const std::vector<Optimizer>& optimizers, const Numbers& start, const Steps& gradients,
                       const std::shared_ptr<Evaluator>& device) {
  const Tensor g = input("g", {static_cast<std::int64_t>(start.size())});
  std::vector<Tensor> variables;
  std::vector<Update> updates;
  for (Optimizer optimizer : optimizers) {
    const Tensor x = variables.emplace_back(variable(tensor(start), "x"));
    for (const Update& update : optimizer.step({&x, 1}, {&g, 1})) updates.push_back(update);
  }
  Program program = compile({.updates = updates}, device);
  std::vector<Steps> found(optimizers.size());
  for (const Numbers& gradient : gradients) {
    program.run({{g, tensor(gradient)}});
    for (std::size_t i = 0; i < variables.size(); ++i) found[i].push_back(variables[i].to_vector<double>());
  }
  return found;
}

void check_near(const Numbers& actual, const Numbers& expected, double tolerance) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CAPTURE(actual[i]);
    CAPTURE(expected[i]);
    CHECK(std::abs(actual[i] - expected[i]) <= tolerance * std::max(1.0, std::abs(expected[i])));
  }
}

void check_steps(const std::string& name, const Steps& actual, const Steps& expected, double tolerance) {
  CAPTURE(name);
  REQUIRE(actual.size() == expected.size());
  for (std::size_t step = 0; step < expected.size(); ++step) {
    CAPTURE(step);
    check_near(actual[step], expected[step], tolerance);
  }
}

// Checks the reference device against the expected values, and the device under test against the reference
// device.
template <class Make>
void check_training(const Make& make, const Numbers& start, const Steps& gradients, double tolerance) {
  std::vector<Steps> exact;
  for (const auto& device : reference_and_device()) {
    const std::vector<Trained> all = make();
    std::vector<Optimizer> optimizers;
    for (const Trained& each : all) optimizers.push_back(each.optimizer);
    const std::vector<Steps> found = run(optimizers, start, gradients, device);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (exact.size() < all.size())
        check_steps(all[i].name, found[i], all[i].expected, tolerance);
      else
        check_steps(all[i].name + " on the device", found[i], exact[i], 1e-6);
    }
    if (exact.empty()) exact = found;
  }
}

// Gradients for the optimizers under test, which start from x = 1, 2, 3, 4.
const Steps three_gradients{{1, 6, 7, 2}, {0.5, 3, 3.5, 1}, {-1, -6, -7, -2}};

// x = start - factor[step] * g for each step, where g is the first gradient.
Steps along_gradient(const Numbers& factors) {
  Steps steps;
  for (const double factor : factors)
    steps.push_back({1 - factor, 2 - 6 * factor, 3 - 7 * factor, 4 - 2 * factor});
  return steps;
}

// Applies a formula to each element: `step` updates x from g, t (from 1), and two numbers of state.
template <class Step>
Steps by_hand(const Step& step) {
  Steps steps(3, Numbers(4));
  for (std::size_t i = 0; i < 4; ++i) {
    double x = static_cast<double>(i) + 1, a = 0, b = 0;
    for (std::size_t t = 0; t < 3; ++t) {
      step(x, three_gradients[t][i], a, b);
      steps[t][i] = x;
    }
  }
  return steps;
}

std::vector<Trained> keras_steps() {
  return {
      {"sgd", SGD({.learning_rate = 0.5}), {{.5, -1, -.5, 3}, {.25, -2.5, -2.25, 2.5}, {.75, .5, 1.25, 3.5}}},
      {"sgd momentum",
       SGD({.learning_rate = 0.5, .momentum = 0.9}),
       {{.5, -1, -.5, 3}, {-.2, -5.2, -5.4, 1.6}, {-.33, -5.98, -6.31, 1.34}}},
      {"sgd nesterov",
       SGD({.learning_rate = 0.5, .momentum = 0.9, .nesterov = true}),
       {{.05, -3.7, -3.65, 2.1}, {-.83, -8.98, -9.81, .34}, {-.447, -6.682, -7.129, 1.106}}},
      {"rmsprop",
       RMSprop({.learning_rate = 0.5}),
       {{-.581138, .418861, 1.418861, 2.418861},
        {-1.318347, -.318349, .681651, 1.681652},
        {-.209970, .790029, 1.790029, 2.790029}}},
      {"rmsprop centered",
       RMSprop({.learning_rate = 0.5, .centered = true}),
       {{-.666666, .333333, 1.333333, 2.333334},
        {-1.476070, -.476072, .523928, 1.523929},
        {-.365847, .634152, 1.634152, 2.634152}}},
      {"rmsprop momentum",
       RMSprop({.learning_rate = 0.5, .momentum = 0.9}),
       {{-.581138, .418861, 1.418861, 2.418861},
        {-2.741372, -1.741374, -.741374, .258627},
        {-3.577205, -2.577207, -1.577207, -.577206}}},
      {"adagrad",
       Adagrad({.learning_rate = 0.5}),
       {{.523269, 1.500693, 2.500509, 3.506135},
        {.308103, 1.277334, 2.277085, 3.284731},
        {.634267, 1.610462, 2.610267, 3.616228}}},
      {"adadelta",
       Adadelta({.learning_rate = 0.5}),
       {{.999293, 1.999293, 2.999293, 3.999293},
        {.998836, 1.998836, 2.998836, 3.998836},
        {.999580, 1.999580, 2.999580, 3.999580}}},
      {"adam",
       Adam({.learning_rate = 0.5}),
       {{.500002, 1.5, 2.5, 3.500001},
        {.033913, 1.033911, 2.033911, 3.033912},
        {-.021478, .978519, 1.978519, 2.978520}}},
      {"adamax",
       Adamax({.learning_rate = 0.5}),
       {{.5, 1.5, 2.5, 3.5},
        {.131210, 1.131210, 2.131210, 3.131210},
        {.083240, 1.083240, 2.083240, 3.083240}}},
      {"nadam",
       Nadam({.learning_rate = 0.5}),
       {{.468606, 1.468606, 2.468606, 3.468606},
        {.207815, 1.207815, 2.207815, 3.207815},
        {.524148, 1.524148, 2.524148, 3.524148}}},
      {"lion", Lion({.learning_rate = 0.5}), {{.5, 1.5, 2.5, 3.5}, {0, 1, 2, 3}, {.5, 1.5, 2.5, 3.5}}},
      // The following are computed in double precision from the formulas of keras/src/optimizers, version 3.15.
      {"adafactor",
       Adafactor({.learning_rate = 0.5}),
       {{-.369306394, .630693606, 1.630693606, 2.630693606},
        {-.896198577, .103801423, 1.103801423, 2.103801423},
        {-.26086871, .73913129, 1.73913129, 2.73913129}}},
      {"ftrl",
       Ftrl({.learning_rate = 0.5}),
       {{.221757361, 1.395429843, 2.36512132, 2.881440154},
        {.006591619, 1.172071084, 2.141696835, 2.660036433},
        {.332755656, 1.505198846, 2.474879099, 2.991533205}}},
      {"ftrl with all options",
       Ftrl({.learning_rate = 0.5,
             .learning_rate_power = -0.75,
             .initial_accumulator_value = 0.3,
             .l1_regularization_strength = 0.6,
             .l2_regularization_strength = 0.2,
             .l2_shrinkage_regularization_strength = 0.1,
             .beta = 0.4}),
       {{0, 1.641898246, 2.629471877, 2.404541658},
        {0, 1.549756448, 2.540303214, 2.223637171},
        {.06192225, 1.652557818, 2.63386507, 2.354872232}}},
      {"lamb",
       Lamb({.learning_rate = 0.5}),
       {{-.369306319, .630693567, 1.630693564, 2.630693613},
        {-1.16436412, -.164364318, .835635676, 1.835635761},
        {-1.748027356, -.74802761, .251972382, 1.251972491}}},
      {"lamb with all options",
       Lamb({.learning_rate = 0.5, .beta_1 = 0.5, .beta_2 = 0.9, .epsilon = 0.1}),
       {{-.299057134, .594462773, 1.59116339, 2.639083003},
        {-1.036176724, -.219956734, .774296373, 1.85745064},
        {-.500975758, .365741109, 1.361577379, 2.421847852}}},
  };
}

// Features that Keras lacks, and schedules, in steps that can be checked by hand.
std::vector<Trained> placed_steps() {
  const LearningRate falling = [](const Tensor& step) { return where(step < 1, 0.5, constant(0.25)); };
  constexpr auto gathers_gradients = LearningRatePlacement::after_momentum;
  return {
      {"sgd momentum at a falling rate", SGD({.learning_rate = falling, .momentum = 0.9}),
       along_gradient({0.5, 1.075, 1.3425})},
      {"sgd momentum of gradients at a falling rate",
       SGD({.learning_rate = falling, .momentum = 0.9, .learning_rate_placement = gathers_gradients}),
       along_gradient({0.5, 0.85, 0.915})},
      {"sgd nesterov of gradients at a falling rate",
       SGD({.learning_rate = falling,
            .momentum = 0.9,
            .nesterov = true,
            .learning_rate_placement = gathers_gradients}),
       along_gradient({0.95, 1.39, 1.1985})},
      {"rmsprop as in PyTorch",
       RMSprop({.learning_rate = 0.5,
                .rho = 0.75,
                .momentum = 0.5,
                .epsilon = 0.25,
                .epsilon_placement = EpsilonPlacement::outside_root,
                .learning_rate_placement = gathers_gradients}),
       by_hand([](double& x, double g, double& square, double& momentum) {
         square = 0.75 * square + 0.25 * g * g;
         momentum = 0.5 * momentum + g / (std::sqrt(square) + 0.25);
         x -= 0.5 * momentum;
       })},
      {"adagrad as in ONNX",
       Adagrad({.learning_rate = 0.5,
                .initial_accumulator_value = 0,
                .epsilon = 0.25,
                .epsilon_placement = EpsilonPlacement::outside_root}),
       by_hand([](double& x, double g, double& square, double&) {
         square += g * g;
         x -= 0.5 * g / (std::sqrt(square) + 0.25);
       })},
  };
}

Steps columns(const Numbers& values) {
  Steps steps;
  for (const double value : values) steps.push_back(Numbers(10, value));
  return steps;
}

// The golden values of Keras's tests, with their four digits.
std::vector<Trained> keras_goldens() {
  return {
      {"sgd nesterov without momentum",
       SGD({.nesterov = true}),
       {Numbers(10, 0.9999),
        {0.9989, 0.9979, 0.9969, 0.9959, 0.9949, 0.9939, 0.9929, 0.9919, 0.9909, 0.9899},
        {0.9979, 0.9959, 0.9939, 0.9919, 0.9899, 0.9879, 0.9859, 0.9839, 0.9819, 0.9799},
        {0.9969, 0.9939, 0.9909, 0.9879, 0.9849, 0.9819, 0.9789, 0.9759, 0.9729, 0.9699},
        {0.9959, 0.9919, 0.9879, 0.9839, 0.9799, 0.9759, 0.9719, 0.9679, 0.9639, 0.9599}}},
      {"rmsprop centered", RMSprop({.centered = true}), columns({0.9967, 0.9933, 0.9908, 0.9885, 0.9864})},
      {"adam amsgrad", Adam({.amsgrad = true}), columns({0.999, 0.9982, 0.9974, 0.9965, 0.9955})},
      {"adagrad",
       Adagrad({.learning_rate = 0.2, .initial_accumulator_value = 0.3, .epsilon = 1e-6}),
       {Numbers(10, 0.9963),
        {0.9604, 0.9278, 0.9003, 0.8784, 0.8615, 0.8487, 0.8388, 0.8313, 0.8255, 0.8209},
        {0.9251, 0.8629, 0.8137, 0.7768, 0.7497, 0.7298, 0.7151, 0.704, 0.6956, 0.6891},
        {0.8903, 0.8012, 0.7342, 0.6862, 0.6521, 0.6277, 0.6099, 0.5967, 0.5867, 0.579},
        {0.856, 0.7422, 0.6604, 0.6037, 0.5644, 0.5367, 0.5168, 0.5021, 0.491, 0.4825}}},
      {"adadelta", Adadelta({.learning_rate = 1, .rho = 0.8, .epsilon = 1e-6}),
       columns({0.9978, 0.9947, 0.9915, 0.9882, 0.9849})},
      {"adamax",
       Adamax({.learning_rate = 0.2, .beta_1 = 0.85, .beta_2 = 0.95, .epsilon = 1e-6}),
       {Numbers(10, 0.8),
        {0.6827, 0.6873, 0.6888, 0.6896, 0.6901, 0.6904, 0.6906, 0.6908, 0.6909, 0.691},
        {0.5333, 0.5407, 0.5431, 0.5444, 0.5451, 0.5456, 0.546, 0.5462, 0.5464, 0.5466},
        {0.368, 0.3773, 0.3804, 0.382, 0.3829, 0.3835, 0.384, 0.3843, 0.3846, 0.3848},
        {0.1933, 0.204, 0.2076, 0.2094, 0.2105, 0.2112, 0.2117, 0.2121, 0.2124, 0.2126}}},
      {"nadam",
       Nadam({.learning_rate = 0.5, .beta_1 = 0.5, .beta_2 = 0.67, .epsilon = 1e-5}),
       {Numbers(10, 0.4281),
        {-0.1738, -0.1731, -0.1726, -0.1723, -0.1721, -0.172, -0.1719, -0.1718, -0.1718, -0.1717},
        {-0.7115, -0.7103, -0.7096, -0.7092, -0.709, -0.7088, -0.7086, -0.7085, -0.7085, -0.7084},
        {-1.2335, -1.2322, -1.2313, -1.2309, -1.2306, -1.2304, -1.2302, -1.2301, -1.23, -1.2299},
        {-1.7492, -1.7478, -1.7469, -1.7464, -1.7461, -1.7459, -1.7457, -1.7456, -1.7455, -1.7454}}},
      {"lion", Lion(), columns({0.999, 0.998, 0.997, 0.996, 0.995})},
      {"adamw",
       AdamW({.learning_rate = 1, .epsilon = 2}, {.weight_decay = 0.5}),
       {Numbers(10, 0.4998),
        {0.2486, 0.2475, 0.2463, 0.2451, 0.244, 0.2428, 0.2417, 0.2405, 0.2394, 0.2382},
        {0.1223, 0.1198, 0.1174, 0.1149, 0.1124, 0.11, 0.1075, 0.1051, 0.1027, 0.1003},
        {0.0586, 0.0549, 0.0512, 0.0475, 0.0439, 0.0402, 0.0366, 0.033, 0.0294, 0.0258},
        {0.0263, 0.0215, 0.0167, 0.012, 0.0073, 0.0026, -0.0021, -0.0067, -0.0113, -0.0159}}},
  };
}

std::vector<std::string> labels_of(const Optimizer& optimizer) {
  std::vector<std::string> labels;
  for (const Tensor& each : optimizer.variables()) labels.push_back(each.node().label);
  return labels;
}

// The labels of the optimizer's variables after one step over a variable "w".
std::vector<std::string> kept_by(Optimizer optimizer) {
  const Tensor w = variable(zeros({2}), "w");
  optimizer.build({&w, 1});
  return labels_of(optimizer);
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("optimizers: Keras's steps, PyTorch's placements and a schedule") {
    const auto make = [] {
      std::vector<Trained> all = keras_steps();
      for (const Trained& each : placed_steps()) all.push_back(each);
      return all;
    };
    check_training(make, {1, 2, 3, 4}, three_gradients, 1e-6);
  }

  TEST_CASE("optimizers: the goldens of Keras's tests") {
    const Numbers g{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};
    std::vector<Optimizer> optimizers;
    for (const Trained& each : keras_goldens()) optimizers.push_back(each.optimizer);
    const std::vector<Steps> found =
        run(optimizers, Numbers(10, 1), {Numbers(10, 0.01), g, g, g, g}, reference());
    for (std::size_t i = 0; i < found.size(); ++i)
      check_steps(keras_goldens()[i].name, found[i], keras_goldens()[i].expected,
                  keras_goldens()[i].name == "adam amsgrad" ? 5e-4 : 1e-4);  // Keras's own test is as coarse
    // Decreasing gradients, so that amsgrad's maximum is an earlier square.
    const Steps amsgrad = run({Adam({.learning_rate = 0.5, .beta_2 = 0.5, .amsgrad = true})}, {1, 2},
                              {{1, 6}, {0.1, 0}, {-0.2, 3}}, reference())[0];
    check_steps("amsgrad", amsgrad, {{0.5000001, 1.5}, {0.1776988, 1.2099289}, {0.0068478, 0.8901932}}, 1e-6);
  }

  TEST_CASE("optimizers: a centered RMSprop stays finite where gradients do not change") {
    for (const auto& device : reference_and_device()) {
      const Tensor x = variable(zeros({1000}), "x");
      const Tensor g = input("g", {1000}), lasting = 100 + sqrt(arange(1000, f32));
      Optimizer optimizer = RMSprop({.learning_rate = 1e-6, .centered = true});
      Program step = compile({.updates = optimizer.step({&x, 1}, {&g, 1})}, device);
      // The averages converge to the lasting gradient; in f32 they may stop slightly above it.
      step.run({{g, lasting * 2}}, 20);
      step.run({{g, lasting}}, 300);
      const Numbers found = x.to_vector<double>();
      CHECK(std::all_of(found.begin(), found.end(), [](double value) { return std::isfinite(value); }));
    }
  }

  TEST_CASE("optimizers: without gradients weight decay alone moves a variable, in all of them alike") {
    const UpdateOptions decay{.weight_decay = 0.004};
    const std::vector<Optimizer> all{
        SGD({.learning_rate = 1}, decay),      SGD({.learning_rate = 1, .momentum = 0.9}, decay),
        RMSprop({.learning_rate = 1}, decay),  Adagrad({.learning_rate = 1}, decay),
        Adadelta({.learning_rate = 1}, decay), Adam({.learning_rate = 1}, decay),
        AdamW({.learning_rate = 1}),           Adamax({.learning_rate = 1}, decay),
        Nadam({.learning_rate = 1}, decay),    Lion({.learning_rate = 1}, decay),
        Lamb({.learning_rate = 1}, decay),     Adafactor({.learning_rate = 1}, decay)};
    for (const Steps& steps : run(all, {2}, {{0}, {0}, {0}}, reference()))
      check_near(steps.back(), {1.976095872}, 1e-9);
    // AdamW's default weight decay applies with other options, too.
    const Steps steps =
        run({AdamW({.learning_rate = 1}, {.clipvalue = 1})}, {2}, {{0}, {0}, {0}}, reference())[0];
    check_near(steps.back(), {1.976095872}, 1e-9);
  }

  TEST_CASE("optimizers: clipping, averages and accumulation") {
    const SgdOptions plain{.learning_rate = 1};
    for (const auto& device : reference_and_device()) {
      const std::string device_name = device->name();
      CAPTURE(device_name);
      const std::vector<Optimizer> all{
          SGD(plain, {.clipnorm = 1}), SGD(plain, {.clipvalue = 1}), SGD(plain, {.global_clipnorm = 1}),
          SGD(plain, {.use_ema = true, .ema_momentum = 0.5}),
          SGD(plain, {.use_ema = true, .ema_momentum = 0.5, .ema_overwrite_frequency = 2})};
      const std::vector<Steps> found = run(all, {0, 0}, {{100, 100}, {-0.3, 0.4}, {0, 0}, {2, -0.5}}, device);
      const double half = std::sqrt(0.5), root = std::sqrt(4.25);
      const Steps by_norm{{-half, -half},
                          {0.3 - half, -0.4 - half},
                          {0.3 - half, -0.4 - half},
                          {0.3 - half - 2 / root, -0.4 - half + 0.5 / root}};
      check_steps("clipnorm", found[0], by_norm, 1e-6);
      check_steps("clipvalue", found[1], {{-1, -1}, {-0.7, -1.4}, {-0.7, -1.4}, {-1.7, -0.9}}, 1e-6);
      check_steps("global_clipnorm", found[2], by_norm, 1e-6);
      check_steps("averages apart", found[3],
                  {{-100, -100}, {-99.7, -100.4}, {-99.7, -100.4}, {-101.7, -99.9}}, 1e-6);
      check_near(all[3].variables().back().to_vector<double>(), {-100.7375, -100.1}, 1e-6);
      // Every second step overwrites the variable with its average.
      check_steps("averages that take over", found[4],
                  {{-100, -100}, {-99.85, -100.2}, {-99.85, -100.2}, {-100.85, -99.95}}, 1e-6);
    }
  }

  TEST_CASE("optimizers: averages go into the variables at the end") {
    reference();
    Optimizer optimizer = SGD({.learning_rate = 1}, {.use_ema = true, .ema_momentum = 0.5});
    const Tensor x = variable(tensor({5.0}), "x");
    const Tensor g = tensor({1.0});
    const std::vector<Update> updates = optimizer.step({&x, 1}, {&g, 1});
    evaluate({.updates = optimizer.use_averages()}, reference());
    CHECK(x.to_vector() == std::vector<float>{5});  // no step was made yet
    for (int i = 0; i < 3; ++i) evaluate({.updates = updates}, reference());
    CHECK(x.to_vector() == std::vector<float>{2});
    evaluate({.updates = optimizer.use_averages()}, reference());
    CHECK(x.to_vector() == std::vector<float>{2.75});
  }

  TEST_CASE("optimizers: averages and variables change places, and change back") {
    reference();
    Optimizer optimizer = SGD({.learning_rate = 1}, {.use_ema = true, .ema_momentum = 0.5});
    const Tensor x = variable(tensor({5.0}), "x");
    const Tensor g = tensor({1.0});
    const std::vector<Update> updates = optimizer.step({&x, 1}, {&g, 1});
    const auto swap = [&] { evaluate({.updates = optimizer.swap_averages()}, reference()); };
    swap();
    CHECK(x.to_vector() == std::vector<float>{5});  // no step was made yet
    for (int i = 0; i < 3; ++i) evaluate({.updates = updates}, reference());
    swap();
    CHECK(x.to_vector() == std::vector<float>{2.75});
    CHECK(optimizer.variables().back().to_vector() == std::vector<float>{2});
    swap();
    CHECK(x.to_vector() == std::vector<float>{2});
    CHECK(optimizer.variables().back().to_vector() == std::vector<float>{2.75});
  }

  TEST_CASE("optimizers: weight decay leaves out what it is told to") {
    const std::vector<Tensor> variables{variable(tensor({8.0}), "dense/kernel"),
                                        variable(tensor({8.0}), "dense/bias"),
                                        variable(tensor({8.0}), "norm/gamma"), variable(tensor({8.0}))};
    const std::vector<Tensor> gradients(4, tensor({0.0}));
    const UpdateOptions options{.weight_decay = 0.25, .exclude_from_weight_decay = {"gamma", "bias"}};
    for (Optimizer optimizer :
         {Optimizer(SGD({.learning_rate = 1}, options)), Optimizer(AdamW({.learning_rate = 1}, options))})
      evaluate({.updates = optimizer.step(variables, gradients)}, reference());
    std::vector<float> found;
    for (const Tensor& x : variables) found.push_back(x.item());
    CHECK(found == std::vector<float>{4.5, 8, 8, 4.5});
  }

  TEST_CASE("optimizers: a clipnorm over all gradients looks at all of them") {
    const Tensor x = variable(zeros({2}), "x"), y = variable(zeros({}), "y");
    Optimizer optimizer = SGD({.learning_rate = 1}, {.global_clipnorm = 1});
    evaluate({.updates = optimizer.step(std::vector{x, y}, std::vector{tensor({3.0, 0}), constant(4)})},
             reference());
    check_near(x.to_vector<double>(), {-0.6, 0}, 1e-9);
    check_near(y.to_vector<double>(), {-0.8}, 1e-9);
  }

  TEST_CASE("optimizers: accumulated steps are one step with the mean of their gradients") {
    const LearningRate falling = PiecewiseConstantDecay{.boundaries = {0}, .values = {0.5, 0.25}};
    const auto make = [&](std::optional<int> together) -> std::vector<Optimizer> {
      const UpdateOptions shared{.weight_decay = 0.1,
                                 .clipnorm = 2,
                                 .use_ema = true,
                                 .ema_momentum = 0.5,
                                 .ema_overwrite_frequency = 2,
                                 .gradient_accumulation_steps = together};
      return {Nadam({.learning_rate = falling}, shared),
              SGD({.learning_rate = falling, .momentum = 0.9}, shared)};
    };
    const Steps gradients{{1, 2}, {3, -1}, {-1, -1}, {0.5, 3}, {2, 2}, {1, 0}, {7, 7}};
    const Steps means{{1, 0}, {3.5 / 3, 5.0 / 3}};
    for (const auto& device : reference_and_device()) {
      const std::vector<Optimizer> accumulating = make(3);
      const std::vector<Steps> found = run(accumulating, {1, 2}, gradients, device);
      const std::vector<Steps> expected = run(make({}), {1, 2}, means, reference());
      for (std::size_t i = 0; i < found.size(); ++i) {
        const Numbers start{1, 2}, once = expected[i][0], twice = expected[i][1];
        check_steps(accumulating[i].name(), found[i], {start, start, once, once, once, twice, twice}, 2e-6);
        CHECK(accumulating[i].iterations().item<int>() == 2);
        CHECK(accumulating[i].learning_rate().item() == 0.25f);
      }
    }
    // Accumulation over one step needs no state.
    CHECK(kept_by(SGD({}, {.gradient_accumulation_steps = 1})) ==
          std::vector<std::string>{"iterations", "learning_rate"});
  }

  TEST_CASE("optimizers: evaluated step by step they do the same") {
    const Tensor x = variable(tensor({1.0, 2, 3, 4}), "x");
    Optimizer optimizer = Adam({.learning_rate = 0.5});
    const Steps expected = keras_steps()[8].expected;
    for (std::size_t i = 0; i < 3; ++i) {
      const Tensor g = tensor(three_gradients[i]);
      evaluate({.updates = optimizer.step({&x, 1}, {&g, 1})}, reference());
      check_near(x.to_vector<double>(), expected[i], 1e-6);
    }
    CHECK(optimizer.iterations().item<int>() == 3);
  }

  TEST_CASE("optimizers: the learning rate of a compiled step is set, or follows a schedule") {
    const Tensor x = variable(tensor({1.0, 2}), "x"), y = variable(tensor({1.0, 2}), "y");
    const Tensor g = tensor({1.0, -1});
    Optimizer set = Adam({.learning_rate = 0.5});
    Optimizer scheduled =
        SGD({.learning_rate = ExponentialDecay{.initial_learning_rate = 1, .decay_rate = 0.5}});
    std::vector<Update> updates = set.step({&x, 1}, {&g, 1});
    for (const Update& update : scheduled.step({&y, 1}, {&g, 1})) updates.push_back(update);
    Program step = compile({.updates = updates}, reference());
    step.run();
    check_near(x.to_vector<double>(), {0.5, 2.5}, 1e-5);
    const Optimizer copy = set;  // shares its state
    set.set_learning_rate(0.25);
    CHECK(copy.learning_rate().item() == 0.25f);
    CHECK(scheduled.learning_rate().item() == 0.5f);
    step.run(2);
    check_near(x.to_vector<double>(), {0, 3}, 1e-5);
    check_near(y.to_vector<double>(), {-0.75, 3.75}, 1e-9);
    CHECK(copy.iterations().item<int>() == 3);
    CHECK(scheduled.learning_rate().item() == 0.125f);
  }

  TEST_CASE("optimizers: steps for programs of other sizes share what is kept") {
    const Tensor x = variable(tensor({0.0}), "x");
    const Tensor one = constant(1, {1}), two = constant(2, {1});
    Optimizer optimizer = SGD({.learning_rate = 1, .momentum = 0.5});
    evaluate({.updates = optimizer.step({&x, 1}, {&one, 1})}, reference());
    evaluate({.updates = optimizer.step({&x, 1}, {&two, 1})}, reference());
    CHECK(x.to_vector() == std::vector<float>{-3.5});
    CHECK(optimizer.variables().size() == 3);
  }

  TEST_CASE("optimizers: what is kept is labelled by Keras's names") {
    reference();
    using Labels = std::vector<std::string>;
    CHECK(kept_by(SGD()) == Labels{"iterations", "learning_rate"});
    CHECK(kept_by(SGD({.learning_rate = CosineDecay{}, .momentum = 0.9})) ==
          Labels{"iterations", "w/momentum"});
    CHECK(kept_by(RMSprop({.momentum = 0.5, .centered = true})) ==
          Labels{"iterations", "learning_rate", "w/velocity", "w/momentum", "w/average_gradient"});
    CHECK(kept_by("adagrad") == Labels{"iterations", "learning_rate", "w/accumulator"});
    CHECK(kept_by("adadelta") ==
          Labels{"iterations", "learning_rate", "w/accumulated_grad", "w/accumulated_delta_var"});
    CHECK(kept_by(Adam({.amsgrad = true})) ==
          Labels{"iterations", "learning_rate", "w/momentum", "w/velocity", "w/velocity_hat"});
    CHECK(kept_by("adamax") == Labels{"iterations", "learning_rate", "w/momentum", "w/norm"});
    CHECK(kept_by("nadam") == Labels{"iterations", "learning_rate", "u_product", "w/momentum", "w/velocity"});
    CHECK(kept_by("lion") == Labels{"iterations", "learning_rate", "w/momentum"});
    CHECK(kept_by("lamb") == Labels{"iterations", "learning_rate", "w/momentum", "w/velocity"});
    CHECK(kept_by("ftrl") == Labels{"iterations", "learning_rate", "w/accumulator", "w/linear"});
    CHECK(kept_by("adafactor") == Labels{"iterations", "learning_rate", "w/row", "w/column", "w/velocity"});
    CHECK(kept_by(SGD({}, {.use_ema = true, .gradient_accumulation_steps = 2})) ==
          Labels{"iterations", "learning_rate", "accumulated_steps", "w/gradient_accumulator", "w/average"});
    Optimizer optimizer("lion");
    optimizer.build(std::vector{variable(zeros({2}), "w"), variable(zeros({3}), "w"), variable(zeros({1})),
                                variable(zeros({1}), "w_1")});
    CHECK(labels_of(optimizer) == Labels{"iterations", "learning_rate", "w/momentum", "w_1/momentum",
                                         "variable/momentum", "w_1_1/momentum"});
  }

  TEST_CASE("optimizers by name") {
    reference();
    std::set<std::string> names;
    for (const std::string name : {"adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "ftrl",
                                   "lamb", "lion", "muon", "nadam", "rmsprop", "schedulefreeadamw", "sgd"}) {
      CHECK(Optimizer(name).name() == name);
      const float rate = Optimizer(name).learning_rate().item();
      CHECK(rate == (name == "sgd" ? 0.01f : name == "schedulefreeadamw" ? 0.0025f : 0.001f));
    }
    CHECK(Optimizer("RMSprop").name() == "rmsprop");
    CHECK(Optimizer(std::string_view("SGD")).name() == "sgd");
    CHECK(Optimizer().name() == "rmsprop");
    CHECK(error_of([] { Optimizer("sdg"); }) ==
          "[optimizer] 'sdg' is unknown; choose one of adadelta, adafactor, adagrad, adam, adamax, adamw, "
          "ftrl, lamb, lion, muon, nadam, rmsprop, schedulefreeadamw, sgd.");
  }

  TEST_CASE("optimizers: a rule of one's own") {
    const OptimizerRule rule{.name = "momentum",
                             .slots = {{"velocity"}},
                             .scalars = {{"sum", 1}},
                             .begin = [](const OptimizerRule::Time& now) -> OptimizerRule::Step {
                               return {
                                   .apply = [=](const Tensor& x, const Tensor& g,
                                                const std::vector<Tensor>& slots) -> OptimizerRule::Change {
                                     const Tensor v = 0.5 * slots[0] + g;
                                     return {.x = x - now.learning_rate * v, .slots = {v}};
                                   },
                                   .scalars = {now.scalars[0] + now.t}};
                             }};
    Optimizer optimizer(rule, 0.5, {.clipvalue = 1});
    CHECK(run({optimizer}, {0}, {{1}, {8}}, reference())[0] == Steps{{-0.5}, {-1.25}});
    CHECK(optimizer.variables()[2].item() == 4);
    CHECK(error_of([] { Optimizer({.name = "own"}, 1); }) ==
          "[own] the rule has no function `begin`; give it one.");
    OptimizerRule forgetful = rule;
    forgetful.slots.push_back({"forgotten"});
    const Tensor x = variable(zeros({1}), "x");
    CHECK(error_of([&] {
            Optimizer(forgetful, 1).step({&x, 1}, {&x, 1});
          }) == "[momentum] the rule keeps 2 slots and gives 1 new values; each needs one.");
  }
}

}  // namespace hekla::testing
