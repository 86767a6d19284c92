// See models.h.
#include "bench/support/models.h"

#include <memory>
#include <utility>
#include <vector>

#include "hekla.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t width = 64, heads = 4, letters = 60, context = 64;

// Two convolutions with batch normalization, beside the input or a convolution 1 x 1 of it.
struct ResidualBlock {
  ResidualBlock(std::int64_t filters, std::int64_t stride)
      : first(filters, 3, {.strides = stride, .padding = PaddingMode::same, .use_bias = false}),
        second(filters, 3, {.padding = PaddingMode::same, .use_bias = false}),
        beside(filters, 1, {.strides = stride, .use_bias = false}),
        is_beside(stride > 1) {}

  Tensor operator()(const Tensor& x, const Mode& mode) const {
    const Tensor y = after_second(second(relu(after_first(first(x, mode), mode)), mode), mode);
    return relu(y + (is_beside ? beside(x, mode) : x));
  }

  Conv2D first, second, beside;
  bool is_beside;
  BatchNormalization after_first, after_second;
};

struct DecoderBlock {
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    const Tensor y = x + attention(before_attention(x, mode), mode);
    return y + narrow(widen(before_dense(y, mode), mode), mode);
  }

  LayerNormalization before_attention, before_dense;
  MultiHeadAttention attention{heads, width / heads, {.use_causal_mask = true}};
  Dense widen{4 * width, "gelu"}, narrow{width};
};

// Learned features of letters and of their places.
struct LetterEmbedding {
  Tensor operator()(const Tensor& codes, const Mode& mode) const {
    return letter(codes, mode) + place(arange(context), mode);
  }

  Embedding letter{letters, width}, place{context, width};
};

using Loss = std::function<Tensor(const Tensor& y, const Tensor& result)>;

// A training step over x and y.
Step step_over(const Sequential& model, const Tensor& x, const Tensor& y, const Loss& loss_of) {
  const std::vector<Tensor> weights = model.trainable_weights();
  auto optimizer = std::make_shared<Optimizer>(bench::adam());
  optimizer->build(weights);
  return {.build = [=]() -> Computation {
            const Mode mode = Mode::training(random_key(9));
            const Tensor loss = loss_of(y, model(x, mode));
            std::vector<Update> updates = optimizer->step(weights, grad(loss, weights));
            for (const Update& update : mode.record().updates) updates.push_back(update);
            return {.outputs = {loss}, .updates = updates};
          },
          .waited_for = weights.back()};
}

Tensor noise_of(const Shape& shape, std::uint32_t seed) {
  return variable(random_uniform(shape, random_key(seed), -1, 1));
}

Tensor codes_of(const Shape& shape, std::uint32_t seed, std::int64_t count) {
  return variable(cast(random_bits(shape, random_key(seed)) % static_cast<std::uint32_t>(count), i32));
}

Tensor cross_entropy(const Tensor& y, const Tensor& scores) {
  return sparse_categorical_crossentropy_from_logits(y, scores);
}

}  // namespace

Step lstm_step(std::int64_t times) {
  return step_over(Sequential({Input({times, 8}), LSTM(64), Dense(1)}), noise_of({32, times, 8}, 1),
                   noise_of({32, 1}, 2),
                   [](const Tensor& y, const Tensor& result) { return mean(square(result - y)); });
}

Step residual_step() {
  const Sequential model(
      {Input({32, 32, 3}), Conv2D(16, 3, {.padding = PaddingMode::same, .use_bias = false}),
       BatchNormalization(), Activation("relu"), ResidualBlock(16, 1), ResidualBlock(16, 1),
       ResidualBlock(32, 2), ResidualBlock(32, 1), GlobalAveragePooling2D(), Dense(10)});
  return step_over(model, noise_of({32, 32, 32, 3}, 1), codes_of({32}, 2, 10), cross_entropy);
}

Step decoder_step() {
  const Sequential model({Input({context}, i32), LetterEmbedding(), DecoderBlock(), DecoderBlock(),
                          LayerNormalization(), Dense(letters)});
  return step_over(model, codes_of({16, context}, 1, letters), codes_of({16, context}, 2, letters),
                   cross_entropy);
}

}  // namespace hekla::bench
