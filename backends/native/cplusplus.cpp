#include "backends/native/cplusplus.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "backends/common/pattern.h"

namespace hekla::native {

namespace {

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool continues_name(char c) { return starts_name(c) || is_digit(c); }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Keywords of C++ that are neither keywords of GLSL nor reserved by it.
constexpr std::array keywords{"alignas",  "alignof",  "and",          "and_eq",      "auto",      "bitand",
                              "bitor",    "catch",    "char",         "compl",       "constexpr", "decltype",
                              "delete",   "explicit", "export",       "friend",      "mutable",   "new",
                              "noexcept", "not",      "not_eq",       "nullptr",     "operator",  "or",
                              "or_eq",    "private",  "protected",    "register",    "signed",    "throw",
                              "try",      "typeid",   "thread_local", "typename",    "virtual",   "wchar_t",
                              "xor",      "xor_eq",   "public",       "static_cast", "const_cast"};
constexpr std::array dropped{"in", "highp", "mediump", "lowp"};

class Translator {
 public:
  explicit Translator(std::string_view glsl) : text_(glsl) {}

  std::string run() {
    while (!is_at_end()) token();
    return std::move(result_);
  }

 private:
  bool is_at_end() const { return at_ >= text_.size(); }
  char next(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : ' '; }

  void token() {
    const char c = next();
    if (c == '/' && next(1) == '/') {
      copy_to(text_.find('\n', at_));
    } else if (c == '/' && next(1) == '*') {
      const std::size_t end = text_.find("*/", at_ + 2);
      copy_to(end == text_.npos ? end : end + 2);
    } else if (c == '/' || c == '%') {
      division();
    } else if (starts_name(c)) {
      name();
    } else if (is_digit(c) || (c == '.' && is_digit(next(1)))) {
      number();
    } else {
      other(c);
    }
  }

  // The processor traps where an integer is divided by 0: hk_divisor() of the prelude makes that harmless.
  void division() {
    copy_to(at_ + 1);
    if (next() == '=') {
      copy_to(at_ + 1);
      result_ += " hk_divisor(";
      const std::size_t depth = open_.size();
      while (!is_at_end() && next() != ';' && !(open_.size() == depth && (next() == ')' || next() == ',')))
        token();
      result_ += ')';
      return;
    }
    copy_spaces();
    result_ += "hk_divisor(";
    unary_expression();
    result_ += ')';
  }

  void copy_spaces() {
    while (!is_at_end() && is_space(next())) copy_to(at_ + 1);
  }

  void unary_expression() {
    while (!is_at_end() && std::string_view("+-~! ").find(next()) != std::string_view::npos) copy_to(at_ + 1);
    if (next() == '{') {
      copy_to(text_.find('}', at_) + 1);  // an operand
    } else if (next() == '(') {
      group();
    } else if (!is_at_end()) {
      token();
    }
    while (!is_at_end()) {
      std::size_t i = at_;
      while (i < text_.size() && is_space(text_[i])) ++i;
      const char c = i < text_.size() ? text_[i] : ' ';
      if (c == '(' || c == '[') {
        copy_to(i);
        group();
      } else if (c == '.' && i + 1 < text_.size() && starts_name(text_[i + 1])) {
        copy_to(i + 1);
        name();
      } else {
        return;
      }
    }
  }

  // What is in parentheses or brackets, with these.
  void group() {
    const std::size_t depth = open_.size();
    int brackets = 0;
    do {
      if (next() == '[') ++brackets;
      if (next() == ']') --brackets;
      token();
    } while (!is_at_end() && (open_.size() > depth || brackets > 0));
  }

  void copy_to(std::size_t end) {
    end = std::min(end, text_.size());
    result_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  void name() {
    std::size_t end = at_;
    while (end < text_.size() && continues_name(text_[end])) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (std::ranges::find(dropped, word) != dropped.end()) {
      at_ = end;
      return;
    }
    if (word == "out" || word == "inout") {
      is_reference_ = true;
      at_ = end;
      return;
    }
    if (const std::size_t list = array_list(end); list != text_.npos) {
      result_ += '{';
      open_.push_back('}');
      at_ = list;
      return;
    }
    copy_to(end);
    if (std::ranges::find(keywords, word) != keywords.end()) result_ += '_';
    if (is_reference_) result_ += '&';
    is_reference_ = false;
  }

  // Where `float[3](` ends, whose name ended at `after`.
  std::size_t array_list(std::size_t after) const {
    const auto skip = [&](std::size_t i) {
      while (i < text_.size() && is_space(text_[i])) ++i;
      return i;
    };
    std::size_t i = skip(after);
    if (i >= text_.size() || text_[i] != '[') return text_.npos;
    i = text_.find(']', i);
    if (i == text_.npos) return i;
    i = skip(i + 1);
    return i < text_.size() && text_[i] == '(' ? i + 1 : text_.npos;
  }

  void number() {
    std::size_t end = at_;
    const bool is_hexadecimal = text_.substr(at_, 2) == "0x" || text_.substr(at_, 2) == "0X";
    bool is_float = false;
    while (end < text_.size()) {
      const char c = text_[end];
      const bool is_exponent = !is_hexadecimal && (c == 'e' || c == 'E');
      if (c == '.' || is_exponent) is_float = true;
      if (!(c == '.' || std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == 'x' || c == 'X')) break;
      if (!is_hexadecimal && (c == 'f' || c == 'F')) break;
      ++end;
      if (is_exponent && end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
    }
    copy_to(end);
    if (text_.substr(at_, 2) == "lf" || text_.substr(at_, 2) == "LF") at_ += 2;
    if (at_ < text_.size() && (text_[at_] == 'f' || text_[at_] == 'F')) {
      ++at_;
      if (!is_float) result_ += '.';
      is_float = true;
    }
    if (is_float) result_ += 'f';
  }

  void other(char c) {
    if (c == '(') open_.push_back(')');
    if (c == ')' && !open_.empty()) {
      c = open_.back();
      open_.pop_back();
    }
    result_ += c;
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string result_;
  bool is_reference_ = false;  // the next name is the type of an `out` parameter
  std::vector<char> open_;     // what closes the open parentheses
};

}  // namespace

std::string cplusplus_of(std::string_view glsl) { return Translator(glsl).run(); }

std::string type_name(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      return "float";
    case DType::i32:
      return "int";
    case DType::u32:
    case DType::u8:
      return "uint";
    case DType::boolean:
      return "bool";
  }
  return "?";
}

std::string memory_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "float";
    case DType::f16:
    case DType::bf16:
      return "ushort";
    case DType::i32:
      return "int";
    case DType::u32:
    case DType::boolean:
      return "uint";
    case DType::u8:
      return "uchar";
  }
  return "?";
}

std::string literal(double number, DType dtype) { return backend::literal(number, dtype, "f"); }

}  // namespace hekla::native
