// A model of two inputs and two outputs.
#include <doctest/doctest.h>

#include <vector>

#include "hekla.h"

namespace {

// From the area and the rooms of a flat, and the place: its price, and whether it is sold.
struct Flats {
  std::vector<hk::Tensor> operator()(const std::vector<hk::Tensor>& inputs, const hk::Mode& mode) const {
    const hk::Tensor at = hk::reshape(place(inputs[1], mode), {-1, 2});
    const hk::Tensor both = hidden(hk::concat({inputs[0], at}, 1), mode);
    return {price(both, mode), sold(both, mode)};
  }
  hk::Embedding place{3, 2};
  hk::Dense hidden{16, hk::tanh}, price{1}, sold{1};
};

}  // namespace

TEST_CASE("programs: a model of two inputs and two outputs") {
  hk::set_random_seed(6);
  const hk::Tensor flat = hk::random_normal({256, 2}, hk::random_key(6)).detach();
  const hk::Tensor place = hk::cast(hk::random_uniform({256, 1}, hk::random_key(7), 0, 3), hk::i32).detach();
  const hk::Tensor in_centre = hk::cast(place == 0, hk::f32);
  const hk::Tensor price = (hk::sum(flat, {1}, hk::KeepDims::yes) + in_centre).detach();
  const hk::Tensor sold = hk::cast(price < 0.5, hk::f32).detach();
  const hk::Dataset data({flat, place}, {price, sold});

  hk::Model model(Flats{});
  model.compile({.optimizer = hk::Adam({.learning_rate = 0.02}),
                 .losses = {"mse", hk::binary_crossentropy_from_logits},
                 .loss_weights = {1, 0.5},
                 .metrics_by_output = {{}, {hk::binary_accuracy(0)}},
                 .output_names = {"price", "sold"}});
  model.fit(data, {.epochs = 30, .verbose = 0});
  const hk::Logs logs = model.evaluate(data, {.verbose = 0});
  CHECK(logs["price_loss"] < 0.1);  // the variance of the price is 2.2
  CHECK(logs["sold_binary_accuracy"] > 0.9);
  CHECK(logs["loss"] == doctest::Approx(logs["price_loss"] + 0.5 * logs["sold_loss"]).epsilon(1e-3));

  const std::vector<hk::Tensor> predicted = model.predict_all(hk::Dataset(std::vector{flat, place}));
  CHECK(hk::describe(predicted[0]) == "f32[256,1]");
  CHECK(predicted.size() == 2);
}
