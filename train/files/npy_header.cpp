// See npy_header.h.
#include "train/files/npy_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace hekla::files {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t longest = 1 << 20;  // of a header; NumPy itself stops at 10,000 bytes
constexpr std::size_t alignment = 64;       // of the elements in the file

struct Name {
  std::string_view text;
  StoredType type;
};
constexpr std::array<Name, 12> names = {{{"f8", StoredType::f64},
                                         {"f4", StoredType::f32},
                                         {"f2", StoredType::f16},
                                         {"i8", StoredType::i64},
                                         {"i4", StoredType::i32},
                                         {"i2", StoredType::i16},
                                         {"i1", StoredType::i8},
                                         {"u8", StoredType::u64},
                                         {"u4", StoredType::u32},
                                         {"u2", StoredType::u16},
                                         {"u1", StoredType::u8},
                                         {"b1", StoredType::boolean}}};

// Parses the dictionary, which needs only this much of Python: strings, True, False, tuples of numbers.
class Dictionary {
 public:
  Dictionary(const Source& source, std::string_view text, NpyHeader& header)
      : source_(source), text_(text), header_(header) {}

  void read() {
    expect('{');
    while (!take('}')) {
      const std::string key = string();
      if (!keys_.insert(key).second) fail(fmt::format("has the key {} twice", in_quotes(key)));
      expect(':');
      if (key == "descr")
        descr();
      else if (key == "fortran_order")
        header_.fortran_order = truth();
      else if (key == "shape")
        shape();
      else
        fail(fmt::format("has the key {}", in_quotes(key)));
      if (!take(',') && peek() != '}') fail(fmt::format("lacks a comma at byte {}", at_));
    }
    if (peek() != '\0') fail(fmt::format("goes on after the dictionary at byte {}", at_));
    if (keys_.size() != 3) fail(fmt::format("has {} keys", keys_.size()));
  }

 private:
  [[noreturn]] void fail(std::string_view text) const {
    source_.fail(fmt::format("its header {}; it is a dictionary of descr, fortran_order and shape.", text));
  }

  // The next non-blank character, or '\0' at the end.
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail(fmt::format("lacks {} at byte {}", c, at_));
  }

  std::string string() {
    const char quote = peek();
    const std::size_t end = text_.find(quote, at_ + 1);
    if ((quote != '\'' && quote != '"') || end == std::string_view::npos)
      fail(fmt::format("lacks a string at byte {}", at_));
    const std::string_view found = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return std::string(found);
  }

  bool truth() {
    peek();
    for (const auto& [word, value] : {std::pair("True", true), std::pair("False", false)}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += std::string_view(word).size();
      return value;
    }
    fail(fmt::format("lacks True or False at byte {}", at_));
  }

  std::uint64_t number() {
    peek();
    const std::size_t start = at_;
    std::uint64_t number = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (number > UINT64_MAX / 10 - 1) fail("has a size that cannot be counted");
      number = number * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
    }
    if (at_ == start) fail(fmt::format("lacks a number at byte {}", at_));
    take('L');  // suffix of long integers in Python 2
    return number;
  }

  void shape() {
    std::vector<std::uint64_t> sizes;
    expect('(');
    while (!take(')')) {
      sizes.push_back(number());
      if (!take(',') && peek() != ')') fail(fmt::format("lacks a comma at byte {}", at_));
    }
    header_.shape = checked_shape(source_, "array", sizes);
  }

  void descr() {
    if (peek() == '[') source_.fail("holds records of several fields; arrays of plain numbers are read.");
    const std::string text = string();
    const std::string_view type = std::string_view(text).substr(std::min<std::size_t>(1, text.size()));
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const Name& n) { return n.text == type; });
    const bool ordered = text.starts_with('<') || text.starts_with('>') || text.starts_with('=');
    if (found == names.end() || (!ordered && !(text.starts_with('|') && size_of(found->type) == 1)))
      source_.fail(fmt::format("holds elements of dtype {}; floats, integers and truth values are read.",
                               in_quotes(text)));
    header_.type = found->type;
    header_.big_endian = text.starts_with('>');
  }

  const Source& source_;
  std::string_view text_;
  NpyHeader& header_;
  std::size_t at_ = 0;
  std::set<std::string> keys_;
};

}  // namespace

NpyHeader read_npy_header(Source& source) {
  const std::vector<std::byte> start = source.read(0, std::min<std::uint64_t>(source.size(), 8));
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  if (!text.starts_with(magic) || start.size() < 8)
    source.fail("does not start with \\x93NUMPY; it is no .npy file.");
  const int version = std::to_integer<int>(start[6]);
  if (version < 1 || version > 3)
    source.fail(fmt::format("is of version {}.{}; versions 1 to 3 are read.", version,
                            std::to_integer<int>(start[7])));
  const std::uint64_t counted = version == 1 ? 2 : 4;
  const std::uint64_t length = little_endian(source.read(8, counted));
  if (length > longest)
    source.fail(fmt::format("announces a header of {} bytes; more than {} make no sense.", length, longest));
  const std::vector<std::byte> bytes = source.read(8 + counted, length);
  NpyHeader header;
  header.length = 8 + counted + length;
  Dictionary(source, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, header).read();
  return header;
}

std::string npy_header(StoredType type, const Shape& shape) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const Name& n) { return n.type == type; });
  // Python writes a tuple of one element with a comma after it.
  std::string text = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                 size_of(type) == 1 ? '|' : '<', found->text,
                                 fmt::join(shape.begin(), shape.end(), ", "), shape.rank() == 1 ? "," : "");
  const std::size_t before = magic.size() + 4;
  const std::size_t whole = (before + text.size() + 1 + alignment - 1) / alignment * alignment;
  text.resize(whole - before - 1, ' ');
  text += '\n';
  std::string header(magic);
  header += {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace hekla::files
