// See call.h.
#include "train/onnx/call.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "train/onnx/builder.h"

namespace hekla::onnx {

void Call::fail(const std::string& what) const { throw Error(what); }

const Operand& Call::operand(std::size_t i) const {
  if (!has_input(i)) fail(fmt::format("input {} is missing.", i));
  return inputs_[i];
}

const Tensor& Call::operator[](std::size_t i) const {
  const Operand& input = operand(i);
  if (!input.tensor.defined())
    fail(fmt::format("'{}' holds integers of more than 32 bits; hekla computes with i32.", node_.input[i]));
  return input.tensor;
}

std::vector<Tensor> Call::tensors() const {
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < input_count(); ++i) all.push_back((*this)[i]);
  return all;
}

void Call::check_position(std::int64_t number, const std::string& place) const {
  if (number < -most_positions || number > most_positions)
    fail(fmt::format("{} holds {}; hekla counts to {}.", place, number, most_positions));
}

std::vector<std::int64_t> Call::known_integers(std::size_t i) const {
  std::vector<std::int64_t> integers = known_wide_integers(i);
  for (const std::int64_t each : integers)
    check_position(each, fmt::format("input {} ('{}')", i, node_.input[i]));
  return integers;
}

std::vector<std::int64_t> Call::known_wide_integers(std::size_t i) const {
  const Operand& input = operand(i);
  if (input.integers) return *input.integers;
  const std::vector<double> elements = known_numbers(i);
  std::vector<std::int64_t> integers(elements.size());
  std::ranges::transform(elements, integers.begin(),
                         [](double element) { return number_as<std::int64_t>(element); });
  return integers;
}

std::int64_t Call::known_integer(std::size_t i) const {
  const std::vector<std::int64_t> integers = known_integers(i);
  if (integers.size() != 1)
    fail(fmt::format("input {} has {} elements in place of one.", i, integers.size()));
  return integers[0];
}

std::vector<double> Call::known_numbers(std::size_t i) const {
  try {
    return known_elements((*this)[i]);
  } catch (const UnknownElements& error) {
    throw UnknownElements(fmt::format("input {} ('{}'): {}", i, node_.input[i], error.what()));
  }
}

double Call::known_number(std::size_t i) const {
  const std::vector<double> numbers = known_numbers(i);
  if (numbers.size() != 1) fail(fmt::format("input {} has {} elements in place of one.", i, numbers.size()));
  return numbers[0];
}

bool Call::has_attribute(std::string_view name) const {
  return std::ranges::find(node_.attribute, name, &AttributeProto::name) != node_.attribute.end();
}

const AttributeProto* Call::attribute(std::string_view name, AttributeProto::Type type) const {
  const auto found = std::ranges::find(node_.attribute, name, &AttributeProto::name);
  if (found == node_.attribute.end()) return nullptr;
  // Files of IR version 1 do not say the type.
  if (found->type != type && found->type != AttributeProto::Type::undefined)
    fail(fmt::format("the attribute {} has type {} of the schema; {} is needed.", name,
                     static_cast<int>(found->type), static_cast<int>(type)));
  return &*found;
}

std::int64_t Call::integer(std::string_view name) const {
  if (!has_attribute(name)) fail(fmt::format("the attribute {} is missing.", name));
  return integer(name, 0);
}

std::int64_t Call::integer(std::string_view name, std::int64_t otherwise) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::integer);
  if (found == nullptr) return otherwise;
  check_position(found->i, fmt::format("the attribute {}", name));
  return found->i;
}

double Call::number(std::string_view name, double otherwise) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::f32);
  return found == nullptr ? otherwise : static_cast<double>(found->f);
}

std::string Call::text(std::string_view name, std::string_view otherwise) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::text);
  return found == nullptr ? std::string(otherwise) : found->s;
}

std::vector<std::int64_t> Call::integers(std::string_view name, std::vector<std::int64_t> otherwise) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::integers);
  if (found == nullptr) return otherwise;
  for (const std::int64_t each : found->ints) check_position(each, fmt::format("the attribute {}", name));
  return found->ints;
}

std::vector<std::int64_t> Call::wide_integers(std::string_view name) const {
  const auto found = std::ranges::find(node_.attribute, name, &AttributeProto::name);
  if (found != node_.attribute.end() && found->type == AttributeProto::Type::integer) return {found->i};
  const AttributeProto* list = attribute(name, AttributeProto::Type::integers);
  return list == nullptr ? std::vector<std::int64_t>() : list->ints;
}

std::vector<double> Call::numbers(std::string_view name, std::vector<double> otherwise) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::floats);
  if (found == nullptr) return otherwise;
  return {found->floats.begin(), found->floats.end()};
}

std::vector<std::string> Call::texts(std::string_view name) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::texts);
  return found == nullptr ? std::vector<std::string>() : found->strings;
}

const TensorProto& Call::constant(std::string_view name) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::tensor);
  if (found == nullptr || found->tensors.size() != 1)
    fail(fmt::format("the attribute {} holds no tensor.", name));
  return found->tensors[0];
}

const GraphProto& Call::graph(std::string_view name) const {
  const AttributeProto* found = attribute(name, AttributeProto::Type::graph);
  if (found == nullptr || found->graphs.size() != 1)
    fail(fmt::format("the attribute {} holds no graph.", name));
  return found->graphs[0];
}

std::optional<std::vector<std::int64_t>> Call::integers_of(std::string_view name, std::size_t input) const {
  if (has_input(input)) return known_integers(input);
  if (!has_attribute(name)) return std::nullopt;
  return integers(name);
}

int Call::axis(std::string_view name, std::int64_t otherwise, int rank) const {
  return axis_at(integer(name, otherwise), rank);
}

int Call::axis_at(std::int64_t position, int rank) const {
  if (position < -rank || position >= rank)
    fail(fmt::format("axis {} is outside of a tensor of rank {}.", position, rank));
  return static_cast<int>(position < 0 ? position + rank : position);
}

const Mode& Call::mode() const { return builder_.mode(); }

std::vector<Operand> Call::convert(const GraphProto& body, std::vector<Operand> arguments) const {
  return builder_.convert(body, std::move(arguments), &scope_);
}

}  // namespace hekla::onnx
