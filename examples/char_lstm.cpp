// A long short-term memory that learns a sonnet by heart, character by character, and then writes it: one character at a
// time, from the state that the one before left. Nothing is computed twice, however long the text gets.
//
//   char_lstm [--epochs N]     (default 15, half a minute on two cores)
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "examples/sonnet.h"
#include "hekla.h"

namespace {

using hk::Tensor;

constexpr std::int64_t window = 40;  // characters of an example
constexpr std::int64_t units = 128;

struct Writer {
  explicit Writer(std::int64_t letters) : letters(letters), scores(letters) {}

  // Maps codes [n, times] to a score (logit) for each possible next character, [n, times, letters].
  Tensor operator()(const Tensor& codes, const hk::Mode& mode) const {
    return scores(lstm(table(codes, mode), mode), mode);
  }

  // The scores after one more character, [n, letters], and the new state.
  std::pair<Tensor, hk::LstmState> next(const Tensor& codes, const hk::LstmState& state) const {
    const hk::Scan after = lstm.run(table(codes), {state.h, state.c});
    return {scores(after.state[0]), {after.state[0], after.state[1]}};
  }

  std::int64_t letters;
  hk::Embedding table{letters, 32};
  hk::LSTM lstm{units, {.return_sequences = true}};
  hk::Dense scores;
};

// Every window of the text, and the same one character later.
hk::Dataset examples(const std::vector<std::int32_t>& codes) {
  const auto count = static_cast<std::int64_t>(codes.size()) - window;
  const Tensor places = hk::expand_dims(hk::arange(count), 1) + hk::arange(window);
  const Tensor text = hk::tensor(codes);
  return {hk::gather(text, places).detach(), hk::gather(text, places + 1).detach()};
}

// `count` characters after `prompt`. The state, the last character and the text are variables that a step updates.
std::vector<std::int32_t> write(const Writer& writer, const std::vector<std::int32_t>& prompt,
                                std::int64_t count) {
  const auto known = static_cast<std::int64_t>(prompt.size());
  const Tensor before_last = hk::slice(hk::tensor(prompt, {1, known}), {{}, {0, known - 1}});
  const hk::Scan read = writer.lstm.run(writer.table(before_last));
  const Tensor h = hk::variable(read.state[0], "h"), c = hk::variable(read.state[1], "c");
  const Tensor last = hk::variable(hk::full({1, 1}, prompt.back(), hk::i32), "last");
  const Tensor written = hk::variable(hk::zeros({count}, hk::i32), "written");
  const Tensor place = hk::variable(hk::zeros({}, hk::i32), "place");

  const auto [scores, state] = writer.next(last, {h, c});
  // The Gumbel-max trick: the argmax of scores with Gumbel noise is a sample from their softmax. A temperature of 1/2
  // makes the sampling more conservative.
  const Tensor noise = -hk::log(-hk::log(hk::random_uniform(scores.shape(), {5, hk::cast(place, hk::u32)})));
  const Tensor next = hk::argmax(scores / 0.5 + noise);
  hk::compile({.updates = {{h, state.h},
                           {c, state.c},
                           {last, hk::reshape(next, {1, 1})},
                           {written, hk::where(hk::arange(count) == place, next, written)},
                           {place, place + 1}}})
      .run(static_cast<int>(count));
  return written.to_vector<std::int32_t>();
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("A recurrent network learns a sonnet by heart and writes it.", "char_lstm");
  int epochs = 15;
  app.add_option("--epochs", epochs, "Passes over the text")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  hk::set_random_seed(1);
  const Alphabet alphabet(sonnet);
  const std::vector<std::int32_t> codes = alphabet.encode(sonnet);
  fmt::print("device   {}\ntext     {} characters, {} different\n", hk::default_device()->name(),
             codes.size(), alphabet.size());

  const Writer writer(alphabet.size());
  hk::Model model(writer, {.name = "writer"});
  const double steps = epochs * (static_cast<double>(codes.size()) - window) / 16;
  // The learning rate decays to 0, so that the weights converge.
  model.compile({.optimizer = hk::Adam({.learning_rate = hk::PolynomialDecay{.initial_learning_rate = 0.008,
                                                                             .decay_steps = steps,
                                                                             .end_learning_rate = 0}}),
                 .loss = "sparse_categorical_crossentropy_from_logits",
                 .metrics = {"accuracy"}});
  model.fit(examples(codes), {.batch_size = 16, .epochs = epochs, .verbose = 2});

  const std::vector<std::int32_t> prompt(codes.begin(), codes.begin() + window);
  const auto count = static_cast<std::int64_t>(codes.size()) - window;
  const std::string said = alphabet.decode(write(writer, prompt, count));
  std::int64_t right = 0;
  for (std::size_t i = 0; i < said.size(); ++i) right += said[i] == sonnet[i + window];
  fmt::print("\nGiven the first line, it goes on ({} of {} characters as written):\n\n{}{}\n", right, count,
             alphabet.decode(prompt), said);
} catch (const std::exception& error) {
  fmt::print(stderr, "char_lstm: {}\n", error.what());
  return 1;
}
