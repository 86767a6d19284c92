// Index: integer expressions over the axes of a loop nest, kept in a canonical linear form.
//
// A view says where each of its elements comes from as one Index per axis of its input. Views compose by
// substitution, and the canonical form makes the common compositions collapse: (4*i + c) / 4 is i, a reshape
// of a reshape back is the identity. All values are non-negative unless their range says otherwise; division
// and remainder round toward negative infinity.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/shape.h"

namespace hekla {

class Index {
 public:
  struct Atom;
  struct Term {
    std::int64_t coefficient;
    std::shared_ptr<const Atom> atom;
  };

  Index(std::int64_t constant = 0) : constant_(constant) {}

  /// The value of axis `id`, which runs over [0, extent). At most 64 axes: `id` is below 64.
  static Index axis(int id, std::int64_t extent);
  /// A number computed by the kernel (statement `id`), clamped to [0, extent); it varies with `axes`.
  static Index computed(int id, std::int64_t extent, std::uint64_t axes);
  /// The number of the present iteration of the loop (loop.h) at nesting depth `id`, in [0, count). The same for
  /// a whole kernel, so it varies with no axis, and substitute() leaves it alone.
  static Index iteration(int id, std::int64_t count);

  std::int64_t constant() const { return constant_; }
  const std::vector<Term>& terms() const { return terms_; }
  bool is_constant() const { return terms_.empty(); }

  /// The interval of possible values: smallest and largest.
  std::int64_t low() const;
  std::int64_t high() const;
  /// Bit `id` is set for every axis that the value varies with.
  std::uint64_t axes() const;
  std::size_t hash() const;
  bool operator==(const Index& other) const;

  /// Coefficient of axis `id` where it occurs only linearly; false where it is inside a division or a clamp.
  bool linear_in(int id, std::int64_t& coefficient) const;

 private:
  friend Index operator+(const Index&, const Index&);
  friend Index operator*(const Index&, std::int64_t);
  friend Index divide(const Index&, std::int64_t);
  friend Index modulo(const Index&, std::int64_t);
  friend Index clamp(const Index&, std::int64_t, std::int64_t);
  friend std::int64_t split_common(const Index&, std::int64_t, Index&, Index&);
  static Index of(std::shared_ptr<const Atom> atom);
  void add_term(std::int64_t coefficient, const std::shared_ptr<const Atom>& atom);
  void recombine();

  std::int64_t constant_;
  std::vector<Term> terms_;  // sorted by the atoms' order, no coefficient is zero
};

struct Index::Atom {
  enum class Kind { axis, computed, quotient, remainder, clamp, iteration };
  Kind kind;
  int id = 0;                // axis, computed and iteration
  Index inner = 0;           // quotient, remainder and clamp
  std::int64_t divisor = 1;  // quotient and remainder
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::uint64_t axes = 0;
  std::size_t hash = 0;
};

Index operator+(const Index& a, const Index& b);
Index operator-(const Index& a, const Index& b);
Index operator*(const Index& a, std::int64_t factor);
Index divide(const Index& a, std::int64_t divisor);
Index modulo(const Index& a, std::int64_t divisor);
Index clamp(const Index& a, std::int64_t low, std::int64_t high);

/// `a` with every leaf (an axis or a computed number) replaced by what `replacement` returns for it.
Index substitute(const Index& a, const std::function<Index(const Index::Atom& leaf)>& replacement);

/// The axes of an iteration over `shape`, numbered from `first`.
std::vector<Index> axes_of(const Shape& shape, int first = 0);
/// Row-major offset of an element, and its inverse.
Index linearize(const Shape& shape, std::span<const Index> index);
std::vector<Index> delinearize(const Shape& shape, const Index& offset);

/// Evaluates the index for given axis values; computed and iteration atoms are not allowed.
std::int64_t evaluate(const Index& a, std::span<const std::int64_t> axes);

/// C-like text, e.g. "i0*784 + i1/4"; `axis` and `computed` name the leaves.
std::string to_string(const Index& a, const std::function<std::string(const Index::Atom&)>& leaf);
std::string to_string(const Index& a);

}  // namespace hekla
