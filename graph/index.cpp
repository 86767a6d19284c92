// Index arithmetic. Read divide() and recombine() first: they hold the two identities everything rests on,
// floor((c*q + r) / c) = q + floor(r / c) and c*floor(x / c) + x mod c = x.
#include "graph/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace hekla {

namespace {

std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ull + (seed << 12) + (seed >> 4));
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

std::shared_ptr<const Index::Atom> make_atom(Index::Atom atom) {
  std::size_t hash = mix(static_cast<std::size_t>(atom.kind), static_cast<std::size_t>(atom.id));
  hash = mix(hash, atom.inner.hash());
  hash = mix(hash, static_cast<std::size_t>(atom.divisor));
  hash = mix(hash, static_cast<std::size_t>(atom.low));
  atom.hash = mix(hash, static_cast<std::size_t>(atom.high));
  return std::make_shared<const Index::Atom>(std::move(atom));
}

bool same(const Index::Atom& a, const Index::Atom& b) {
  return &a == &b || (a.hash == b.hash && a.kind == b.kind && a.id == b.id && a.divisor == b.divisor &&
                      a.low == b.low && a.high == b.high && a.inner == b.inner);
}

}  // namespace

Index Index::of(std::shared_ptr<const Atom> atom) {
  Index index;
  index.terms_.push_back({1, std::move(atom)});
  return index;
}

Index Index::axis(int id, std::int64_t extent) {
  if (extent == 1) return 0;
  return of(
      make_atom({.kind = Atom::Kind::axis, .id = id, .high = extent - 1, .axes = std::uint64_t{1} << id}));
}

Index Index::computed(int id, std::int64_t extent, std::uint64_t axes) {
  if (extent == 1) return 0;
  return of(make_atom({.kind = Atom::Kind::computed, .id = id, .high = extent - 1, .axes = axes}));
}

Index Index::iteration(int id, std::int64_t count) {
  if (count <= 1) return 0;
  return of(make_atom({.kind = Atom::Kind::iteration, .id = id, .high = count - 1}));
}

std::int64_t Index::low() const {
  std::int64_t sum = constant_;
  for (const Term& term : terms_) {
    sum += term.coefficient * (term.coefficient > 0 ? term.atom->low : term.atom->high);
  }
  return sum;
}

std::int64_t Index::high() const {
  std::int64_t sum = constant_;
  for (const Term& term : terms_) {
    sum += term.coefficient * (term.coefficient > 0 ? term.atom->high : term.atom->low);
  }
  return sum;
}

std::uint64_t Index::axes() const {
  std::uint64_t mask = 0;
  for (const Term& term : terms_) mask |= term.atom->axes;
  return mask;
}

std::size_t Index::hash() const {
  std::size_t hash = static_cast<std::size_t>(constant_) * 0x9ddfea08eb382d69ull;
  for (const Term& term : terms_)
    hash = mix(mix(hash, static_cast<std::size_t>(term.coefficient)), term.atom->hash);
  return hash;
}

bool Index::operator==(const Index& other) const {
  return constant_ == other.constant_ && std::equal(terms_.begin(), terms_.end(), other.terms_.begin(),
                                                    other.terms_.end(), [](const Term& a, const Term& b) {
                                                      return a.coefficient == b.coefficient &&
                                                             same(*a.atom, *b.atom);
                                                    });
}

bool Index::linear_in(int id, std::int64_t& coefficient) const {
  coefficient = 0;
  for (const Term& term : terms_) {
    if (!(term.atom->axes >> id & 1)) continue;
    if (term.atom->kind != Atom::Kind::axis) return false;
    coefficient = term.coefficient;
  }
  return true;
}

void Index::add_term(std::int64_t coefficient, const std::shared_ptr<const Atom>& atom) {
  const auto position =
      std::lower_bound(terms_.begin(), terms_.end(), atom->hash,
                       [](const Term& term, std::size_t hash) { return term.atom->hash < hash; });
  auto found = position;
  while (found != terms_.end() && found->atom->hash == atom->hash && !same(*found->atom, *atom)) ++found;
  if (found != terms_.end() && same(*found->atom, *atom)) {
    found->coefficient += coefficient;
    if (found->coefficient == 0) terms_.erase(found);
  } else if (coefficient != 0) {
    terms_.insert(position, {coefficient, atom});
  }
}

// k*c*(x / c) + k*(x mod c) is k*x. The quotient may have been simplified: (y / d) / c stands here as y /
// (d*c).
void Index::recombine() {
  for (const Term& low : terms_) {
    if (low.atom->kind != Atom::Kind::remainder) continue;
    const Index quotient = divide(low.atom->inner, low.atom->divisor) * (low.coefficient * low.atom->divisor);
    const bool complete = std::all_of(quotient.terms_.begin(), quotient.terms_.end(), [&](const Term& part) {
      return std::any_of(terms_.begin(), terms_.end(), [&](const Term& term) {
        return term.coefficient == part.coefficient && same(*term.atom, *part.atom);
      });
    });
    if (!complete || quotient.is_constant()) continue;
    const Index whole = low.atom->inner * low.coefficient;
    const Term removed = low;
    add_term(-removed.coefficient, removed.atom);
    for (const Term& part : quotient.terms_) add_term(-part.coefficient, part.atom);
    constant_ -= quotient.constant_;
    *this = *this + whole;
    return;
  }
}

