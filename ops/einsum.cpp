// Einsum: parse() turns the text into labels, one for each axis; contract() merges two operands into one, by
// labels instead of axis numbers.
#include "ops/einsum.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "graph/error.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

// A letter's code; the axes of an ellipsis are -1 (the last), -2, ..
using Label = int;
using Labels = std::vector<Label>;

struct Term {
  Tensor tensor;
  Labels labels;  // one for each axis, all different after take_diagonals()
};

bool contains(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// Errors

struct Context {
  std::string_view subscripts;

  [[noreturn]] void fail(const std::string& fact_and_rule) const {
    throw Error(fmt::format("[einsum] \"{}\": {}", subscripts, fact_and_rule));
  }
};

std::string show(Label label) {
  return label < 0 ? fmt::format("axis {} of \"...\"", label) : fmt::format("'{}'", static_cast<char>(label));
}

// Parsing

// Labels before and after the ellipsis.
struct Pattern {
  Labels before;
  Labels after;
  bool ellipsis = false;
};

Pattern parse_term(const Context& context, std::string_view text) {
  Pattern pattern;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if (c == '.') {
      if (text.substr(i, 3) != "...") context.fail("a '.' by itself; an ellipsis is \"...\".");
      if (pattern.ellipsis) context.fail("two ellipses in one term; a term has at most one.");
      pattern.ellipsis = true;
      i += 2;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      (pattern.ellipsis ? pattern.after : pattern.before).push_back(c);
    } else {
      context.fail(fmt::format("the character '{}'; axes are named by the letters a-z and A-Z.", c));
    }
  }
  return pattern;
}

std::vector<Pattern> parse_inputs(const Context& context, std::string_view text) {
  std::vector<Pattern> patterns;
  for (std::size_t start = 0;;) {
    const std::size_t comma = text.find(',', start);
    patterns.push_back(parse_term(context, text.substr(start, comma - start)));
    if (comma == std::string_view::npos) return patterns;
    start = comma + 1;
  }
}

Term label_axes(const Context& context, const Pattern& pattern, const Tensor& tensor, std::size_t number) {
  const int named = static_cast<int>(pattern.before.size() + pattern.after.size());
  if (pattern.ellipsis ? named > tensor.rank() : named != tensor.rank()) {
    context.fail(fmt::format("term {} names {} axes of {}; there must be {} for each of its {} axes.",
                             number + 1, named, describe(tensor),
                             pattern.ellipsis ? "at most one name" : "one name", tensor.rank()));
  }
  Labels labels = pattern.before;
  for (int axis = named - tensor.rank(); axis < 0; ++axis) labels.push_back(axis);
  labels.insert(labels.end(), pattern.after.begin(), pattern.after.end());
  return {tensor, labels};
}

Labels ellipsis_labels(const std::vector<Term>& terms) {
  Label first = 0;
  for (const Term& term : terms) {
    for (const Label label : term.labels) first = std::min(first, label);
  }
  Labels labels;
  for (Label label = first; label < 0; ++label) labels.push_back(label);
  return labels;
}

Labels implicit_output(const std::vector<Term>& terms) {
  std::map<Label, int> uses;
  for (const Term& term : terms) {
    for (const Label label : term.labels) ++uses[label];
  }
  Labels output = ellipsis_labels(terms);
  for (const auto& [label, times] : uses) {
    if (label > 0 && times == 1) output.push_back(label);
  }
  return output;
}

Labels explicit_output(const Context& context, const Pattern& pattern, const std::vector<Term>& terms) {
  const Labels rest = ellipsis_labels(terms);
  if (!rest.empty() && !pattern.ellipsis) {
    context.fail(fmt::format("the result has no \"...\" for the {} axes of the operands'; name it there too.",
                             rest.size()));
  }
  Labels output = pattern.before;
  output.insert(output.end(), pattern.after.begin(), pattern.after.end());
  for (auto label = output.begin(); label != output.end(); ++label) {
    if (std::find(output.begin(), label, *label) != label) {
      context.fail(fmt::format("the result names {} twice; once is enough.", show(*label)));
    }
    if (std::none_of(terms.begin(), terms.end(),
                     [&](const Term& term) { return contains(term.labels, *label); })) {
      context.fail(
          fmt::format("the result names {}, which no operand does; its size is unknown.", show(*label)));
    }
  }
  output = pattern.before;
  output.insert(output.end(), rest.begin(), rest.end());
  output.insert(output.end(), pattern.after.begin(), pattern.after.end());
  return output;
}

// Operands

std::int64_t size_of_label(const Term& term, Label label) {
  const auto found = std::find(term.labels.begin(), term.labels.end(), label);
  return term.tensor.size(static_cast<int>(found - term.labels.begin()));
}

void take_diagonals(const Context& context, Term& term) {
  for (std::size_t second = 1; second < term.labels.size(); ++second) {
    const Label label = term.labels[second];
    const auto first = static_cast<std::size_t>(std::find(term.labels.begin(), term.labels.end(), label) -
                                                term.labels.begin());
    if (first == second) continue;
    const std::int64_t size1 = term.tensor.size(static_cast<int>(first));
    const std::int64_t size2 = term.tensor.size(static_cast<int>(second));
    if (size1 != size2) {
      context.fail(fmt::format("{} names axes of {} and {} of {}; a repeated name needs equal sizes.",
                               show(label), size1, size2, describe(term.tensor)));
    }
    term.tensor = diagonal(term.tensor, 0, static_cast<int>(first), static_cast<int>(second));
    term.labels.erase(term.labels.begin() + static_cast<std::ptrdiff_t>(second));
    term.labels.erase(term.labels.begin() + static_cast<std::ptrdiff_t>(first));
    term.labels.push_back(label);
    second = 0;
  }
}

