// Positions: checks that element counts and index expressions stay within 32 bits.
#include "graph/compiler/positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "graph/error.h"

namespace hekla::compiler {

namespace {

constexpr std::int64_t most_unsigned = std::numeric_limits<std::uint32_t>::max();

std::string named(const Node& node) {
  return fmt::format("{} {}{}", node.label.empty() ? node.op->name : std::string_view(node.label),
                     name(node.dtype), to_string(node.shape));
}

// Interval analysis for overflow: the largest value beyond 32 bits that computing `a` would have to hold; 0
// where there is none. Sums wrap around, so only values needed exactly count: those divided, as unsigned
// numbers, and those clamped.
std::int64_t excess(const Index& a, std::int64_t highest) {
  if (a.high() > highest) return a.high();
  if (a.low() < -most_positions) return -a.low();
  std::int64_t largest = 0;
  for (const Index::Term& term : a.terms()) {
    const Index::Atom& atom = *term.atom;
    const bool is_divided =
        atom.kind == Index::Atom::Kind::quotient || atom.kind == Index::Atom::Kind::remainder;
    const bool is_leaf = atom.kind == Index::Atom::Kind::axis || atom.kind == Index::Atom::Kind::computed ||
                         atom.kind == Index::Atom::Kind::iteration;
    if (is_leaf && atom.high > most_positions) largest = std::max(largest, atom.high);
    if (!is_leaf)
      largest = std::max(largest, excess(atom.inner, is_divided ? most_unsigned : most_positions));
  }
  return largest;
}

}  // namespace

bool can_be_stored(const Node& node, std::int64_t most_bytes) {
  const std::int64_t count = node.shape.count();
  return count <= most_positions && count * static_cast<std::int64_t>(size_of(node.dtype)) <= most_bytes;
}

void check_count(std::int64_t count, const Node& node, const char* does) {
  if (count <= most_positions) return;
  throw Error(fmt::format(
      "[compile] {} {}, {} elements; kernels count to {}: fold it to something smaller where it is made, "
      "or compute it in parts.",
      named(node), does, count, most_positions));
}

void check_index(const Index& index, const Node& node, std::int64_t highest) {
  const std::int64_t beyond = excess(index, highest);
  if (beyond == 0) return;
  throw Error(fmt::format(
      "[compile] {} is asked for position {}; kernels count to {}: keep its axes apart until it is folded "
      "(a reshape that joins large axes needs their product), or compute it in parts.",
      named(node), beyond, most_positions));
}

}  // namespace hekla::compiler
