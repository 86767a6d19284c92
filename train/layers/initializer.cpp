// See initializer.h.
#include "train/layers/initializer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/view.h"

namespace hekla {

namespace {

// Orthonormalizes columns (Gram-Schmidt). It runs twice, as once loses digits where columns are nearly
// parallel (Giraud, Langou, Rozloznik: The loss of orthogonality in the Gram-Schmidt process, 2005).
void orthonormalize(std::vector<std::vector<double>>& columns) {
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
    return total;
  };
  for (std::size_t j = 0; j < columns.size(); ++j) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t k = 0; k < j; ++k) {
        const double share = dot(columns[j], columns[k]);
        for (std::size_t i = 0; i < columns[j].size(); ++i) columns[j][i] -= share * columns[k][i];
      }
      const double length = std::sqrt(dot(columns[j], columns[j]));
      for (double& element : columns[j]) element /= length;
    }
  }
}

Tensor orthogonal_matrix(const Shape& shape, const RandomKey& key, double gain) {
  if (shape.rank() < 2)
    throw Error(fmt::format("[orthogonal] {} is no matrix; rank 2 or more is needed.", to_string(shape)));
  const std::int64_t n = shape.back(), m = n == 0 ? 0 : shape.count() / n;
  // The columns that are made orthogonal have the length of the longer axis.
  const std::int64_t length = std::max(m, n), count = std::min(m, n);
  const std::vector<double> drawn = random_normal({count, length}, key).to_vector<double>();
  std::vector<std::vector<double>> columns;
  for (std::int64_t j = 0; j < count; ++j)
    columns.emplace_back(drawn.begin() + j * length, drawn.begin() + (j + 1) * length);
  orthonormalize(columns);
  std::vector<double> elements(static_cast<std::size_t>(m * n));
  for (std::int64_t j = 0; j < count; ++j) {
    for (std::int64_t i = 0; i < length; ++i) {
      const std::int64_t at = m >= n ? i * n + j : j * n + i;
      elements[static_cast<std::size_t>(at)] =
          gain * columns[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)];
    }
  }
  return tensor(elements, shape);
}

// Keras's defaults of RandomUniform, RandomNormal and TruncatedNormal.
constexpr double small = 0.05;

const std::array<std::pair<std::string_view, Initializer::Function>, 12>& named() {
  static const std::array<std::pair<std::string_view, Initializer::Function>, 12> table{{
      {"glorot_uniform", glorot_uniform},
      {"glorot_normal", glorot_normal},
      {"he_uniform", he_uniform},
      {"he_normal", he_normal},
      {"lecun_uniform", lecun_uniform},
      {"lecun_normal", lecun_normal},
      {"orthogonal", [](const Shape& s, const RandomKey& k) { return orthogonal_matrix(s, k, 1); }},
      {"random_uniform",
       [](const Shape& s, const RandomKey& k) { return random_uniform(s, k, -small, small); }},
      {"random_normal", [](const Shape& s, const RandomKey& k) { return random_normal(s, k, 0, small); }},
      {"truncated_normal",
       [](const Shape& s, const RandomKey& k) { return random_truncated_normal(s, k, 0, small); }},
      {"zeros", [](const Shape& s, const RandomKey&) { return zeros(s); }},
      {"ones", [](const Shape& s, const RandomKey&) { return ones(s); }},
  }};
  return table;
}

}  // namespace

Initializer::Initializer(std::string_view name) : function_(choose("initializer", name, named())) {}

Initializer::Initializer(Tensor (*constant)(const Shape&, DType))
    : function_([constant](const Shape& shape, const RandomKey&) { return constant(shape, DType::f32); }) {}

Initializer over_axes(const Initializer& initializer, const std::vector<int>& summed) {
  return [initializer, summed](const Shape& shape, const RandomKey& key) {
    std::vector<int> order = summed;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (std::ranges::find(summed, axis) == summed.end()) order.push_back(axis);
    }
    // Where each of the kernel's axes lies among the matrix's, and the sizes of those.
    std::vector<int> places(order.size());
    Shape sizes;
    std::int64_t fan_in = 1, fan_out = 1;
    for (std::size_t i = 0; i < order.size(); ++i) {
      places[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
      sizes.push_back(shape[order[i]]);
      (i < summed.size() ? fan_in : fan_out) *= shape[order[i]];
    }
    return permute(reshape(initializer({fan_in, fan_out}, key), sizes), places);
  };
}

Initializer constant_initializer(double number) {
  return [number](const Shape& shape, const RandomKey&) { return full(shape, number); };
}

Initializer orthogonal(double gain) {
  return [gain](const Shape& shape, const RandomKey& key) { return orthogonal_matrix(shape, key, gain); };
}

}  // namespace hekla
