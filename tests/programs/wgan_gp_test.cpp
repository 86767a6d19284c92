// A Wasserstein GAN with gradient penalty (Gulrajani et al.: Improved training of Wasserstein GANs, NeurIPS 2017).
#include <doctest/doctest.h>

#include <vector>

#include "hekla.h"

TEST_CASE("programs: a Wasserstein GAN with gradient penalty learns a distribution") {
  hk::set_random_seed(4);
  constexpr std::int64_t batch = 64;
  hk::Sequential generator({hk::Input({1}), hk::Dense(1)});
  hk::Sequential critic({hk::Input({1}), hk::Dense(16, hk::tanh), hk::Dense(1)});

  // Other numbers at each step: the keys depend on a counter on the device.
  const hk::Tensor counter = hk::variable(hk::zeros({}, hk::u32), "counter");
  const std::vector<hk::RandomKey> keys = hk::split(hk::fold_in(hk::random_key(4), counter), 3);
  const hk::Tensor real = hk::random_normal({batch, 1}, keys[0], 2, 0.5);
  const hk::Tensor fake = generator(hk::random_normal({batch, 1}, keys[1]));
  const hk::Update count{counter, counter + 1};

  // The critic's slope should be 1 at most between the two. The penalty is one-sided (Petzka, Fischer, Lukovnikov: On the
  // regularization of Wasserstein GANs, ICLR 2018): in one dimension, a slope of -1 could not become 1 against the other.
  const hk::Tensor share = hk::random_uniform({batch, 1}, keys[2]);
  const hk::Tensor between = share * real + (1 - share) * fake;
  const hk::Tensor slope = hk::grad(hk::sum(critic(between)), between);
  const hk::Tensor penalty = hk::mean(hk::square(hk::relu(hk::abs(slope) - 1)));
  const hk::Tensor distance = hk::mean(critic(real)) - hk::mean(critic(fake));

  const hk::AdamOptions options{.learning_rate = 0.02, .beta_1 = 0.5, .beta_2 = 0.9};
  hk::Optimizer critics = hk::Adam(options), generators = hk::Adam(options);
  const std::vector<hk::Tensor> judge = critic.weights(), maker = generator.weights();
  std::vector<hk::Update> updates = critics.step(judge, hk::grad(10 * penalty - distance, judge));
  updates.push_back(count);
  hk::Program train_critic = hk::compile({.outputs = {distance}, .updates = updates});
  updates = generators.step(maker, hk::grad(distance, maker));
  updates.push_back(count);
  hk::Program train_generator = hk::compile({.updates = updates});

  for (int i = 0; i < 200; ++i) {
    train_critic.run(3);
    train_generator.run();
  }
  // Normal numbers through one linear layer are normal: its bias is their mean, the weight their deviation.
  CHECK(maker[1].item() == doctest::Approx(2).epsilon(0.15));
  CHECK(std::abs(maker[0].item()) == doctest::Approx(0.5).epsilon(0.4));
}
