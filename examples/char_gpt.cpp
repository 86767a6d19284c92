// A small decoder-only transformer that memorizes a sonnet, character by character, and recites it:
// embedding, causal attention, layer normalization, gelu and Adam. Batches and sampled characters are drawn
// on the device.
//
//   char_gpt [--steps N]     (default 600, less than half a minute on two cores)
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "examples/sonnet.h"
#include "hekla.h"

namespace {

using hk::Tensor;

constexpr std::int64_t context = 40;  // characters in the context window; the first line has as many
constexpr std::int64_t width = 64;    // features of a character
constexpr std::int64_t heads = 4;
constexpr std::int64_t depth = 2;  // blocks
constexpr std::int64_t batch = 16;

// Layer normalization with weights of its own.
struct Norm {
  explicit Norm(const std::string& name)
      : gamma(hk::variable(hk::ones({width}), name + "/gamma")),
        beta(hk::variable(hk::zeros({width}), name + "/beta")) {}
  Tensor operator()(const Tensor& x) const { return hk::layer_normalization(x, gamma, beta); }
  Tensor gamma, beta;
};

// x + attention(norm(x)), then x + mlp(norm(x)).
struct Block {
  explicit Block(const std::string& name)
      : before_attention(name + "/norm_1"),
        attend(3 * width, {.name = name + "/attend"}),
        project(width, {.name = name + "/project"}),
        before_mlp(name + "/norm_2"),
        widen(4 * width, "gelu", {.name = name + "/widen"}),
        narrow(width, {.name = name + "/narrow"}) {}

  Tensor operator()(const Tensor& x) const {
    const Tensor together = attend(before_attention(x));
    const auto part = [&](std::int64_t i) {
      return hk::slice(together, {{}, {}, {.start = i * width, .stop = (i + 1) * width}});
    };
    const Tensor y =
        x + project(hk::multi_head_attention(part(0), part(1), part(2), heads, {.is_causal = true}));
    return y + narrow(widen(before_mlp(y)));
  }

  Norm before_attention;
  hk::Dense attend, project;
  Norm before_mlp;
  hk::Dense widen, narrow;
};

struct Gpt {
  explicit Gpt(std::int64_t letters)
      : letter_table(
            hk::variable(hk::random_uniform({letters, width}, hk::random_key(1), -0.05, 0.05), "letters")),
        place_table(
            hk::variable(hk::random_uniform({context, width}, hk::random_key(2), -0.05, 0.05), "places")),
        last("last"),
        output(letters, {.name = "output"}) {
    for (std::int64_t i = 0; i < depth; ++i) blocks.emplace_back(fmt::format("block_{}", i));
  }

  // Maps codes [n, context] to a score (logit) for each possible next letter: [n, context, letters].
  Tensor operator()(const Tensor& codes) const {
    Tensor x = hk::embedding(codes, letter_table) + place_table;
    for (const Block& block : blocks) x = block(x);
    return output(last(x));
  }

