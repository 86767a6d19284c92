// Optimizers around others, and those with a rule for each kind of variable, step by step against Keras 3.15.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/optim/optimizers.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;
using Steps = std::vector<Numbers>;

std::vector<Tensor> small_model() {
  return {variable(tensor({{0.5, -1.0}, {1.5, 0.25}, {-0.75, 1.0}}), "dense/kernel"),
          variable(tensor({0.1, -0.2}), "dense/bias"),
          variable(tensor({{1.0, 0.5}, {-0.5, 2.0}}), "embedding/embeddings")};
}

// A paraboloid of another curvature for each variable.
std::vector<Tensor> gradients_of(const std::vector<Tensor>& variables) {
  return {variables[0] * 0.5 + tensor({{0.3, -0.2}, {0.1, 0.4}, {-0.6, 0.5}}),
          variables[1] * 1.0 + tensor({0.2, -0.7}), variables[2] * 1.5 + tensor({{0.1, -0.3}, {0.8, 0.2}})};
}

Numbers elements_of(const std::vector<Tensor>& tensors) {
  Numbers all;
  for (const Tensor& x : tensors) {
    const Numbers each = x.to_vector<double>();
    all.insert(all.end(), each.begin(), each.end());
  }
  return all;
}

void check_near(const Numbers& actual, const Numbers& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(actual[i] == doctest::Approx(expected[i]).scale(1).epsilon(2e-6));
  }
}

// The variables after each step.
void check_steps(const std::function<Optimizer()>& make, const Steps& expected) {
  for (const auto& device : reference_and_device()) {
    const std::vector<Tensor> variables = small_model();
    Optimizer optimizer = make();
    Program program = compile({.updates = optimizer.step(variables, gradients_of(variables))}, device);
    for (std::size_t step = 0; step < expected.size(); ++step) {
      CAPTURE(step);
      program.run();
      check_near(elements_of(variables), expected[step]);
    }
  }
}