// Removes the axes of size 1 that would broadcast: the operand does not depend on them, so afterwards nothing
// is left to broadcast.
void drop_broadcast_axes(const Context& context, std::vector<Term>& terms) {
  std::map<Label, std::int64_t> sizes;
  for (const Term& term : terms) {
    for (const Label label : term.labels) {
      const std::int64_t size = size_of_label(term, label);
      std::int64_t& known = sizes.try_emplace(label, size).first->second;
      if (known != size && known != 1 && size != 1) {
        context.fail(fmt::format("{} has sizes {} and {} (in {}); equal names need equal sizes, or 1.",
                                 show(label), known, size, describe(term.tensor)));
      }
      if (known == 1) known = size;
    }
  }
  for (Term& term : terms) {
    std::vector<int> dropped;
    Labels kept;
    for (std::size_t axis = 0; axis < term.labels.size(); ++axis) {
      const bool repeated = term.tensor.size(static_cast<int>(axis)) != sizes.at(term.labels[axis]);
      if (repeated)
        dropped.push_back(static_cast<int>(axis));
      else
        kept.push_back(term.labels[axis]);
    }
    term = {squeeze(term.tensor, dropped), kept};
  }
}

// Contraction

// The tensor with its axes in the order of `labels`; labels that the term does not have get axes of size 1.
Tensor arranged(const Term& term, const Labels& labels) {
  std::vector<int> order;
  Shape shape;
  for (const Label label : labels) {
    const auto found = std::find(term.labels.begin(), term.labels.end(), label);
    if (found != term.labels.end()) order.push_back(static_cast<int>(found - term.labels.begin()));
    shape.push_back(found == term.labels.end() ? 1 : size_of_label(term, label));
  }
  return reshape(permute(term.tensor, order), shape);
}

void sum_out(Term& term, const Labels& needed) {
  std::vector<int> axes;
  Labels kept;
  for (std::size_t axis = 0; axis < term.labels.size(); ++axis) {
    if (contains(needed, term.labels[axis]))
      kept.push_back(term.labels[axis]);
    else
      axes.push_back(static_cast<int>(axis));
  }
  if (!axes.empty()) term = {sum(term.tensor, axes), kept};
}

Shape sizes_of(const Term& term, const Labels& labels) {
  Shape shape;
  for (const Label label : labels) shape.push_back(size_of_label(term, label));
  return shape;
}

Labels joined(std::initializer_list<Labels> parts) {
  Labels all;
  for (const Labels& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Term contract(Term a, Term b, const Labels& needed) {
  sum_out(a, joined({needed, b.labels}));
  sum_out(b, joined({needed, a.labels}));
  Labels batch, summed, rows, columns;
  for (const Label label : a.labels) {
    if (!contains(b.labels, label))
      rows.push_back(label);
    else
      (contains(needed, label) ? batch : summed).push_back(label);
  }
  for (const Label label : b.labels) {
    if (!contains(a.labels, label)) columns.push_back(label);
  }
  const Labels kept = joined({batch, rows, columns});
  if (summed.empty()) return {arranged(a, kept) * arranged(b, kept), kept};
  if (!is_float(a.tensor.dtype()) || (rows.empty() && columns.empty())) {
    const Labels all = joined({kept, summed});
    Term product{arranged(a, all) * arranged(b, all), all};
    sum_out(product, kept);
    return product;
  }
  const Shape matrices = sizes_of(a, batch), left = sizes_of(a, rows), right = sizes_of(b, columns),
              inner = sizes_of(a, summed);
  const Tensor factor_a =
      reshape(arranged(a, joined({batch, rows, summed})), {matrices.count(), left.count(), inner.count()});
  const Tensor factor_b = reshape(arranged(b, joined({batch, summed, columns})),
                                  {matrices.count(), inner.count(), right.count()});
  Shape shape = matrices;
  for (const std::int64_t size : left) shape.push_back(size);
  for (const std::int64_t size : right) shape.push_back(size);
  return {reshape(matmul(factor_a, factor_b), shape), kept};
}

}  // namespace

Tensor einsum(std::string_view subscripts, const std::vector<Tensor>& operands) {
  const Context context{subscripts};
  const std::size_t arrow = subscripts.find("->");
  const std::vector<Pattern> patterns = parse_inputs(context, subscripts.substr(0, arrow));
  if (patterns.size() != operands.size()) {
    context.fail(fmt::format("{} terms for {} operands; there must be one for each.", patterns.size(),
                             operands.size()));
  }
  std::vector<Term> terms;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].dtype() != operands[0].dtype() || !is_arithmetic(operands[i].dtype())) {
      context.fail(
          fmt::format("operand {} is {} beside {}; all must have one dtype: f32, i32 or u32 (see hk::cast).",
                      i + 1, describe(operands[i]), describe(operands[0])));
    }
    terms.push_back(label_axes(context, patterns[i], operands[i], i));
  }
  const Labels output =
      arrow == std::string_view::npos
          ? implicit_output(terms)
          : explicit_output(context, parse_term(context, subscripts.substr(arrow + 2)), terms);
  for (Term& term : terms) take_diagonals(context, term);
  drop_broadcast_axes(context, terms);
  Term result = terms[0];
  for (std::size_t i = 1; i < terms.size(); ++i) {
    Labels needed = output;
    for (std::size_t later = i + 1; later < terms.size(); ++later) {
      needed.insert(needed.end(), terms[later].labels.begin(), terms[later].labels.end());
    }
    result = contract(result, terms[i], needed);
  }
  sum_out(result, output);
  return arranged(result, output);
}

}  // namespace hekla