  Tensor letter_table, place_table;
  std::vector<Block> blocks;
  Norm last;
  hk::Dense output;
};

// `count` consecutive elements of `text` from each position on: [positions, count].
Tensor passages(const Tensor& text, const Tensor& positions, std::int64_t count) {
  const Tensor offsets = hk::arange(count);
  return hk::gather(text, hk::expand_dims(positions, 1) + offsets);
}

void train(const Gpt& gpt, const Tensor& text, std::int64_t steps) {
  // The learning rate decays to 0, so that the weights converge.
  hk::Adam adam({.learning_rate = hk::PolynomialDecay{.initial_learning_rate = 0.004,
                                                      .decay_steps = static_cast<double>(steps),
                                                      .end_learning_rate = 0}});
  // The step counter is part of the random key, so that each step draws other passages.
  const Tensor bits = hk::random_bits({batch}, {4, hk::cast(adam.iterations(), hk::u32)});
  const Tensor starts = hk::cast(bits % (text.count() - context), hk::i32);
  const Tensor read = passages(text, starts, context + 1);
  const Tensor seen = hk::slice(read, {{}, {0, context}}), next = hk::slice(read, {{}, {1, context + 1}});
  const Tensor loss = hk::sparse_categorical_crossentropy_from_logits(next, gpt(seen));
  const std::vector<Tensor> weights = hk::variables(loss);
  std::vector<Tensor> trained;
  std::int64_t parameters = 0;
  for (const Tensor& weight : weights) {
    if (weight.dtype() != hk::f32) continue;
    trained.push_back(weight);
    parameters += weight.count();
  }
  fmt::print("model    {} parameters, {} blocks of {} features, {} characters of context\n", parameters,
             depth, width, context);
  hk::Program step = hk::compile({.outputs = {loss}, .updates = adam.step(trained, hk::grad(loss, trained))});
  const std::int64_t portion = std::max<std::int64_t>(steps / 15, 1);
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t done = 0; done < steps;) {
    const std::int64_t together = std::min(portion, steps - done);
    const double now = step.run(static_cast<int>(together))[0].item<double>();
    done += together;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    fmt::print("step {:4}  loss {:.4f}  {:5.1f} s\n", done, now, seconds.count());
    std::fflush(stdout);
  }
}

// `count` characters that follow `prompt`, which is as long as the context. Each step of the program
// generates one character.
std::vector<std::int32_t> recite(const Gpt& gpt, const std::vector<std::int32_t>& prompt,
                                 std::int64_t count) {
  const Tensor window = hk::variable(hk::tensor(prompt, {1, context}), "window");
  const Tensor written = hk::variable(hk::zeros({count}, hk::i32), "written");
  const Tensor place = hk::variable(hk::zeros({}, hk::i32), "place");
  const Tensor scores = hk::slice(gpt(window), {{0, 1}, {context - 1, context}});
  // The Gumbel-max trick: the argmax of scores with Gumbel noise is a sample from their softmax. A
  // temperature of 1/2 makes the sampling more conservative.
  const Tensor noise = -hk::log(-hk::log(hk::random_uniform(scores.shape(), {5, hk::cast(place, hk::u32)})));
  const Tensor next = hk::reshape(hk::argmax(scores / 0.5 + noise), {1, 1});
  const Tensor shifted = hk::slice(hk::pad(window, {{}, {.high = 1}}), {{}, {1, context + 1}});
  const Tensor is_last = hk::arange(context) == context - 1;
  hk::compile({.updates = {{window, hk::where(is_last, next, shifted)},
                           {written, hk::where(hk::arange(count) == place, hk::reshape(next, {}), written)},
                           {place, place + 1}}})
      .run(static_cast<int>(count));
  return written.to_vector<std::int32_t>();
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("A transformer learns a sonnet by heart and recites it.", "char_gpt");
  std::int64_t steps = 600;
  app.add_option("--steps", steps, "Steps of training")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const Alphabet alphabet(sonnet);
  const std::vector<std::int32_t> codes = alphabet.encode(sonnet);
  fmt::print("device   {}\ntext     {} characters, {} different\n", hk::default_device()->name(),
             codes.size(), alphabet.size());
  const Gpt gpt(alphabet.size());
  train(gpt, hk::tensor(codes), steps);
  const std::vector<std::int32_t> prompt(codes.begin(), codes.begin() + context);
  const auto count = static_cast<std::int64_t>(codes.size()) - context;
  const std::string said = alphabet.decode(recite(gpt, prompt, count));
  std::int64_t right = 0;
  for (std::size_t i = 0; i < said.size(); ++i) right += said[i] == sonnet[i + context];
  fmt::print("\nGiven the first line, it goes on ({} of {} characters as written):\n\n{}{}\n", right, count,
             alphabet.decode(prompt), said);
} catch (const std::exception& error) {
  fmt::print(stderr, "char_gpt: {}\n", error.what());
  return 1;
}
