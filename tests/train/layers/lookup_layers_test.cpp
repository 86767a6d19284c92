// Vocabularies of integers and strings, texts, and hashes. The numbers are those of Keras 3.15's layers over TensorFlow 2.21.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Strings = std::vector<std::string>;
using Integers = std::vector<std::int32_t>;

Tensor integers(const Integers& elements, const Shape& shape) { return tensor(elements, shape); }
Tensor seen() { return integers({12, 7, -3, 36, 12, 8}, {2, 3}); }
Tensor corpus() { return integers({5, 3, 3, 7, 5, 3, 9, 7, -1}, {3, 3}); }

IntegerLookup of_three(LookupOptions<std::int32_t> options = {}) {
  options.vocabulary = {12, 36, 7};
  return IntegerLookup(std::move(options));
}

Strings texts() { return {"The cat, the dog!", "A dog  barks; the cat's away.", "", " Über cat\tÜBER"}; }

TextVectorization adapted(TextVectorizationOptions options) {
  TextVectorization layer(std::move(options));
  layer.adapt(texts());
  return layer;
}

// 'a' + (7 i + n) % 26 for i below n.
std::string letters(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += static_cast<char>('a' + (7 * i + n) % 26);
  return text;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("integer_lookup layer") {
    expect([] { return of_three()(seen()); }, {2, 3}, i32, {1, 3, 0, 2, 1, 0});
    expect([] { return of_three({.num_oov_indices = 2, .mask_token = 8})(seen()); }, {2, 3}, i32,
           {3, 5, 2, 4, 3, 0});
    reference();
    check_values(of_three({.num_oov_indices = 2})(seen()), {2, 3}, {2, 4, 1, 3, 2, 0});
    check_values(of_three({.mask_token = 8})(seen()), {2, 3}, {2, 4, 1, 3, 2, 0});
    check_values(of_three({.num_oov_indices = 0})(seen()), {2, 3}, {0, 2, -1, 1, 0, -1});
    check_values(of_three({.invert = true})(integers({0, 1, 2, 3, 4, -1}, {2, 3})), {2, 3},
                 {-1, 12, 36, 7, -1, -1});
    // A vocabulary with the special tokens in front, as get_vocabulary gives it.
    const IntegerLookup whole({.vocabulary = {8, -1, 12, 36, 7}, .mask_token = 8});
    CHECK(whole.get_vocabulary() == Integers{8, -1, 12, 36, 7});
    CHECK(whole.get_vocabulary(false) == Integers{12, 36, 7});
    CHECK(whole.vocabulary_size() == 5);
    check_values(whole(seen()), {2, 3}, {2, 4, 1, 3, 2, 0});
  }

  TEST_CASE("integer_lookup layer: encodings") {
    reference();
    check_values(of_three({.output_mode = "multi_hot"})(seen()), {2, 4}, {1, 1, 0, 1, 1, 1, 1, 0});
    check_values(of_three({.output_mode = "one_hot"})(integers({12, 36}, {2, 1})), {2, 4},
                 {0, 1, 0, 0, 0, 0, 1, 0});
    check_values(IntegerLookup({.vocabulary = {36, 7}, .mask_token = 12, .output_mode = "count"})(seen()),
                 {2, 3}, {1, 0, 1, 1, 1, 0});
    check_values(of_three({.idf_weights = {0.25, 0.75, 0.5}, .output_mode = "tf_idf"})(seen()), {2, 4},
                 {0.5, 0.25, 0, 0.5, 0.5, 0.25, 0.75, 0});
    check_values(
        IntegerLookup(
            {.vocabulary = {12, 36}, .max_tokens = 5, .output_mode = "count", .pad_to_max_tokens = true})(
            seen()),
        {2, 5}, {2, 1, 0, 0, 0, 1, 1, 1, 0, 0});
  }

  TEST_CASE("integer_lookup layer: a vocabulary that is found") {
    reference();
    IntegerLookup layer;
    layer.adapt(corpus());
    CHECK(layer.get_vocabulary() == Integers{-1, 3, 7, 5, 9});
    IntegerLookup few({.max_tokens = 4, .mask_token = 3});
    few.adapt(corpus());
    CHECK(few.get_vocabulary() == Integers{3, -1, 7, 5});
    IntegerLookup weighted({.output_mode = "tf_idf"});
    weighted.adapt(corpus());
    const std::vector<double> y = reference_values(weighted(integers({5, 5, 9, 1, 3, 2}, {2, 3})));
    const std::vector<double> expected{0, 0, 0, 1.38629436, 0.91629076, 1.49786615, 0.693147182, 0, 0, 0};
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(y[i] == doctest::Approx(expected[i]).epsilon(1e-6));
    // In a model, as a part of a Dataset's map, the indices feed an embedding.
    Sequential model({layer, Embedding(5, 2), Flatten()});
    CHECK(model(corpus()).shape() == Shape{3, 6});
  }

  TEST_CASE("integer_lookup layer: errors") {
    reference();
    using Options = LookupOptions<std::int32_t>;
    const auto fails = [](const Options& options) { return error_of([&] { IntegerLookup layer(options); }); };
    CHECK(fails({.vocabulary = {1, 2, 1}}) ==
          "[integer_lookup] the vocabulary names '1' twice; each token has one index.");
    CHECK(fails({.vocabulary = {1, 2}, .mask_token = 2}) ==
          "[integer_lookup] the vocabulary names the mask token '2'; it may stand only among the special "
          "tokens "
          "in front, the mask token and then 1 times the oov token.");
    CHECK(fails({.vocabulary = {1, -1}, .invert = true}).find("the oov token '-1'") != std::string::npos);
    CHECK(fails({.vocabulary = {1, 2}, .max_tokens = 2}) ==
          "[integer_lookup] the vocabulary has 3 tokens with the special ones; max_tokens is 2.");
    CHECK(fails({.max_tokens = 1}) == "[integer_lookup] max_tokens is 1; it must be at least 2.");
    CHECK(fails({.num_oov_indices = -1}) ==
          "[integer_lookup] num_oov_indices is -1; it must not be negative.");
    CHECK(fails({.pad_to_max_tokens = true}) == "[integer_lookup] pad_to_max_tokens needs max_tokens.");
    CHECK(fails({.invert = true, .output_mode = "count"}) ==
          "[integer_lookup] invert gives tokens, which have no output_mode count; choose int.");
    CHECK(
        fails({.vocabulary = {1}, .output_mode = "tf_idf"}) ==
        "[integer_lookup] 0 idf_weights with output_mode tf_idf and 1 tokens; a vocabulary that is given has "
        "them with tf_idf, and only then.");
    CHECK(fails({.vocabulary = {1}, .idf_weights = {1, 2, 3}, .output_mode = "tf_idf"}) ==
          "[integer_lookup] 3 idf_weights for 1 tokens; each token has one.");
    CHECK(fails({.output_mode = "hot"}).starts_with("[integer_lookup] output_mode 'hot' is unknown"));
    CHECK(error_of([] { IntegerLookup()(seen()); }) ==
          "[integer_lookup] the vocabulary is not known yet; give one or call adapt first.");
    CHECK(error_of([] { of_three()(zeros({2})); }) ==
          "[integer_lookup] takes integers, not f32[2] (see hk::cast).");
    CHECK(error_of([] { of_three().adapt(seen()); }) ==
          "[integer_lookup] a vocabulary is given; adapt finds that of a layer without.");
    CHECK(error_of([] { IntegerLookup().adapt(zeros({2})); }) ==
          "[integer_lookup] adapts to integers [examples, ..], not to f32[2].");
  }

  TEST_CASE("string lookup") {
    reference();
    const std::vector<Strings> rows{{"a", "c", "d"}, {"d", "z", "b"}};
    const StringLookup four({.vocabulary = {"a", "b", "c", "d"}});
    check_values(four.lookup(rows), {2, 3}, {1, 3, 4, 4, 0, 2});
    check_values(four.lookup(rows[0]), {3}, {1, 3, 4});
    check_values(StringLookup({.vocabulary = {"a", "b", "c", "d"}, .output_mode = "multi_hot"}).lookup(rows),
                 {2, 5}, {0, 1, 0, 1, 1, 1, 0, 1, 0, 1});
    check_values(StringLookup({.vocabulary = {"b", "c", "d"}, .mask_token = "a", .output_mode = "count"})
                     .lookup(std::vector<Strings>{{"a", "d", "d"}, {"d", "z", "b"}}),
                 {2, 4}, {0, 0, 0, 2, 1, 1, 0, 1});
    const Strings strange{"x", "yy", "zzz", "a", "hello world, this is long", ""};
    check_values(StringLookup({.vocabulary = {"a", "b"}, .num_oov_indices = 3}).lookup(strange), {6},
                 {2, 1, 0, 3, 2, 2});
    const StringLookup back({.vocabulary = {"a", "b"}, .invert = true});
    CHECK(back.strings_of(integers({1, 2, 0, 7}, {2, 2})) == Strings{"a", "b", "[UNK]", "[UNK]"});
    StringLookup found;
    found.adapt(Strings{"b", "a", "b", "c", "a", "d"});
    CHECK(found.get_vocabulary() == Strings{"[UNK]", "b", "a", "d", "c"});
    CHECK(found.vocabulary_size() == 5);
  }

  TEST_CASE("string lookup: errors") {
    reference();
    const Strings some{"a", "z"};
    CHECK(error_of([&] { StringLookup().lookup(some); }) ==
          "[string_lookup] the vocabulary is not known yet; give one or call adapt first.");
    CHECK(error_of([&] {
            StringLookup({.name = "kinds", .vocabulary = {"a"}, .num_oov_indices = 0}).lookup(some);
          }) ==
          "[kinds] 'z' is not in the vocabulary, and num_oov_indices is 0; give such strings an index.");
    CHECK(error_of([&] { StringLookup({.vocabulary = {"a"}, .invert = true}).lookup(some); }) ==
          "[string_lookup] invert gives strings of indices; call strings_of.");
    CHECK(error_of([&] { StringLookup({.vocabulary = {"a"}}).strings_of(zeros({1}, i32)); }) ==
          "[string_lookup] gives indices of strings; with invert it gives strings.");
    CHECK(error_of([&] { StringLookup({.vocabulary = {"a"}, .invert = true}).strings_of(zeros({1})); }) ==
          "[string_lookup] takes integers, not f32[1] (see hk::cast).");
    CHECK(error_of([&] {
            StringLookup({.vocabulary = {"a"}}).lookup(std::vector<Strings>{{"a"}, {"a", "b"}});
          }) == "[string_lookup] rows of 1 and 2 strings; all must have the same number.");
  }

  TEST_CASE("text vectorization: indices of words, pairs and characters") {
    reference();
    const TextVectorization words = adapted({});
    CHECK(words.get_vocabulary() ==
          Strings{"", "[UNK]", "the", "Über", "dog", "cat", "cats", "barks", "away", "a"});
    check_values(words(texts()), {4, 6},
                 {2, 5, 2, 4, 0, 0, 9, 4, 7, 2, 6, 8, 0, 0, 0, 0, 0, 0, 3, 5, 3, 0, 0, 0});
    check_values(adapted({.output_sequence_length = 3})(texts()), {4, 3},
                 {2, 5, 2, 9, 4, 7, 0, 0, 0, 3, 5, 3});
    const TextVectorization pairs = adapted({.max_tokens = 8, .ngrams = {1, 2}});
    CHECK(pairs.get_vocabulary() == Strings{"", "[UNK]", "the", "Über", "dog", "cat", "Über cat", "the dog"});
    check_values(slice(pairs(texts()), {{0, 1}}), {1, 11}, {2, 5, 2, 4, 1, 1, 7, 0, 0, 0, 0});
    CHECK(adapted({.standardize = "strip_punctuation", .ngrams = {2}}).get_vocabulary() ==
          Strings{"", "[UNK]", "Über cat", "the dog", "the cats", "dog barks", "cats away", "cat ÜBER",
                  "cat the", "barks the", "The cat", "A dog"});
    const TextVectorization characters = adapted({.max_tokens = 12, .standardize = "", .split = "character"});
    CHECK(characters.get_vocabulary() ==
          Strings{"", "[UNK]", " ", "a", "t", "e", "h", "c", "Ü", "s", "r", "o"});
    check_values(slice(characters(texts()), {{3, 4}, {0, 13}}), {1, 13},
                 {2, 8, 1, 5, 10, 2, 7, 3, 4, 1, 8, 1, 1});
    const TextVectorization whole = adapted({.standardize = "lower", .split = ""});
    check_values(whole(texts()), {4, 1}, {2, 3, 0, 4});
  }

  TEST_CASE("text vectorization: encodings") {
    reference();
    check_values(adapted({.output_mode = "multi_hot"})(texts()), {4, 9},
                 {0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1,
                  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0});
    check_values(adapted({.max_tokens = 6, .output_mode = "count", .pad_to_max_tokens = true})(texts()),
                 {4, 6}, {0, 2, 0, 1, 1, 0, 3, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0});
    const std::vector<double> weighted = reference_values(adapted({.output_mode = "tf_idf"})(texts()));
    const std::vector<double> first{0, 1.69459569, 0, 0.847297847, 0.847297847, 0, 0, 0, 0};
    for (std::size_t i = 0; i < first.size(); ++i)
      CHECK(weighted[i] == doctest::Approx(first[i]).epsilon(1e-6));
    CHECK(weighted[14] == doctest::Approx(1.09861231).epsilon(1e-6));
    const TextVectorization given(
        {.output_mode = "tf_idf", .vocabulary = {"cat", "dog"}, .idf_weights = {0.5, 0.25}});
    check_values(given(texts()), {4, 3}, {0.75, 0.5, 0.25, 1.875, 0, 0.25, 0, 0, 0, 0.75, 0.5, 0});
    check_values(given(Strings{"", ""}), {2, 3}, {0, 0, 0, 0, 0, 0});
  }

  TEST_CASE("text vectorization: errors") {
    reference();
    const auto fails = [](const TextVectorizationOptions& options) {
      return error_of([&] { TextVectorization layer(options); });
    };
    CHECK(fails({.standardize = "upper"}).starts_with("[text_vectorization] standardize 'upper' is unknown"));
    CHECK(fails({.split = "line"}).starts_with("[text_vectorization] split 'line' is unknown"));
    CHECK(fails({.ngrams = {0}}) == "[text_vectorization] ngrams of 0 tokens; at least one is needed.");
    CHECK(fails({.output_sequence_length = 0}) ==
          "[text_vectorization] output_sequence_length is 0; it must be positive.");
    CHECK(fails({.output_mode = "count", .output_sequence_length = 3}) ==
          "[text_vectorization] output_sequence_length is for the output_mode int, not count.");
    CHECK(error_of([] { TextVectorization({.name = "words"})(texts()); }) ==
          "[words] the vocabulary is not known yet; give one or call adapt first.");
  }

  TEST_CASE("hashing: FarmHash and SipHash of any length") {
    std::vector<std::uint64_t> farm, sip;
    for (const int n : {0, 1, 3, 4, 7, 8, 16, 17, 32, 33, 64, 65, 127, 128, 129, 200}) {
      farm.push_back(hash_bucket(letters(n), 1000003));
      sip.push_back(hash_bucket(letters(n), 1000003, {123456789012345, static_cast<std::uint64_t>(-7)}));
    }
    CHECK(farm == std::vector<std::uint64_t>{377723, 113437, 685975, 295228, 546286, 392787, 440015, 113858,
                                             719600, 192477, 383648, 276658, 135093, 346981, 906313, 738048});
    CHECK(sip == std::vector<std::uint64_t>{247822, 664558, 588797, 881625, 117743, 218248, 293838, 187419,
                                            504948, 967992, 912715, 108561, 995754, 532318, 809270, 966660});
    CHECK(error_of([] { hash_bucket("a", 0); }) == "[hash_bucket] 0 buckets; at least one is needed.");
  }

  TEST_CASE("hashing: bins of strings and integers") {
    reference();
    const Strings some{"A", "B", "C", "D", "E"};
    check_values(Hashing(3)(some), {5}, {1, 0, 1, 1, 2});
    check_values(Hashing(3, {.mask_value = ""})(Strings{"A", "B", "", "C", "D"}), {5}, {1, 1, 0, 2, 2});
    check_values(Hashing(3, {.salt = {{133, 137}}})(some), {5}, {1, 2, 1, 0, 2});
    check_values(Hashing(4, {.output_mode = "one_hot"})(Strings{"A", "B"}), {2, 4}, {1, 0, 0, 0, 1, 0, 0, 0});
    const std::vector<std::int64_t> numbers{0, 1, -5, 123456789, 2147483647, -2147483648, 42, 1000};
    check_values(Hashing(1000)(numbers), {8}, {735, 849, 816, 306, 757, 469, 736, 593});
    check_values(Hashing(7, {.mask_value = "42"})(numbers), {8}, {2, 4, 1, 3, 6, 2, 0, 6});
    check_values(Hashing(1000, {.salt = {{3, 4}}})(numbers), {8}, {345, 446, 470, 721, 648, 406, 294, 621});
    CHECK(error_of([] { Hashing(0); }) == "[hashing] 0 bins; at least one is needed.");
    CHECK(error_of([] { Hashing(2, {.output_mode = "hot"}); }).starts_with("[hashing] output_mode 'hot'"));
  }

  TEST_CASE("hashed crossing") {
    reference();
    using Columns = std::vector<std::vector<std::int64_t>>;
    check_values(HashedCrossing(5)(Columns{{1, 5, 2, 1, 4}, {2, 9, 42, 37, 8}}), {5}, {2, 0, 4, 0, 2});
    check_values(HashedCrossing(1000)(Columns{{-1, 5, 2}, {2, 9, 42}, {7, 0, -9}}), {3}, {408, 592, 496});
    check_values(
        HashedCrossing(1000)(std::vector<Strings>{{"a", "bb", "ccc"}, {"x", "", "a long string of letters"}}),
        {3}, {892, 297, 390});
    check_values(HashedCrossing(5, {.output_mode = "one_hot"})(Columns{{1, 5}, {2, 9}}), {2, 5},
                 {0, 0, 1, 0, 0, 1, 0, 0, 0, 0});
    CHECK(error_of([] { HashedCrossing(0); }) == "[hashed_crossing] 0 bins; at least one is needed.");
    CHECK(error_of([] { HashedCrossing(2, {.output_mode = "count"}); }) ==
          "[hashed_crossing] output_mode is count; it must be int or one_hot.");
    CHECK(error_of([] { HashedCrossing(2)(Columns{{1}}); }) ==
          "[hashed_crossing] 1 columns; at least two are needed.");
    CHECK(error_of([] {
            HashedCrossing(2)(Columns{{1}, {1, 2}});
          }) == "[hashed_crossing] columns of 1 and 2 categories; each example has one of each.");
  }
}

}  // namespace hekla::testing
