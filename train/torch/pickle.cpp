// See pickle.h. Memory is bounded by limits of its own and by the length of the pickle, never by a number in
// it.
#include "train/torch/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include "train/utf8.h"

namespace hekla::torch {

namespace {

constexpr std::size_t most_values = std::size_t{1} << 20, most_marks = 256;
constexpr std::uint64_t latest_protocol = 5;

using Number = std::uint32_t;

// The machine of the format: operations of a byte, a stack, and a memo of values that occur again.
class Machine {
 public:
  Machine(const files::Source& source, std::span<const std::byte> bytes, bool (*is_known)(std::string_view))
      : source_(source), bytes_(bytes), is_known_(is_known) {}

  Pickle run() {
    while (step(static_cast<unsigned char>(take(1)[0]))) {
    }
    const Number root = pop();
    return {std::move(values_), root};
  }

 private:
  [[noreturn]] void damaged(std::string_view what) const {
    source_.fail(fmt::format("is damaged: {} at byte {}.", what, at_));
  }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > bytes_.size() - at_) damaged("it ends too early");
    const auto taken = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
  }

  std::uint64_t number(std::size_t bytes) { return files::little_endian(take(bytes)); }

  std::string text(std::uint64_t bytes) {
    const auto taken = take(bytes);
    std::string result(reinterpret_cast<const char*>(taken.data()), taken.size());
    if (!is_utf8(result)) damaged("a text is not UTF-8");
    return result;
  }

  std::string line() {
    const auto rest = bytes_.subspan(at_);
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    std::string result = text(static_cast<std::uint64_t>(end - rest.begin()));
    take(1);
    return result;
  }

  void push(PickleValue value) {
    if (values_.size() == most_values)
      source_.fail(fmt::format("holds more than {} values; a state dict takes about 20 for each tensor.",
                               most_values));
    stack_.push_back(static_cast<Number>(values_.size()));
    values_.push_back(std::move(value));
  }

  std::size_t bottom() const { return marks_.empty() ? 0 : marks_.back(); }

  Number pop() {
    if (stack_.size() <= bottom()) damaged("a value is taken where there is none");
    const Number top = stack_.back();
    stack_.pop_back();
    return top;
  }

  std::vector<Number> pop_to_mark() {
    if (marks_.empty()) damaged("there is no mark");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Number> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }

  std::vector<Number> pop_last(std::size_t count) {
    std::vector<Number> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }

  void push_tuple(std::vector<Number> items) {
    push({.kind = PickleKind::tuple, .integer = 0, .real = 0, .text = {}, .items = std::move(items)});
  }
  void push_text(std::uint64_t bytes) {
    push({.kind = PickleKind::text, .integer = 0, .real = 0, .text = text(bytes), .items = {}});
  }
  void push_integer(std::int64_t value, PickleKind kind = PickleKind::integer) {
    push({.kind = kind, .integer = value, .real = 0, .text = {}, .items = {}});
  }
  void push_empty(PickleKind kind) { push({.kind = kind, .integer = 0, .real = 0, .text = {}, .items = {}}); }

  // Appends to the list or dict on top of the stack.
  void extend(PickleKind kind, const std::vector<Number>& items) {
    const Number top = pop();
    PickleValue& target = values_[top];
    if (target.kind != kind || (kind == PickleKind::dict && items.size() % 2 != 0))
      damaged("elements have no list or dict to go to");
    target.items.insert(target.items.end(), items.begin(), items.end());
    stack_.push_back(top);
  }

  void push_long(std::uint64_t bytes) {
    if (bytes > 8) source_.fail("holds an integer of more than 64 bits.");
    const std::uint64_t low = number(static_cast<std::size_t>(bytes));
    const int unused = 64 - 8 * static_cast<int>(bytes);
    // Two's complement of so many bytes.
    push_integer(bytes == 0 ? 0 : static_cast<std::int64_t>(low << unused) >> unused);
  }

  void push_global(const std::string& module, const std::string& name) {
    std::string whole = module + "." + name;
    if (!is_known_(whole))
      source_.fail(
          fmt::format("names {}, which is no part of a state dict; nothing that a file names is run. In "
                      "Python, load it and save its tensors: torch.save(model.state_dict(), path).",
                      files::in_quotes(whole)));
    push({.kind = PickleKind::global, .integer = 0, .real = 0, .text = std::move(whole), .items = {}});
  }

  void reduce() {
    const Number arguments = pop(), function = pop();
    if (values_[function].kind != PickleKind::global || values_[arguments].kind != PickleKind::tuple)
      damaged("what is called is no function with arguments");
    push({.kind = PickleKind::call,
          .integer = 0,
          .real = 0,
          .text = values_[function].text,
          .items = {arguments}});
    PickleValue& made = values_.back();
    if (made.text == "collections.OrderedDict") {
      if (!values_[arguments].items.empty()) damaged("an OrderedDict has arguments");
      made.kind = PickleKind::dict;
      made.items.clear();
    }
  }

  // The state of an OrderedDict is what PyTorch adds to a state dict, versions of modules: left out.
  void build() {
    pop();
    const Number target = pop();
    if (values_[target].kind != PickleKind::dict)
      source_.fail("sets the state of an object other than a dict.");
    stack_.push_back(target);
  }

