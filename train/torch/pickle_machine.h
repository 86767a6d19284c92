// The machine that reads a pickle: a stack, and a memo of values that occur again. pickle.cpp has its operations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "train/torch/pickle.h"

namespace hekla::torch {

/// Every function fails as the source does on damage and beyond the limits of pickle_machine.cpp. Memory is
/// bounded by these and by the length of the pickle, never by a number in it.
class PickleMachine {
 public:
  using Number = std::uint32_t;  ///< of a value

  /// All of them must outlive this.
  PickleMachine(const files::Source& source, std::span<const std::byte> bytes,
                bool (*is_known)(std::string_view));

  std::size_t position() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  std::span<const std::byte> take(std::uint64_t count);
  std::uint64_t number(std::size_t bytes);
  std::string line();

  void push(PickleKind kind);
  void push_integer(std::int64_t value, PickleKind kind = PickleKind::integer);
  void push_long(std::uint64_t bytes);  ///< two's complement of so many bytes
  void push_real(double value);
  void push_text(std::uint64_t bytes);
  void push_tuple(std::vector<Number> items);
  void push_persistent();  ///< the id is on top
  void push_global(const std::string& module, const std::string& name);
  void push_named_global();  ///< module and name are on top

  Number pop();
  std::vector<Number> pop_last(std::size_t count);
  void mark();
  std::vector<Number> pop_to_mark();

  /// Appends to the list or dict on top.
  void extend(PickleKind kind, const std::vector<Number>& items);
  /// Calls the function below the arguments: a dict for OrderedDict, otherwise a description.
  void reduce();
  /// Drops the state on top. That of an OrderedDict is what PyTorch adds to a state dict: versions of modules.
  void build();
  void remember(std::uint64_t place);
  void remember_next() { remember(memo_.size()); }
  void recall(std::uint64_t place);

  /// The tree below the value on top.
  Pickle finish();

  [[noreturn]] void fail(std::string_view text) const { source_.fail(text); }
  [[noreturn]] void damaged(std::string_view what) const;

 private:
  void add(PickleValue value);
  std::string text(std::uint64_t bytes);

  const files::Source& source_;
  std::span<const std::byte> bytes_;
  bool (*is_known_)(std::string_view);
  std::size_t at_ = 0;
  std::vector<PickleValue> values_;
  std::vector<Number> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Number> memo_;
};

}  // namespace hekla::torch