Index operator+(const Index& a, const Index& b) {
  Index sum = a;
  sum.constant_ += b.constant_;
  for (const Index::Term& term : b.terms_) sum.add_term(term.coefficient, term.atom);
  sum.recombine();
  return sum;
}

Index operator-(const Index& a, const Index& b) { return a + b * -1; }

Index operator*(const Index& a, std::int64_t factor) {
  if (factor == 0) return 0;
  Index product = a;
  product.constant_ *= factor;
  for (Index::Term& term : product.terms_) term.coefficient *= factor;
  return product;
}

// Writes x as common*coarse + fine with 0 <= fine < common, where common divides `divisor`; then x/divisor is
// coarse/(divisor/common): smaller numbers, and often the same atoms again. Returns 1 where there is no such
// split.
std::int64_t split_common(const Index& x, std::int64_t divisor, Index& coarse, Index& fine) {
  std::int64_t best = 1;
  for (const Index::Term& candidate : x.terms()) {
    const std::int64_t common = std::gcd(candidate.coefficient, divisor);
    if (common <= best) continue;
    const std::int64_t offset = x.constant() - floor_divide(x.constant(), common) * common;
    Index high = floor_divide(x.constant(), common);
    Index low = offset;
    for (const Index::Term& term : x.terms()) {
      Index& part = term.coefficient % common == 0 ? high : low;
      part.add_term(term.coefficient % common == 0 ? term.coefficient / common : term.coefficient, term.atom);
    }
    if (low.low() < 0 || low.high() >= common) continue;
    best = common;
    coarse = high;
    fine = low;
  }
  return best;
}

Index divide(const Index& a, std::int64_t divisor) {
  if (divisor == 1) return a;
  Index whole = floor_divide(a.constant_, divisor);
  Index rest = a.constant_ - whole.constant_ * divisor;
  for (const Index::Term& term : a.terms_) {
    const std::int64_t quotient = floor_divide(term.coefficient, divisor);
    if (quotient != 0) whole.add_term(quotient, term.atom);
    rest.add_term(term.coefficient - quotient * divisor, term.atom);
  }
  whole.recombine();
  rest.recombine();
  if (rest.low() >= 0 && rest.high() < divisor) return whole;
  Index coarse, fine;
  if (const std::int64_t common = split_common(rest, divisor, coarse, fine); common > 1) {
    return whole + divide(coarse, divisor / common);
  }
  if (rest.terms_.size() == 1 && rest.constant_ == 0 && rest.terms_[0].coefficient == 1 &&
      rest.terms_[0].atom->kind == Index::Atom::Kind::quotient) {
    const Index::Atom& inner = *rest.terms_[0].atom;
    return whole + divide(inner.inner, inner.divisor * divisor);
  }
  Index::Atom atom{
      .kind = Index::Atom::Kind::quotient, .inner = rest, .divisor = divisor, .axes = rest.axes()};
  atom.low = floor_divide(rest.low(), divisor);
  atom.high = floor_divide(rest.high(), divisor);
  return whole + Index::of(make_atom(std::move(atom)));
}

Index modulo(const Index& a, std::int64_t divisor) {
  if (divisor == 1) return 0;
  Index rest = a.constant_ - floor_divide(a.constant_, divisor) * divisor;
  for (const Index::Term& term : a.terms_) {
    rest.add_term(term.coefficient - floor_divide(term.coefficient, divisor) * divisor, term.atom);
  }
  rest.recombine();
  if (rest.low() >= 0 && rest.high() < divisor) return rest;
  Index coarse, fine;
  if (const std::int64_t common = split_common(rest, divisor, coarse, fine); common > 1) {
    return modulo(coarse, divisor / common) * common + fine;
  }
  if (rest.terms_.size() == 1 && rest.constant_ == 0 && rest.terms_[0].coefficient == 1 &&
      rest.terms_[0].atom->kind == Index::Atom::Kind::remainder &&
      rest.terms_[0].atom->divisor % divisor == 0) {
    return modulo(rest.terms_[0].atom->inner, divisor);
  }
  return Index::of(make_atom({.kind = Index::Atom::Kind::remainder,
                              .inner = rest,
                              .divisor = divisor,
                              .high = divisor - 1,
                              .axes = rest.axes()}));
}

Index clamp(const Index& a, std::int64_t low, std::int64_t high) {
  if (a.low() >= low && a.high() <= high) return a;
  if (a.low() >= high) return high;
  if (a.high() <= low) return low;
  Index::Atom atom{.kind = Index::Atom::Kind::clamp, .inner = a, .axes = a.axes()};
  atom.low = std::clamp(a.low(), low, high);
  atom.high = std::clamp(a.high(), low, high);
  return Index::of(make_atom(std::move(atom)));
}

