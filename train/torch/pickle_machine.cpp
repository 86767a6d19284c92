// See pickle_machine.h.
#include "train/torch/pickle_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "train/utf8.h"

namespace hekla::torch {

namespace {

constexpr std::size_t most_values = std::size_t{1} << 20, most_marks = 256;

}  // namespace

PickleMachine::PickleMachine(const files::Source& source, std::span<const std::byte> bytes,
                             bool (*is_known)(std::string_view))
    : source_(source), bytes_(bytes), is_known_(is_known) {}

void PickleMachine::damaged(std::string_view what) const {
  source_.fail(fmt::format("is damaged: {} at byte {}.", what, at_));
}

std::span<const std::byte> PickleMachine::take(std::uint64_t count) {
  if (count > left()) damaged("it ends too early");
  const auto taken = bytes_.subspan(at_, static_cast<std::size_t>(count));
  at_ += taken.size();
  return taken;
}

std::uint64_t PickleMachine::number(std::size_t bytes) { return files::little_endian(take(bytes)); }

std::string PickleMachine::text(std::uint64_t bytes) {
  const auto taken = take(bytes);
  std::string result(reinterpret_cast<const char*>(taken.data()), taken.size());
  if (!is_utf8(result)) damaged("a text is not UTF-8");
  return result;
}

std::string PickleMachine::line() {
  const auto rest = bytes_.subspan(at_);
  const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
  std::string result = text(static_cast<std::uint64_t>(end - rest.begin()));
  take(1);
  return result;
}

void PickleMachine::add(PickleValue value) {
  if (values_.size() == most_values)
    source_.fail(
        fmt::format("holds more than {} values; a state dict takes about 20 for each tensor.", most_values));
  stack_.push_back(static_cast<Number>(values_.size()));
  values_.push_back(std::move(value));
}

void PickleMachine::push(PickleKind kind) {
  PickleValue value;
  value.kind = kind;
  add(std::move(value));
}

void PickleMachine::push_integer(std::int64_t value, PickleKind kind) {
  push(kind);
  values_.back().integer = value;
}

void PickleMachine::push_long(std::uint64_t bytes) {
  if (bytes > 8) source_.fail("holds an integer of more than 64 bits.");
  const std::uint64_t low = number(static_cast<std::size_t>(bytes));
  const int unused = 64 - 8 * static_cast<int>(bytes);
  push_integer(bytes == 0 ? 0 : static_cast<std::int64_t>(low << unused) >> unused);
}

void PickleMachine::push_real(double value) {
  push(PickleKind::real);
  values_.back().real = value;
}

void PickleMachine::push_text(std::uint64_t bytes) {
  std::string value = text(bytes);
  push(PickleKind::text);
  values_.back().text = std::move(value);
}

void PickleMachine::push_tuple(std::vector<Number> items) {
  push(PickleKind::tuple);
  values_.back().items = std::move(items);
}

void PickleMachine::push_persistent() {
  const Number id = pop();
  push(PickleKind::persistent);
  values_.back().items = {id};
}

void PickleMachine::push_global(const std::string& module, const std::string& name) {
  std::string whole = module + "." + name;
  if (!is_known_(whole))
    source_.fail(
        fmt::format("names {}, which is no part of a state dict; nothing that a file names is run. In "
                    "Python, load it and save its tensors: torch.save(model.state_dict(), path).",
                    files::in_quotes(whole)));
  push(PickleKind::global);
  values_.back().text = std::move(whole);
}

void PickleMachine::push_named_global() {
  const Number name = pop(), module = pop();
  if (values_[name].kind != PickleKind::text || values_[module].kind != PickleKind::text)
    damaged("a global has no name");
  push_global(values_[module].text, values_[name].text);
}

PickleMachine::Number PickleMachine::pop() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) damaged("a value is taken where there is none");
  const Number top = stack_.back();
  stack_.pop_back();
  return top;
}

std::vector<PickleMachine::Number> PickleMachine::pop_last(std::size_t count) {
  std::vector<Number> items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  return items;
}

void PickleMachine::mark() {
  if (marks_.size() == most_marks)
    source_.fail(fmt::format("is nested more deeply than {} levels.", most_marks));
  marks_.push_back(stack_.size());
}

std::vector<PickleMachine::Number> PickleMachine::pop_to_mark() {
  if (marks_.empty()) damaged("there is no mark");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Number> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

void PickleMachine::extend(PickleKind kind, const std::vector<Number>& items) {
  const Number top = pop();
  PickleValue& target = values_[top];
  if (target.kind != kind || (kind == PickleKind::dict && items.size() % 2 != 0))
    damaged("elements have no list or dict to go to");
  target.items.insert(target.items.end(), items.begin(), items.end());
  stack_.push_back(top);
}

void PickleMachine::reduce() {
  const Number arguments = pop(), function = pop();
  if (values_[function].kind != PickleKind::global || values_[arguments].kind != PickleKind::tuple)
    damaged("what is called is no function with arguments");
  if (values_[function].text == "collections.OrderedDict") {
    if (!values_[arguments].items.empty()) damaged("an OrderedDict has arguments");
    return push(PickleKind::dict);
  }
  push(PickleKind::call);
  values_.back().text = values_[function].text;
  values_.back().items = {arguments};
}

void PickleMachine::build() {
  pop();
  const Number target = pop();
  if (values_[target].kind != PickleKind::dict)
    source_.fail("sets the state of an object other than a dict.");
  stack_.push_back(target);
}

void PickleMachine::remember(std::uint64_t place) {
  const Number top = pop();
  stack_.push_back(top);
  memo_[place] = top;
  if (memo_.size() > most_values) source_.fail("remembers more values than a state dict holds.");
}

void PickleMachine::recall(std::uint64_t place) {
  const auto found = memo_.find(place);
  if (found == memo_.end()) damaged("a value is referred to before it is there");
  stack_.push_back(found->second);
}

Pickle PickleMachine::finish() {
  const Number root = pop();
  return {std::move(values_), root};
}

}  // namespace hekla::torch
