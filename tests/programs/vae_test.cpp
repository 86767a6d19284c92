// A variational autoencoder (Kingma, Welling: Auto-encoding variational Bayes, ICLR 2014).
#include <doctest/doctest.h>

#include "hekla.h"

namespace {

constexpr double noise = 0.25;  // the variance of what the decoder leaves unexplained

struct Autoencoder {
  hk::Tensor operator()(const hk::Tensor& x, const hk::Mode& mode) const {
    const hk::Tensor mu = mean(x, mode), log_var = log_variance(x, mode);
    const hk::Tensor kl = 0.5 * hk::sum(hk::square(mu) + hk::exp(log_var) - 1 - log_var, {1});
    mode.add_loss(hk::mean(kl));
    if (!mode.is_training()) return decoder(mu, mode);
    const hk::Tensor epsilon = hk::random_normal(mu.shape(), mode.next_key());
    return decoder(mu + hk::exp(0.5 * log_var) * epsilon, mode);
  }
  hk::Dense mean{1}, log_variance{1}, decoder{4};
};

hk::Tensor reconstruction(const hk::Tensor& x, const hk::Tensor& decoded) {
  return hk::sum(hk::square(x - decoded), {1}) / (2 * noise);
}

}  // namespace

TEST_CASE("programs: a variational autoencoder finds the posterior of a linear model") {
  hk::set_random_seed(1);
  // One hidden number z, seen through four: x = z w + noise.
  const hk::Tensor w = hk::tensor({{1.0, -1.0, 2.0, 0.0}});
  const hk::Tensor z = hk::random_normal({512, 1}, hk::random_key(1));
  const hk::Tensor x = (z * w + hk::random_normal({512, 4}, hk::random_key(2), 0, 0.5)).detach();

  const Autoencoder autoencoder;
  hk::Model model(autoencoder);
  model.compile({.optimizer = hk::Adam({.learning_rate = 0.05}), .loss = reconstruction});
  const hk::History history = model.fit(x, x, {.batch_size = 64, .epochs = 60, .verbose = 0});
  CHECK(history["loss"].back() < 0.5 * history["loss"].front());

  // The posterior of z given x is normal, of variance noise / (|w|^2 + noise) = 0.04 and mean x.w / (|w|^2 + noise); the
  // sign of z is arbitrary. (Tipping, Bishop: Probabilistic principal component analysis, 1999.)
  const double variance = hk::mean(hk::exp(autoencoder.log_variance(x))).item();
  CHECK(variance == doctest::Approx(0.04).epsilon(0.25));
  const hk::Tensor posterior = hk::sum(x * w, {1}) / 6.25, mu = hk::reshape(autoencoder.mean(x), {512});
  const double slope = (hk::sum(mu * posterior) / hk::sum(hk::square(posterior))).item();
  CHECK(std::abs(slope) == doctest::Approx(1).epsilon(0.1));
}