  void remember(std::uint64_t place) {
    const Number top = pop();
    stack_.push_back(top);
    memo_[place] = top;
    if (memo_.size() > most_values) source_.fail("remembers more values than a state dict holds.");
  }

  void recall(std::uint64_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) damaged("a value is referred to before it is there");
    stack_.push_back(found->second);
  }

  bool step(unsigned char operation);

  const files::Source& source_;
  std::span<const std::byte> bytes_;
  bool (*is_known_)(std::string_view);
  std::size_t at_ = 0;
  std::vector<PickleValue> values_;
  std::vector<Number> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Number> memo_;
};

// Returns whether another operation follows. The comments are the names of pickletools.
bool Machine::step(unsigned char operation) {
  switch (operation) {
    case 0x80:  // PROTO
      if (const std::uint64_t protocol = number(1); protocol < 2 || protocol > latest_protocol)
        source_.fail(fmt::format("is of pickle protocol {}; 2 to {} are read.", protocol, latest_protocol));
      break;
    case 0x95:  // FRAME
      if (number(8) > bytes_.size() - at_) damaged("a frame is longer than what follows");
      break;
    case '.':  // STOP
      return false;
    case '(':  // MARK
      if (marks_.size() == most_marks)
        source_.fail(fmt::format("is nested more deeply than {} levels.", most_marks));
      marks_.push_back(stack_.size());
      break;
    case '0':  // POP
      pop();
      break;
    case '1':  // POP_MARK
      pop_to_mark();
      break;
    case 'N':  // NONE
      push_empty(PickleKind::none);
      break;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      push_integer(operation == 0x88, PickleKind::boolean);
      break;
    case 'K':  // BININT1
      push_integer(static_cast<std::int64_t>(number(1)));
      break;
    case 'M':  // BININT2
      push_integer(static_cast<std::int64_t>(number(2)));
      break;
    case 'J':  // BININT
      push_integer(static_cast<std::int32_t>(number(4)));
      break;
    case 0x8a:  // LONG1
      push_long(number(1));
      break;
    case 0x8b:  // LONG4
      push_long(number(4));
      break;
    case 'G': {  // BINFLOAT, big-endian
      std::uint64_t bits = 0;
      for (const std::byte byte : take(8)) bits = bits << 8 | std::to_integer<std::uint64_t>(byte);
      push_empty(PickleKind::real);
      values_.back().real = std::bit_cast<double>(bits);
      break;
    }
    case 0x8c:  // SHORT_BINUNICODE
      push_text(number(1));
      break;
    case 'X':  // BINUNICODE
      push_text(number(4));
      break;
    case 0x8d:  // BINUNICODE8
      push_text(number(8));
      break;
    case ']':  // EMPTY_LIST
      push_empty(PickleKind::list);
      break;
    case '}':  // EMPTY_DICT
      push_empty(PickleKind::dict);
      break;
    case ')':  // EMPTY_TUPLE
      push_empty(PickleKind::tuple);
      break;
    case 't':  // TUPLE
      push_tuple(pop_to_mark());
      break;
    case 0x85:  // TUPLE1
    case 0x86:  // TUPLE2
    case 0x87:  // TUPLE3
      push_tuple(pop_last(operation - 0x84u));
      break;
    case 'a':  // APPEND
      extend(PickleKind::list, pop_last(1));
      break;
    case 'e':  // APPENDS
      extend(PickleKind::list, pop_to_mark());
      break;
    case 's':  // SETITEM
      extend(PickleKind::dict, pop_last(2));
      break;
    case 'u':  // SETITEMS
      extend(PickleKind::dict, pop_to_mark());
      break;
    case 'c': {  // GLOBAL
      const std::string module = line(), name = line();
      push_global(module, name);
      break;
    }
    case 0x93: {  // STACK_GLOBAL
      const Number name = pop(), module = pop();
      if (values_[name].kind != PickleKind::text || values_[module].kind != PickleKind::text)
        damaged("a global has no name");
      push_global(values_[module].text, values_[name].text);
      break;
    }
    case 'R':  // REDUCE
      reduce();
      break;
    case 'b':  // BUILD
      build();
      break;
    case 'Q': {  // BINPERSID
      const Number id = pop();
      push_empty(PickleKind::persistent);
      values_.back().items = {id};
      break;
    }
    case 'q':  // BINPUT
      remember(number(1));
      break;
    case 'r':  // LONG_BINPUT
      remember(number(4));
      break;
    case 0x94:  // MEMOIZE
      remember(memo_.size());
      break;
    case 'h':  // BINGET
      recall(number(1));
      break;
    case 'j':  // LONG_BINGET
      recall(number(4));
      break;
    default:
      source_.fail(fmt::format(
          "has the pickle operation {:#04x} at byte {}, which no state dict needs; it is damaged or holds "
          "other objects. In Python, load it and save its tensors.",
          operation, at_ - 1));
  }
  return true;
}

}  // namespace

Pickle read_pickle(const files::Source& source, std::span<const std::byte> bytes,
                   bool (*is_known)(std::string_view)) {
  return Machine(source, bytes, is_known).run();
}

}  // namespace hekla::torch
