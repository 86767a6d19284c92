// The part of Python's pickle format that torch.save uses, read into a tree of values. Nothing is run: a call
// of a function stays a description of that call. The format: Python's Lib/pickletools.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/files/source.h"

namespace hekla::torch {

/// What a value of a pickle is.
enum class PickleKind : std::uint8_t {
  none,
  boolean,
  integer,
  real,
  text,
  global,  ///< a name of Python's, "collections.OrderedDict"
  tuple,
  list,
  dict,
  call,       ///< of a global with arguments
  persistent  ///< what the file keeps elsewhere
};

/// One value. Values refer to each other by their numbers, so that a list that contains itself does no harm.
struct PickleValue {
  PickleKind kind = PickleKind::none;
  std::int64_t integer = 0;  ///< of an integer or a boolean
  double real = 0;
  std::string text;  ///< of a text; the name of a global or of what is called
  /// Elements of a tuple or a list; keys and values of a dict by turns; the tuple of a call's arguments; the
  /// id of what is kept elsewhere.
  std::vector<std::uint32_t> items;
};

/// All values of a pickle, and which is the outermost.
struct Pickle {
  std::vector<PickleValue> values;
  std::uint32_t root = 0;

  const PickleValue& operator[](std::uint32_t number) const { return values[number]; }
};

/// Reads protocol 2, and 3 to 5 as far as torch.save writes them. Fails as `source` does, which holds the same
/// bytes, on damage, on more than 2^20 values, on an operation that state dicts do without, and on a global
/// for which `is_known` is false.
Pickle read_pickle(const files::Source& source, std::span<const std::byte> bytes,
                   bool (*is_known)(std::string_view));

}  // namespace hekla::torch
