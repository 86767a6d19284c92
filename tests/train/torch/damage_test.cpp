// Files of torch.save that are damaged or meant to do harm: each is read or refused, quickly and in little
// memory.
#include <doctest/doctest.h>

#include <ctime>
#include <random>
#include <string>

#include "tests/support/devices.h"
#include "tests/train/torch/pt_bytes.h"
#include "train/torch/contents.h"
#include "train/torch/load.h"
#include "train/torch/pickle.h"

using namespace hekla::test;

namespace {

void read(const Bytes& bytes) { hekla::torch::read(std::as_bytes(std::span(bytes)), "file"); }

// The error of reading these bytes as data.pkl, within seconds of the processor; empty where there is none.
std::string error_of_pickle(const std::string& pickle) {
  const std::clock_t start = std::clock();
  const auto bytes = std::as_bytes(std::span(pickle));
  const hekla::files::Source source("torch::load", "file", bytes);
  std::string text = error_of([&] {
    hekla::torch::contents_of(source,
                              hekla::torch::read_pickle(source, bytes, hekla::torch::is_known_global));
  });
  CHECK(std::clock() - start < 10 * CLOCKS_PER_SEC);
  const std::string begin = "[torch::load] file: ";
  return text.starts_with(begin) ? text.substr(begin.size()) : text;
}

// A state dict with everything that a pickle of one has.
std::string small_pickle() {
  const std::string tensor = tensor_call({.numel = 6, .sizes = {2, 3}, .strides = {3, 1}});
  return pickled(call(global("collections", "OrderedDict"), {}) + "q\x01(" + text("a") +
                 call(global("torch._utils", "_rebuild_parameter"), {tensor, "\x88", dict({})}) + text("b") +
                 list({tensor, integer(5), std::string("G") + std::string(8, '\1'), "\x8a\x01\x05", "N"}) +
                 text("c") + "\x8c\x01x\x85" + "u" + dict({{"_metadata", dict({})}}) + "b");
}

Bytes small_file() {
  return pt_bytes(small_pickle(), {{"0", storage<float>({0, 1, 2, 3, 4, 5})}},
                  {{"model/byteorder", "little"}});
}

std::string repeated(std::string_view text, int times) {
  std::string whole;
  for (int i = 0; i < times; ++i) whole += text;
  return whole;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("torch::load: a truncated file is refused at every length") {
    hekla::testing::reference();
    const Bytes whole = small_file();
    read(whole);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CAPTURE(length);
      CHECK(!error_of([&] {
               read(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
             }).empty());
    }
  }

  TEST_CASE("torch::load: a file with any byte changed is read or refused") {
    hekla::testing::reference();
    const Bytes whole = small_file();
    int refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int change : {0x01, 0x80, 0xff}) {
        Bytes bytes = whole;
        bytes[at] ^= static_cast<std::uint8_t>(change);
        refused += !error_of([&] { read(bytes); }).empty();
      }
    }
    // Dates and the like do not matter; everything else has a checksum.
    CHECK(refused > static_cast<int>(whole.size()) * 2);
  }

  TEST_CASE("torch::load: a pickle that is changed anywhere is read or refused") {
    const std::string whole = small_pickle();
    CHECK(error_of_pickle(whole) == "");
    for (std::size_t length = 0; length < whole.size(); ++length)
      CHECK(error_of_pickle(whole.substr(0, length)) != "");
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (int byte = 0; byte < 256; byte += 17) {
        std::string changed = whole;
        changed[at] = static_cast<char>(byte);
        error_of_pickle(changed);
      }
    }
    std::mt19937 random(1);
    int refused = 0;
    for (int round = 0; round < 5'000; ++round) {
      std::string changed = whole;
      for (std::uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
        const std::size_t at = random() % changed.size();
        switch (random() % 3) {
          case 0:
            changed[at] = "(.0]})tesuRbQq\x01h\x01NK\x85\x94"[random() % 24];
            break;
          case 1:
            changed.erase(at, 1 + random() % 4);
            break;
          default:
            changed.insert(at, whole.substr(random() % whole.size(), 1 + random() % 16));
        }
        if (changed.empty()) changed = ".";
      }
      refused += error_of_pickle(changed) != "";
    }
    CHECK(refused > 4'000);
  }

  TEST_CASE("torch::load: damage in words") {
    CHECK(error_of_pickle("") == "is damaged: it ends too early at byte 0.");
    CHECK(error_of_pickle("\x80\x02.") == "is damaged: a value is taken where there is none at byte 3.");
    CHECK(error_of_pickle("(.") == "is damaged: a value is taken where there is none at byte 2.");
    CHECK(error_of_pickle("t") == "is damaged: there is no mark at byte 1.");
    CHECK(error_of_pickle("h\x05.") == "is damaged: a value is referred to before it is there at byte 2.");
    CHECK(error_of_pickle("NNR") == "is damaged: what is called is no function with arguments at byte 3.");
    CHECK(error_of_pickle("NNa") == "is damaged: elements have no list or dict to go to at byte 3.");
    CHECK(error_of_pickle("}(Nu") == "is damaged: elements have no list or dict to go to at byte 4.");
    CHECK(error_of_pickle("NN\x93") == "is damaged: a global has no name at byte 3.");
    CHECK(error_of_pickle("\x95" + std::string(8, '\1')) ==
          "is damaged: a frame is longer than what follows at byte 9.");
    CHECK(error_of_pickle("\x8c\x01\xff.") == "is damaged: a text is not UTF-8 at byte 3.");
    CHECK(error_of_pickle("}(NNu.") == "has a dict with a key that is neither a text nor an integer.");
    CHECK(error_of_pickle("NQ.") == "has a storage without a tensor as ''.");
    CHECK(error_of_pickle("}(\x8c\x01"
                          "aN\x8c\x01"
                          "aNu.") == "has two values of the name 'a'.");
  }

  TEST_CASE("torch::load: pickles that would take all memory, time or stack") {
    // Texts of lengths that the file has not.
    CHECK(error_of_pickle("X\xff\xff\xff\xff") == "is damaged: it ends too early at byte 5.");
    CHECK(error_of_pickle("\x8d" + std::string(8, '\xff')) == "is damaged: it ends too early at byte 9.");
    CHECK(error_of_pickle("\x8b\xff\xff\xff\xff") == "holds an integer of more than 64 bits.");
    // Deep nesting, in the pickle and of the values.
    CHECK(error_of_pickle(std::string(1'000'000, '(')) == "is nested more deeply than 256 levels.");
    CHECK(error_of_pickle(std::string(100'000, ']') + repeated("a", 99'999) + ".") ==
          "is nested more deeply than 64 levels.");
    // A list that contains itself.
    CHECK(error_of_pickle("]q\x01h\x01"
                          "a.") == "is nested more deeply than 64 levels.");
    // Lists of ten times the list before: 10^20 values of 20 lists.
    std::string laughs = "]q\x01";
    for (int i = 1; i <= 20; ++i)
      laughs += "]q" + std::string(1, static_cast<char>(i + 1)) + "(" +
                repeated("h" + std::string(1, static_cast<char>(i)), 10) + "e";
    CHECK(error_of_pickle(laughs + ".") ==
          "holds the same values again and again, or more of them than any state dict.");
    // Many values, many references and many things to remember in a byte each.
    CHECK(error_of_pickle("](" + std::string(1'100'000, 'N') + "e.") ==
          "holds more than 1048576 values; a state dict takes about 20 for each tensor.");
    CHECK(error_of_pickle("](Nq\x01" + repeated("h\x01", 1'100'000) + "e.") ==
          "holds the same values again and again, or more of them than any state dict.");
    CHECK(error_of_pickle("N" + std::string(1'100'000, '\x94')) ==
          "remembers more values than a state dict holds.");
    // A call of a long list of arguments, again and again, shares them.
    const std::string calls = global("torch", "Size") + "q\x01" + "(" + std::string(1'000'000, 'N') +
                              "tq\x02" + repeated("h\x01h\x02R", 40'000) + ".";
    CHECK(error_of_pickle(calls) == "");
  }

  TEST_CASE("torch::load: compressed archives are refused before they are unpacked") {
    // A folder m with a data.pkl of 1004 bytes, packed by Python's zipfile.
    const Bytes packed{80,  75, 3,   4,   20,  0,   0,   0,   8,   0,   0,   0,   33,  0,   27, 101, 5,
                       107, 14, 0,   0,   0,   236, 3,   0,   0,   10,  0,   0,   0,   109, 47, 100, 97,
                       116, 97, 46,  112, 107, 108, 107, 96,  242, 51,  24,  133, 163, 112, 20, 14,  123,
                       168, 7,  0,   80,  75,  1,   2,   20,  3,   20,  0,   0,   0,   8,   0,  0,   0,
                       33,  0,  27,  101, 5,   107, 14,  0,   0,   0,   236, 3,   0,   0,   10, 0,   0,
                       0,   0,  0,   0,   0,   0,   0,   0,   0,   128, 1,   0,   0,   0,   0,  109, 47,
                       100, 97, 116, 97,  46,  112, 107, 108, 80,  75,  5,   6,   0,   0,   0,  0,   1,
                       0,   1,  0,   56,  0,   0,   0,   54,  0,   0,   0,   0,   0};
    CHECK(
        error_of([&] { read(packed); }) ==
        "[torch::load] file: is compressed, which torch.save never does; unpack it and pack it with zip -0.");
  }
}
