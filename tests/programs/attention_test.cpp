// A classifier of sequences by attention.
#include <doctest/doctest.h>

#include "hekla.h"

namespace {

struct Classifier {
  hk::Tensor operator()(const hk::Tensor& tokens, const hk::Mode& mode) const {
    const hk::Tensor x = embedding(tokens, mode);
    const hk::Tensor mixed = norm(x + attention(x, mode), mode);
    return output(hk::mean(mixed, {1}), mode);
  }
  hk::Embedding embedding{4, 16};
  hk::MultiHeadAttention attention{2, 8};
  hk::LayerNormalization norm{};
  hk::Dense output{2};
};

}  // namespace

TEST_CASE("programs: attention classifies sequences") {
  hk::set_random_seed(3);
  // 512 sequences of six tokens of four kinds. The class says whether both a 1 and a 2 occur.
  const hk::Tensor tokens = hk::cast(hk::random_uniform({512, 6}, hk::random_key(3), 0, 4), hk::i32).detach();
  const hk::Tensor classes =
      hk::cast(hk::any(tokens == 1, {1}) && hk::any(tokens == 2, {1}), hk::i32).detach();
  const hk::Dataset data(tokens, classes);

  hk::Model model(Classifier{});
  model.compile({.optimizer = hk::Adam({.learning_rate = 0.01}),
                 .loss = hk::sparse_categorical_crossentropy_from_logits,
                 .metrics = {hk::accuracy}});
  model.fit(data.slice(0, 384), {.batch_size = 32, .epochs = 15, .verbose = 0});
  // Two thirds of the sequences are of class 1.
  CHECK(model.evaluate(data.slice(384, 512), {.verbose = 0})["accuracy"] > 0.9);
}
