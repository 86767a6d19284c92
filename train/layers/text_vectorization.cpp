// See text_vectorization.h.
#include "train/layers/text_vectorization.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"
#include "train/utf8.h"

namespace hekla {

namespace {

constexpr std::string_view punctuation = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'";

std::string lower(const std::string& text) { return lower_case(text); }

std::string without_punctuation(const std::string& text) {
  std::string kept;
  std::ranges::copy_if(text, std::back_inserter(kept),
                       [](char c) { return punctuation.find(c) == std::string_view::npos; });
  return kept;
}

using Standardize = std::string (*)(const std::string&);
constexpr std::array<std::pair<std::string_view, Standardize>, 4> standardizations{
    {{"lower_and_strip_punctuation",
      [](const std::string& text) { return without_punctuation(lower(text)); }},
     {"lower", lower},
     {"strip_punctuation", without_punctuation},
     {"", [](const std::string& text) { return text; }}}};

std::vector<std::string> words(const std::string& text) {
  constexpr std::string_view spaces = " \t\n\v\f\r";
  std::vector<std::string> found;
  for (std::size_t first = 0; (first = text.find_first_not_of(spaces, first)) != std::string::npos;) {
    const std::size_t last = std::min(text.find_first_of(spaces, first), text.size());
    found.push_back(text.substr(first, last - first));
    first = last;
  }
  return found;
}

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> found;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t bytes = first_code_point(rest).bytes;
    found.emplace_back(rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
  return found;
}

using Split = std::vector<std::string> (*)(const std::string&);
constexpr std::array<std::pair<std::string_view, Split>, 3> splits{
    {{"whitespace", words}, {"character", characters}, {"", [](const std::string& text) {
                                                          return std::vector<std::string>{text};
                                                        }}}};

std::vector<std::string> joined(const std::vector<std::string>& tokens, const std::vector<int>& lengths) {
  std::vector<std::string> found;
  for (const int length : lengths) {
    const auto count = static_cast<std::size_t>(length);
    for (std::size_t first = 0; first + count <= tokens.size(); ++first) {
      std::string run = tokens[first];
      for (std::size_t i = 1; i < count; ++i) run += " " + tokens[first + i];
      found.push_back(run);
    }
  }
  return found;
}

LookupOptions<std::string> lookup_options(const TextVectorizationOptions& options) {
  return {.name = options.name.empty() ? "text_vectorization" : options.name,
          .vocabulary = options.vocabulary,
          .max_tokens = options.max_tokens,
          .mask_token = "",
          .idf_weights = options.idf_weights,
          .output_mode = options.output_mode,
          .pad_to_max_tokens = options.pad_to_max_tokens};
}

}  // namespace

TextVectorization::TextVectorization(TextVectorizationOptions options)
    : options_(std::move(options)), lookup_(lookup_options(options_)) {
  const std::string& layer = lookup_.layer_;
  choose(layer, options_.standardize, standardizations, "standardize");
  choose(layer, options_.split, splits, "split");
  for (const int length : options_.ngrams) {
    if (length < 1)
      throw Error(fmt::format("[{}] ngrams of {} tokens; at least one is needed.", layer, length));
  }
  if (!options_.output_sequence_length) return;
  if (*options_.output_sequence_length < 1)
    throw Error(fmt::format("[{}] output_sequence_length is {}; it must be positive.", layer,
                            *options_.output_sequence_length));
  if (options_.output_mode != "int")
    throw Error(fmt::format("[{}] output_sequence_length is for the output_mode int, not {}.", layer,
                            options_.output_mode));
}

std::vector<std::string> TextVectorization::tokens_of(const std::string& text) const {
  const Standardize standardize =
      choose(lookup_.layer_, options_.standardize, standardizations, "standardize");
  const Split split = choose(lookup_.layer_, options_.split, splits, "split");
  const std::vector<std::string> tokens = split(standardize(text));
  return options_.ngrams.empty() ? tokens : joined(tokens, options_.ngrams);
}

std::vector<std::vector<std::string>> TextVectorization::tokens_of_all(
    std::span<const std::string> texts) const {
  std::vector<std::vector<std::string>> all;
  for (const std::string& text : texts) all.push_back(tokens_of(text));
  return all;
}

void TextVectorization::adapt(std::span<const std::string> texts) {
  lookup_.adapt_documents(tokens_of_all(texts));
}

Tensor TextVectorization::operator()(std::span<const std::string> texts) const {
  lookup_.check_gives_indices();
  const std::vector<std::vector<std::string>> tokens = tokens_of_all(texts);
  const bool are_indices = options_.output_mode == "int";
  std::size_t longest = are_indices ? 0 : 1;
  for (const std::vector<std::string>& row : tokens) longest = std::max(longest, row.size());
  if (options_.output_sequence_length) longest = static_cast<std::size_t>(*options_.output_sequence_length);
  return lookup_.lookup_->encoded(lookup_.indices_of(tokens, longest, are_indices ? 0 : -1));
}

}  // namespace hekla