Index substitute(const Index& a, const std::function<Index(const Index::Atom&)>& replacement) {
  Index result = a.constant();
  for (const Index::Term& term : a.terms()) {
    const Index::Atom& atom = *term.atom;
    Index value;
    switch (atom.kind) {
      case Index::Atom::Kind::axis:
      case Index::Atom::Kind::computed:
        value = replacement(atom);
        break;
      case Index::Atom::Kind::quotient:
        value = divide(substitute(atom.inner, replacement), atom.divisor);
        break;
      case Index::Atom::Kind::remainder:
        value = modulo(substitute(atom.inner, replacement), atom.divisor);
        break;
      case Index::Atom::Kind::clamp:
        value = clamp(substitute(atom.inner, replacement), atom.low, atom.high);
        break;
      case Index::Atom::Kind::iteration:
        value = Index::iteration(atom.id, atom.high + 1);
        break;
    }
    result = result + value * term.coefficient;
  }
  return result;
}

std::vector<Index> axes_of(const Shape& shape, int first) {
  std::vector<Index> axes;
  for (int axis = 0; axis < shape.rank(); ++axis) axes.push_back(Index::axis(first + axis, shape[axis]));
  return axes;
}

Index linearize(const Shape& shape, std::span<const Index> index) {
  Index offset = 0;
  std::int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    offset = offset + index[static_cast<std::size_t>(axis)] * stride;
    stride *= shape[axis];
  }
  return offset;
}

std::vector<Index> delinearize(const Shape& shape, const Index& offset) {
  std::vector<Index> index(static_cast<std::size_t>(shape.rank()));
  if (shape.count() == 0) return index;  // no element, so any position will do
  std::int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const Index from_here = divide(offset, stride);
    index[static_cast<std::size_t>(axis)] = axis == 0 ? from_here : modulo(from_here, shape[axis]);
    stride *= shape[axis];
  }
  return index;
}

std::int64_t evaluate(const Index& a, std::span<const std::int64_t> axes) {
  std::int64_t sum = a.constant();
  for (const Index::Term& term : a.terms()) {
    const Index::Atom& atom = *term.atom;
    std::int64_t value = 0;
    switch (atom.kind) {
      case Index::Atom::Kind::axis:
        value = axes[static_cast<std::size_t>(atom.id)];
        break;
      case Index::Atom::Kind::computed:
      case Index::Atom::Kind::iteration:
        break;
      case Index::Atom::Kind::quotient:
        value = floor_divide(evaluate(atom.inner, axes), atom.divisor);
        break;
      case Index::Atom::Kind::remainder: {
        const std::int64_t inner = evaluate(atom.inner, axes);
        value = inner - floor_divide(inner, atom.divisor) * atom.divisor;
        break;
      }
      case Index::Atom::Kind::clamp:
        value = std::clamp(evaluate(atom.inner, axes), atom.low, atom.high);
        break;
    }
    sum += term.coefficient * value;
  }
  return sum;
}

std::string to_string(const Index& a, const std::function<std::string(const Index::Atom&)>& leaf) {
  std::string text;
  const auto append = [&](std::int64_t coefficient, const std::string& factor) {
    const std::int64_t magnitude = coefficient < 0 ? -coefficient : coefficient;
    if (!text.empty())
      text += coefficient < 0 ? " - " : " + ";
    else if (coefficient < 0)
      text += "-";
    if (factor.empty())
      text += fmt::format("{}", magnitude);
    else
      text += magnitude == 1 ? factor : fmt::format("{}*{}", factor, magnitude);
  };
  // Terms are sorted for readers, outer axes and larger strides first: the hash order is canonical but says
  // nothing to a reader.
  std::vector<Index::Term> terms = a.terms();
  std::stable_sort(terms.begin(), terms.end(), [](const Index::Term& x, const Index::Term& y) {
    if (x.coefficient != y.coefficient) return x.coefficient > y.coefficient;
    if (x.atom->kind != y.atom->kind) return x.atom->kind < y.atom->kind;
    return x.atom->id < y.atom->id;
  });
  for (const Index::Term& term : terms) append(term.coefficient, leaf(*term.atom));
  if (a.constant() != 0 || text.empty()) append(a.constant(), "");
  return text;
}

namespace {

std::string plain_leaf(const Index::Atom& atom) {
  switch (atom.kind) {
    case Index::Atom::Kind::axis:
      return fmt::format("i{}", atom.id);
    case Index::Atom::Kind::computed:
      return fmt::format("v{}", atom.id);
    case Index::Atom::Kind::quotient:
      return fmt::format("({})/{}", to_string(atom.inner), atom.divisor);
    case Index::Atom::Kind::remainder:
      return fmt::format("({})%{}", to_string(atom.inner), atom.divisor);
    case Index::Atom::Kind::clamp:
      return fmt::format("clamp({}, {}, {})", to_string(atom.inner), atom.low, atom.high);
    case Index::Atom::Kind::iteration:
      return fmt::format("t{}", atom.id);
  }
  return "?";
}

}  // namespace

std::string to_string(const Index& a) { return to_string(a, plain_leaf); }

}  // namespace hekla