std::vector<std::string> labels_of(const std::vector<Tensor>& tensors) {
  std::vector<std::string> labels;
  for (const Tensor& x : tensors) labels.push_back(x.node().label);
  return labels;
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("Muon: momentum made orthogonal for matrices, Adam for the other variables") {
    check_steps([] { return Muon({.learning_rate = 0.1}); },
                {{0.4901868, -0.9854827, 1.478516, 0.234576, -0.7317547, 0.9801424, -3.894592e-05,
                  -0.09992035, 0.8996002, 0.3998007, -0.5997937, 1.8992},
                 {0.4804716, -0.9710221, 1.456962, 0.219018, -0.7136495, 0.9603909, -0.09707107,
                  -0.0003598999, 0.7996194, 0.3026175, -0.5630601, 1.798596},
                 {0.470849, -0.9566142, 1.43534, 0.2033302, -0.6956764, 0.9407385, -0.1867025, 0.09826315,
                  0.7003735, 0.2128627, -0.5129161, 1.698302},
                 {0.4613197, -0.942258, 1.413645, 0.1875081, -0.6778356, 0.9211847, -0.2620964, 0.1954396,
                  0.6022345, 0.1374025, -0.4874623, 1.598442},
                 {0.4518863, -0.9279538, 1.391871, 0.1715432, -0.6601304, 0.901731, -0.3159977, 0.2905561,
                  0.5056374, 0.08350816, -0.4951184, 1.499148}});
    check_steps(
        [] {
          return Muon({.learning_rate = 0.1,
                       .adam_weight_decay = 0.1,
                       .exclude_layers = {"kernel"},
                       .exclude_embeddings = false,
                       .adam_lr_ratio = 0.5,
                       .nesterov = false,
                       .rms_rate = {}},
                      {.weight_decay = 0.2});
        },
        {{0.4450003, -0.9400002, 1.435, 0.1975003, -0.6925002, 0.9400002, 0.04900053, -0.1480002, 0.8680181,
          0.4891932, -0.4757326, 1.891092},
         {0.3906337, -0.8806694, 1.370711, 0.1456088, -0.6356199, 0.8806458, -0.001033595, -0.09661992,
          0.739273, 0.4787334, -0.4522839, 1.783912}});
    Optimizer optimizer("muon");
    optimizer.build(small_model());
    CHECK(labels_of(optimizer.variables()) ==
          std::vector<std::string>{"iterations", "learning_rate", "dense/kernel/momentum",
                                   "dense/bias/momentum", "dense/bias/velocity",
                                   "embedding/embeddings/momentum", "embedding/embeddings/velocity"});
  }

  // Keras's formula. Its PyTorch backend (3.15) reads z after the update that it means to read it before.
  TEST_CASE("ScheduleFreeAdamW: a slot starts as its variable") {
    check_steps([] { return ScheduleFreeAdamW({.learning_rate = 0.1}); },
                {{0.4, -0.9, 1.4, 0.15, -0.65, 0.9, 3.333333e-09, -0.1, 0.9, 0.4, -0.6, 1.9},
                 {0.3476771, -0.8470723, 1.34669, 0.09781389, -0.5964652, 0.8464272, -0.0431497, -0.04832311,
                  0.8477668, 0.3568503, -0.5304403, 1.846335},
                 {0.2961632, -0.7947662, 1.293885, 0.0464796, -0.5433661, 0.7932786, -0.08256112, 0.002341868,
                  0.7963706, 0.3174389, -0.5141569, 1.793066},
                 {0.2456053, -0.7431905, 1.24167, -0.003847227, -0.4907765, 0.7406257, -0.1174203, 0.05180528,
                  0.7459641, 0.2825797, -0.5218681, 1.740259},
                 {0.1960906, -0.6924082, 1.190095, -0.05307312, -0.4387369, 0.6885079, -0.1472589, 0.09995062,
                  0.6966387, 0.2527411, -0.5327296, 1.687952}});
    check_steps(
        [] {
          return ScheduleFreeAdamW({.learning_rate = 0.1, .beta_1 = 0.8, .warmup_steps = 3},
                                   {.weight_decay = 0.1});
        },
        {{0.4666667, -0.9666667, 1.466667, 0.2166667, -0.7166667, 0.9666667, 0.06666667, -0.1666667,
          0.9666667, 0.4666667, -0.5333333, 1.966667},
         {0.4249531, -0.9223179, 1.419731, 0.1762333, -0.6734295, 0.9221707, 0.02875014, -0.1265947,
          0.9224729, 0.4267501, -0.5306667, 1.917149},
         {0.3692049, -0.8637365, 1.358442, 0.1217786, -0.6156353, 0.8631282, -0.01970726, -0.07270978,
          0.8643797, 0.376571, -0.5344667, 1.853149},
         {0.3130863, -0.8045296, 1.296371, 0.06698132, -0.5568428, 0.803093, -0.06415704, -0.01873748,
          0.8060547, 0.3306912, -0.5309178, 1.788206}});
    CHECK(Optimizer("ScheduleFreeAdamW").name() == "schedulefreeadamw");
  }

  // The formula of TensorFlow Addons around Keras's Adam.
  TEST_CASE("Lookahead: slow weights follow another optimizer's") {
    check_steps([] { return Lookahead(Adam({.learning_rate = 0.1}), {.sync_period = 2, .slow_step = 0.25}); },
                {{0.4000006, -0.9000005, 1.4, 0.1500006, -0.6500003, 0.9000003, 1.054081e-06, -0.1000004,
                  0.9000002, 0.4000007, -0.5999937, 1.9},
                 {0.4500905, -0.9500656, 1.450051, 0.2000965, -0.7000431, 0.9500418, 0.05074166, -0.1501198,
                  0.9500943, 0.4507415, -0.515847, 1.950039},
                 {0.3503225, -0.850233, 1.350181, 0.100344, -0.6001528, 0.850148, -0.0473153, -0.05042779,
                  0.8503361, 0.3526843, -0.5028991, 1.850137},
                 {0.400312, -0.9002276, 1.400178, 0.1503322, -0.6501509, 0.9001464, 0.002487248, -0.1004106,
                  0.9003249, 0.402487, -0.5155184, 1.900135},
                 {0.3009267, -0.8006815, 1.300537, 0.050985, -0.5504564, 0.800443, -0.0928903, -0.001210979,
                  0.8009643, 0.3071093, -0.5366737, 1.800411},
                 {0.3507532, -0.8505537, 1.350436, 0.1008007, -0.6003706, 0.8503597, -0.04416465, -0.05098489,
                  0.8507839, 0.355835, -0.5248441, 1.850333}});
    const Optimizer inner = SGD({.learning_rate = 0.5});
    Optimizer optimizer = Lookahead(inner);
    optimizer.set_learning_rate(0.25);
    CHECK(inner.learning_rate().item() == 0.25f);
    CHECK(optimizer.iterations().get() == inner.iterations().get());
    optimizer.build(small_model());
    CHECK(labels_of(optimizer.variables()) == std::vector<std::string>{"iterations", "learning_rate",
                                                                       "dense/kernel/slow", "dense/bias/slow",
                                                                       "embedding/embeddings/slow"});
    CHECK(error_of([] { Lookahead(SGD(), {.sync_period = 0}); }) ==
          "[lookahead] sync_period is 0; it must be 1 or more.");
    CHECK(error_of([] { Lookahead(SGD(), {.slow_step = 2}); }).starts_with("[lookahead] slow_step is 2;"));
  }

  TEST_CASE("Lookahead counts the steps that apply gradients") {
    const Tensor x = variable(tensor({1.0}), "x"), g = tensor({1.0});
    Optimizer optimizer =
        Lookahead(SGD({.learning_rate = 0.5}, {.gradient_accumulation_steps = 2}), {.sync_period = 2});
    Program program = compile({.updates = optimizer.step({&x, 1}, {&g, 1})});
    Numbers found;
    for (int step = 0; step < 6; ++step) {
      program.run();
      found.push_back(x.item<double>());
    }
    // After the second applied step, from 0, halfway back to 1.
    CHECK(found == Numbers{1, 0.5, 0.5, 0.5, 0.5, 0});
  }

  TEST_CASE("LossScaleOptimizer: a gradient that is not finite skips the step and halves the scale") {
    const Steps expected{
        {0.445, -0.93, 1.415, 0.1975, -0.6525, 0.9, 0.07, -0.11, 0.84, 0.455, -0.505, 1.68},
        {0.34325, -0.8005, 1.25775, 0.100375, -0.472125, 0.715, 0.016, 0.052, 0.56, 0.37625, -0.51375, 1.12},
        {0.34325, -0.8005, 1.25775, 0.100375, -0.472125, 0.715, 0.016, 0.052, 0.56, 0.37625, -0.51375, 1.12},
        {0.2045125, -0.623925, 1.043337, -0.03205625, -0.2261812, 0.46275, -0.0542, 0.2626, 0.214, 0.2789375,
         -0.5245625, 0.428},
        {0.03942312, -0.4138112, 0.7881994, -0.1896416, 0.06647719, 0.1625875, -0.13196, 0.49588, -0.1395,
         0.1795156, -0.5356094, -0.279},
        {-0.1411285, -0.1840183, 0.5091651, -0.3619863, 0.3865459, -0.1656881, -0.208748, 0.726244, -0.446725,
         0.09310859, -0.5452102, -0.89345}};
    const Numbers scales{8, 16, 8, 8, 16, 16}, counters{1, 0, 0, 1, 0, 1};
    for (const auto& device : reference_and_device()) {
      Optimizer optimizer = LossScaleOptimizer(SGD({.learning_rate = 0.1, .momentum = 0.9}),
                                               {.initial_scale = 8, .dynamic_growth_steps = 2});
      const std::vector<Tensor> variables = small_model(), kept = optimizer.variables();
      const Tensor factor = input("factor", {});
      std::vector<Tensor> gradients;
      for (const Tensor& g : gradients_of(variables)) gradients.push_back(optimizer.scale_loss(g));
      gradients[1] = gradients[1] * factor;
      Program program = compile({.updates = optimizer.step(variables, gradients)}, device);
      for (std::size_t step = 0; step < expected.size(); ++step) {
        CAPTURE(step);
        program.run({{factor, constant(step == 2 ? std::numeric_limits<double>::infinity() : 1)}});
        check_near(elements_of(variables), expected[step]);
        CHECK(kept[0].item<double>() == counters[step]);
        CHECK(kept[1].item<double>() == scales[step]);
      }
      CHECK(optimizer.iterations().item<int>() == 5);
      CHECK(labels_of(kept) ==
            std::vector<std::string>{"step_counter", "dynamic_scale", "iterations", "learning_rate"});
    }
    CHECK(error_of([] { LossScaleOptimizer(SGD(), {.initial_scale = 0}); }) ==
          "[loss_scale_optimizer] initial_scale is 0; it must be a positive, finite number.");
    CHECK(error_of([] { LossScaleOptimizer(SGD(), {.dynamic_growth_steps = 0}); }) ==
          "[loss_scale_optimizer] dynamic_growth_steps is 0; it must be 1 or more.");
  }

  TEST_CASE("MultiOptimizer: an optimizer for each variable") {
    const auto make = [] {
      return MultiOptimizer(
          OptimizerMap(SGD({.learning_rate = 0.1}), {{"dense/.*", Adam({.learning_rate = 0.05})}}));
    };
    check_steps(make, {{0.4500003, -0.9500002, 1.45, 0.2000003, -0.7000002, 0.9500002, 0.05000053, -0.1500002,
                        0.84, 0.455, -0.505, 1.68},
                       {0.4000746, -0.900056, 1.400045, 0.1500789, -0.6500383, 0.9000373, 0.0004422774,
                        -0.1000951, 0.704, 0.41675, -0.50925, 1.408},
                       {0.3502776, -0.8502075, 1.350165, 0.100294, -0.6001413, 0.8501373, -0.04822794,
                        -0.05035653, 0.5884, 0.3842375, -0.5128625, 1.1768},
                       {0.3006677, -0.8004967, 1.300395, 0.05070804, -0.5503367, 0.8003271, -0.09540693,
                        -0.0008626605, 0.49014, 0.3566019, -0.5159331, 0.98028},
                       {0.2513078, -0.7509681, 1.250767, 0.001388276, -0.5006531, 0.7506343, -0.1403075,
                        0.04830106, 0.406619, 0.3331116, -0.5185432, 0.813238}});
    Optimizer optimizer = make();
    const std::vector<Tensor> variables = small_model();
    optimizer.build(variables);
    optimizer.build(variables);
    CHECK(labels_of(optimizer.variables()) ==
          std::vector<std::string>{"iterations", "adam/iterations", "adam/learning_rate",
                                   "adam/dense/kernel/momentum", "adam/dense/kernel/velocity",
                                   "adam/dense/bias/momentum", "adam/dense/bias/velocity", "sgd/iterations",
                                   "sgd/learning_rate"});
    CHECK(!optimizer.keeps_averages());
    CHECK(error_of([&] { optimizer.learning_rate(); }) ==
          "[multi_optimizer] each optimizer has its own learning rate; ask the one that you mean.");
    CHECK(error_of([&] { optimizer.build(std::vector{variables[0]}); }) ==
          "[multi_optimizer] 1 variables, but the state is for 3; use one optimizer for one list of "
          "variables.");
    Optimizer nested = MultiOptimizer([](const Tensor&) -> Optimizer { return LossScaleOptimizer(SGD()); });
    CHECK(error_of([&] { nested.build(variables); }) ==
          "[multi_optimizer] the optimizer of dense/kernel f32[3,2] is a loss_scale_optimizer; it belongs "
          "around "
          "this one.");
  }

  TEST_CASE("OptimizerMap: an equal pattern first, then one that matches, then the default") {
    const Optimizer sgd = SGD(), adam = Adam(), lion = Lion();
    const OptimizerMap map(sgd, {{"encoder/dense/kernel", adam}, {"encoder/.*", lion}});
    const auto of_label = [&](const std::string& label) { return map(zeros({}).label(label)); };
    CHECK(of_label("encoder/dense/kernel") == adam);
    CHECK(of_label("encoder/dense/bias") == lion);
    CHECK(of_label("decoder/dense/kernel") == sgd);
    const OptimizerMap both(sgd, {{"a.*", adam}, {".*b", lion}});
    CHECK(error_of([&] { both(zeros({}).label("ab")); }) ==
          "[optimizer_map] the patterns \"a.*\" and \".*b\" both match 'ab'; one may.");
    CHECK(error_of([&] {
            OptimizerMap(sgd, {{"a", adam}, {"a", lion}});
          }) == "[optimizer_map] the pattern \"a\" is there twice; give it once.");
    CHECK(error_of([&] {
            OptimizerMap(sgd, {{"(", adam}});
          }).starts_with("[optimizer_map] the pattern \"(\" is no regular expression: "));
  }

  TEST_CASE("a custom rule with alternatives needs a function that chooses") {
    const auto begin = [](const OptimizerRule::Time& now) -> OptimizerRule::Step {
      return {.apply = [=](const Tensor& x, const Tensor& g,
                           const std::vector<Tensor>&) -> OptimizerRule::Change {
        return {.x = x - now.learning_rate * g};
      }};
    };
    const OptimizerRule plain{.name = "plain", .begin = begin};
    CHECK(error_of([&] {
            Optimizer({.name = "two", .alternatives = {plain, plain}}, 0.1);
          }) == "[two] the rule has alternatives and no function `choose`; give it one.");
    Optimizer beyond({.name = "two",
                      .alternatives = {plain, plain},
                      .choose = [](const Tensor&) { return std::size_t{2}; }},
                     0.1);
    CHECK(error_of([&] { beyond.build(small_model()); }) ==
          "[two] `choose` gives alternative 2 for dense/kernel f32[3,2]; there are 2.");
    OptimizerRule counting = plain;
    counting.scalars = {{"count"}};
    CHECK(error_of([&] {
            Optimizer({.name = "two",
                       .alternatives = {plain, counting},
                       .choose = [](const Tensor&) { return std::size_t{0}; }},
                      0.1);
          }) == "[two] an alternative keeps scalars; only a rule on its own does.");
  }
}

}  // namespace hekla::testing
