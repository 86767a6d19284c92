// See index_lookup.h.
#include "train/layers/index_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

constexpr std::string_view tf_idf = "tf_idf";

}  // namespace

template <class Token>
IndexLookup<Token>::IndexLookup(std::string layer, LookupOptions<Token> options)
    : layer_(std::move(layer)), options_(std::move(options)) {
  const LookupOptions<Token>& o = options_;
  mode_ = category_mode(layer_, o.output_mode == tf_idf ? "count" : std::string_view(o.output_mode));
  if (o.max_tokens && *o.max_tokens < 2)
    throw Error(fmt::format("[{}] max_tokens is {}; it must be at least 2.", layer_, *o.max_tokens));
  if (o.num_oov_indices < 0)
    throw Error(
        fmt::format("[{}] num_oov_indices is {}; it must not be negative.", layer_, o.num_oov_indices));
  if (o.pad_to_max_tokens && !o.max_tokens)
    throw Error(fmt::format("[{}] pad_to_max_tokens needs max_tokens.", layer_));
  if (o.invert && mode_ != CategoryMode::integer)
    throw Error(fmt::format("[{}] invert gives tokens, which have no output_mode {}; choose int.", layer_,
                            o.output_mode));
  if (o.idf_weights.empty() != (o.output_mode != tf_idf || o.vocabulary.empty()))
    throw Error(
        fmt::format("[{}] {} idf_weights with output_mode {} and {} tokens; a vocabulary that is given "
                    "has them with tf_idf, and only then.",
                    layer_, o.idf_weights.size(), o.output_mode, o.vocabulary.size()));
  if (o.vocabulary.empty()) return;
  // A vocabulary may begin with the special tokens, as get_vocabulary gives it.
  std::vector<Token> special(static_cast<std::size_t>(token_start()), o.oov_token);
  if (oov_start() == 1) special[0] = *o.mask_token;
  const bool has_special = !special.empty() && o.vocabulary.size() >= special.size() &&
                           std::equal(special.begin(), special.end(), o.vocabulary.begin());
  const auto skipped = static_cast<std::ptrdiff_t>(has_special ? special.size() : 0);
  set({o.vocabulary.begin() + skipped, o.vocabulary.end()});
  if (o.output_mode == tf_idf) set_idf_weights(o.idf_weights, o.vocabulary.size());
}

template <class Token>
void IndexLookup<Token>::set(std::vector<Token> tokens) {
  std::map<Token, std::int32_t> indices;
  for (const Token& token : tokens) {
    const auto index = static_cast<std::int32_t>(token_start()) + static_cast<std::int32_t>(indices.size());
    if (!indices.emplace(token, index).second)
      throw Error(
          fmt::format("[{}] the vocabulary names '{}' twice; each token has one index.", layer_, token));
  }
  const auto check_absent = [&](std::string_view what, const Token& token) {
    if (indices.contains(token))
      throw Error(
          fmt::format("[{}] the vocabulary names the {} '{}'; it may stand only among the special "
                      "tokens in front, the mask token and then {} times the oov token.",
                      layer_, what, token, options_.num_oov_indices));
  };
  if (options_.mask_token) check_absent("mask token", *options_.mask_token);
  if (options_.invert) check_absent("oov token", options_.oov_token);
  const std::int64_t size = token_start() + static_cast<std::int64_t>(tokens.size());
  if (options_.max_tokens && size > *options_.max_tokens)
    throw Error(fmt::format("[{}] the vocabulary has {} tokens with the special ones; max_tokens is {}.",
                            layer_, size, *options_.max_tokens));
  tokens_ = std::move(tokens);
  indices_ = std::move(indices);
}

// Of `given` tokens; special ones that are not among them get the mean, and padding gets 0.
template <class Token>
void IndexLookup<Token>::set_idf_weights(std::vector<double> weights, std::size_t given) {
  if (weights.size() != given)
    throw Error(
        fmt::format("[{}] {} idf_weights for {} tokens; each token has one.", layer_, weights.size(), given));
  const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(given);
  weights.insert(weights.begin(), static_cast<std::size_t>(size()) - given, mean);
  if (options_.pad_to_max_tokens) weights.resize(static_cast<std::size_t>(*options_.max_tokens), 0);
  idf_weights_.assign(weights.begin(), weights.end());
}

template <class Token>
std::vector<Token> IndexLookup<Token>::vocabulary(bool include_special_tokens) const {
  if (!include_special_tokens) return tokens_;
  std::vector<Token> all(static_cast<std::size_t>(token_start()), options_.oov_token);
  if (oov_start() == 1) all[0] = *options_.mask_token;
  all.insert(all.end(), tokens_.begin(), tokens_.end());
  return all;
}

template <class Token>
void IndexLookup<Token>::check_known() const {
  if (tokens_.empty())
    throw Error(fmt::format("[{}] the vocabulary is not known yet; give one or call adapt first.", layer_));
}

template <class Token>
void IndexLookup<Token>::adapt(const std::vector<std::vector<Token>>& documents) {
  if (!options_.vocabulary.empty())
    throw Error(fmt::format("[{}] a vocabulary is given; adapt finds that of a layer without.", layer_));
  struct Counts {
    std::int64_t all = 0, documents = 0;
  };
  std::map<Token, Counts> counts;
  for (const std::vector<Token>& document : documents) {
    for (const Token& token : document) ++counts[token].all;
    for (const Token& token : std::set<Token>(document.begin(), document.end())) ++counts[token].documents;
  }
  if (options_.mask_token) counts.erase(*options_.mask_token);
  counts.erase(options_.oov_token);
  std::vector<std::pair<Token, Counts>> found(counts.begin(), counts.end());
  std::ranges::sort(found, [](const auto& a, const auto& b) {
    return a.second.all != b.second.all ? a.second.all > b.second.all : a.first > b.first;
  });
  if (options_.max_tokens)
    found.resize(std::min(found.size(), static_cast<std::size_t>(std::max<std::int64_t>(
                                            *options_.max_tokens - token_start(), 0))));
  std::vector<Token> tokens;
  std::vector<double> weights;
  for (const auto& [token, count] : found) {
    tokens.push_back(token);
    weights.push_back(
        std::log(1 + static_cast<double>(documents.size()) / (1 + static_cast<double>(count.documents))));
  }
  set(std::move(tokens));
  if (options_.output_mode == tf_idf) set_idf_weights(std::move(weights), found.size());
}

template <class Token>
std::optional<std::int32_t> IndexLookup<Token>::find(const Token& token) const {
  const auto found = indices_.find(token);
  return found == indices_.end() ? std::nullopt : std::optional(found->second);
}

template <class Token>
Tensor IndexLookup<Token>::encoded(const Tensor& indices) const {
  const std::int64_t depth = options_.pad_to_max_tokens ? *options_.max_tokens : size();
  const Tensor y = encoded_categories(indices, depth, mode_);
  return options_.output_mode == tf_idf ? y * tensor(idf_weights_) : y;
}

template class IndexLookup<std::int32_t>;
template class IndexLookup<std::string>;

}  // namespace hekla
