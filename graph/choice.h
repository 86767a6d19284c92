// Choosing by name: of losses, layers' options, environment variables. The case of letters does not count.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hekla {

/// `text` with A to Z as a to z.
std::string lower_case(std::string_view text);

/// "'name' is unknown; choose one of a, b, c."
std::string unknown_name(std::string_view name, const std::vector<std::string_view>& known);
/// Throws hekla::Error `[owner] what 'name' is unknown; ...`; `what` may be empty.
[[noreturn]] void throw_unknown_name(std::string_view owner, std::string_view what, std::string_view name,
                                     const std::vector<std::string_view>& known);

/// The entry of `table` called `name`, or its end. `name_of` gives an entry's name, in small letters.
template <class Table, class NameOf>
auto find_name(const Table& table, std::string_view name, const NameOf& name_of) {
  const std::string wanted = lower_case(name);
  return std::find_if(std::begin(table), std::end(table),
                      [&](const auto& entry) { return std::invoke(name_of, entry) == wanted; });
}

/// The names of `table`, in its order.
template <class Table, class NameOf>
std::vector<std::string_view> names_of(const Table& table, const NameOf& name_of) {
  std::vector<std::string_view> names;
  for (const auto& entry : table) names.push_back(std::invoke(name_of, entry));
  return names;
}

/// What stands beside `name` in a table of pairs. Throws hekla::Error as throw_unknown_name.
template <class Table>
const auto& choose(std::string_view owner, std::string_view name, const Table& table,
                   std::string_view what = {}) {
  const auto name_of = [](const auto& entry) -> std::string_view { return entry.first; };
  const auto found = find_name(table, name, name_of);
  if (found == std::end(table)) throw_unknown_name(owner, what, name, names_of(table, name_of));
  return found->second;
}

}  // namespace hekla
