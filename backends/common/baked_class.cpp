#include "backends/common/baked_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "graph/compiler/graph.h"
#include "graph/elements.h"
#include "graph/error.h"
#include "graph/run/value.h"

namespace hekla::backend {

namespace {

using namespace compiler;

void check_name(const std::string& name) {
  const bool is_name =
      !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
      std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!is_name)
    throw Error(fmt::format("[bake] '{}' is no name in C++; it takes letters, digits and '_'.", name));
}

// The C++ type of an element outside of the class.
std::string outer_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "float";
    case DType::i32:
      return "std::int32_t";
    case DType::u32:
    case DType::boolean:
      return "std::uint32_t";
    case DType::u8:
      return "std::uint8_t";
    case DType::f16:
    case DType::bf16:
      return "std::uint16_t";
  }
  return "?";
}

bool takes_any_number(const BakedFunction& function) { return function.variants.size() > 1; }

std::int64_t examples(const BakedFunction::Variant& variant) { return variant.inputs[0].tensor.size(0); }

void check_variants(const BakedFunction& function) {
  if (!takes_any_number(function)) return;
  const auto row_of = [&](const Tensor& x, std::int64_t count) {
    if (x.rank() == 0 || x.size(0) != count)
      throw Error(fmt::format("[bake] '{}' has variants, but {} has no axis of {} examples in front.",
                              function.name, describe(x), count));
    return std::vector<std::int64_t>(x.shape().begin() + 1, x.shape().end());
  };
  const BakedFunction::Variant& first = function.variants[0];
  for (const BakedFunction::Variant& variant : function.variants) {
    if (variant.inputs.empty() || variant.inputs.size() != first.inputs.size() ||
        variant.computation.outputs.size() != first.computation.outputs.size())
      throw Error(
          fmt::format("[bake] the variants of '{}' differ in their inputs or outputs.", function.name));
    const auto check_same = [&](const Tensor& a, const Tensor& b) {
      if (a.dtype() == b.dtype() && row_of(a, examples(variant)) == row_of(b, examples(first))) return;
      throw Error(
          fmt::format("[bake] variants of '{}' have {} and {}; only the number of examples may differ.",
                      function.name, describe(a), describe(b)));
    };
    for (std::size_t i = 0; i < variant.inputs.size(); ++i)
      check_same(variant.inputs[i].tensor, first.inputs[i].tensor);
    for (std::size_t i = 0; i < variant.computation.outputs.size(); ++i)
      check_same(variant.computation.outputs[i], first.computation.outputs[i]);
  }
  const bool takes_one =
      std::ranges::any_of(function.variants, [](const auto& variant) { return examples(variant) == 1; });
  if (!takes_one)
    throw Error(fmt::format("[bake] '{}' needs a variant for one example to take any number of them.",
                            function.name));
}

std::string name_of_output(const BakedFunction& function, std::size_t number) {
  if (number < function.output_names.size()) return function.output_names[number];
  return number == 0 ? "output" : fmt::format("output_{}", number);
}

}  // namespace

std::int64_t BlockLayout::add(std::int64_t bytes) {
  const std::int64_t offset = end_;
  end_ += (std::max<std::int64_t>(bytes, 4) + alignment_ - 1) / alignment_ * alignment_;
  return offset;
}

std::int64_t bytes_of(const Tensor& x) { return x.count() * static_cast<std::int64_t>(size_of(x.dtype())); }

std::string in_comment(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == '\\'; }, ' ');
  return text;
}

BakedClass::BakedClass(std::string name, const std::vector<BakedFunction>& functions, const Rules& rules)
    : name_(std::move(name)),
      functions_(functions),
      rules_(rules),
      memory_(rules.alignment),
      weights_layout_(rules.alignment) {
  check_name(name_);
  for (const BakedFunction& function : functions_) plan(function);
}

void BakedClass::plan(const BakedFunction& function) {
  check_name(function.name);
  for (const std::string& name : function.output_names) check_name(name);
  if (function.variants.empty()) throw Error(fmt::format("[bake] '{}' has no variant.", function.name));
  for (const BakedFunction::Variant& variant : function.variants) {
    for (const BakedFunction::Input& input : variant.inputs) check_name(input.name);
  }
  check_variants(function);
  for (const BakedFunction::Variant& variant : function.variants) {
    BakedVariant one{.function = &function,
                     .variant = &variant,
                     .name = takes_any_number(function)
                                 ? fmt::format("{}_{}", function.name, examples(variant))
                                 : function.name,
                     .captured = capture(variant.computation),
                     .plan = {}};
    one.plan = make_plan(collect(variant.computation, one.captured), rules_.planning);
    arena_bytes_ = std::max(arena_bytes_, one.plan.arena_bytes);
    for (const Update& update : variant.computation.updates) changing_.insert(update.variable.get());
    variants_.push_back(std::move(one));
  }
}

void BakedClass::place(std::int64_t scratch_bytes) {
  for (const BakedVariant& one : variants_) {
    for (const Node* leaf : one.captured.leaves) place_leaf(one, *leaf);
  }
  state_bytes_ = memory_.end();
  arena_ = memory_.add(arena_bytes_ + rules_.beyond_end);
  scratch_ = memory_.add(scratch_bytes + rules_.beyond_end);
  // One function runs at a time.
  BlockLayout longest = memory_;
  for (BakedVariant& one : variants_) {
    BlockLayout own = memory_;
    for (const BakedFunction::Input& input : one.variant->inputs)
      one.inputs.push_back(own.add(bytes_of(input.tensor)));
    for (const Tensor& output : one.variant->computation.outputs)
      one.outputs.push_back(own.add(bytes_of(output)));
    own.add(rules_.beyond_end);
    if (own.end() > longest.end()) longest = own;
  }
  memory_ = longest;
  weights_.resize(static_cast<std::size_t>(weights_layout_.add(rules_.beyond_end) + rules_.beyond_end));
}

void BakedClass::place_leaf(const BakedVariant& one, const Node& leaf) {
  const bool is_input = std::ranges::any_of(
      one.variant->inputs, [&](const BakedFunction::Input& input) { return input.tensor.get() == &leaf; });
  if (is_input || leaves_.contains(&leaf)) return;
  if (!leaf.value)
    throw Error(fmt::format("[bake] the input '{}' is not among the inputs that were named.", leaf.label));
  const std::vector<std::byte> bytes = to_bytes(leaf.value->to_host(leaf), leaf.dtype);
  const auto size = static_cast<std::int64_t>(bytes.size());
  PlacedLeaf place{
      .is_state = changing_.contains(&leaf), .offset = 0, .in_weights = weights_layout_.add(size)};
  weights_.resize(static_cast<std::size_t>(weights_layout_.end()));
  std::ranges::copy(bytes, weights_.begin() + place.in_weights);
  if (place.is_state) {
    place.offset = memory_.add(size);
    states_.push_back({place.offset, place.in_weights, size, leaf.label});
  }
  leaves_.emplace(&leaf, place);
}

BakedClass::Place BakedClass::place_of(const BakedVariant& one, const Slot& slot) const {
  if (slot.place == Slot::Place::arena) return {false, arena_ + slot.offset};
  const auto number = static_cast<std::size_t>(slot.number);
  if (slot.place == Slot::Place::output) return {false, one.outputs[number]};
  const Node* leaf = one.captured.leaves[number];
  for (std::size_t i = 0; i < one.variant->inputs.size(); ++i) {
    if (one.variant->inputs[i].tensor.get() == leaf) return {false, one.inputs[i]};
  }
  const PlacedLeaf& place = leaves_.at(leaf);
  return place.is_state ? Place{false, place.offset} : Place{true, place.in_weights};
}

std::string BakedClass::input_name(const BakedVariant& one, std::size_t number) const {
  return one.function->variants[0].inputs[number].name;
}

std::string BakedClass::output_name(const BakedVariant& one, std::size_t number) const {
  return name_of_output(*one.function, number);
}

std::string BakedClass::parameters(const BakedFunction& function) const {
  const BakedFunction::Variant& variant = function.variants[0];
  std::vector<std::string> all;
  for (const BakedFunction::Input& input : variant.inputs)
    all.push_back(fmt::format("const {}* {}", outer_type(input.tensor.dtype()), input.name));
  for (std::size_t i = 0; i < variant.computation.outputs.size(); ++i)
    all.push_back(fmt::format("{}* {}", outer_type(variant.computation.outputs[i].dtype()),
                              name_of_output(function, i)));
  if (takes_any_number(function)) all.push_back("std::size_t count");
  return fmt::format("{}", fmt::join(all, ", "));
}

std::string BakedClass::parameters_of_one(const BakedVariant& one) const {
  BakedFunction single = *one.function;
  single.variants.resize(1);
  return parameters(single);
}

// The declaration of a function, after a table of what it takes and gives.
std::string BakedClass::declaration(const BakedFunction& function) const {
  std::string text = "\n";
  const auto describe_one = [&](const std::string& name, const Tensor& x) {
    std::string shape = to_string(x.shape());
    if (takes_any_number(function))
      shape = fmt::format("[count{}", shape.substr(std::min(shape.find(','), shape.size() - 1)));
    text += fmt::format("  ///   {}  {}{}\n", name, hekla::name(x.dtype()), shape);
  };
  const BakedFunction::Variant& variant = function.variants[0];
  for (const BakedFunction::Input& input : variant.inputs) describe_one(input.name, input.tensor);
  for (std::size_t i = 0; i < variant.computation.outputs.size(); ++i)
    describe_one(name_of_output(function, i), variant.computation.outputs[i]);
  return text + fmt::format("  void {}({});\n", function.name, parameters(function));
}

std::string BakedClass::header(const BakedHeader& parts) const {
  std::string text = fmt::format(
      "{1}#pragma once\n\n#include <cstddef>\n#include <cstdint>\n{2}\nnamespace {0} {{\n\n{3}"
      "class Network {{\n public:\n{4}",
      name_, parts.introduction, parts.includes, parts.of_object, parts.constructors);
  for (const BakedFunction& function : functions_) text += declaration(function);
  if (!states_.empty()) {
    text += fmt::format(
        "\n  /// The variables that change, as bytes: saved here and loaded elsewhere, they continue there.\n"
        "  static constexpr std::size_t state_bytes = {};\n"
        "  void save_state(void* bytes) const;\n  void load_state(const void* bytes);\n",
        state_bytes_);
    text += "  //   from byte   to          variable\n";
    for (const State& state : states_)
      text += fmt::format("  //   {:<11} {:<11} {}\n", state.offset, state.offset + state.bytes,
                          in_comment(state.label));
  }
  text += "\n private:\n";
  for (const BakedVariant& one : variants_) {
    if (takes_any_number(*one.function))
      text += fmt::format("  void {}({});\n", one.name, parameters_of_one(one));
  }
  return text + fmt::format("{}}};\n\n}}  // namespace {}\n", parts.members, name_);
}

std::string BakedClass::dispatchers() const {
  std::string text;
  for (const BakedFunction& function : functions_) {
    if (takes_any_number(function)) text += dispatcher(function);
  }
  return text;
}

// Calls the largest variant as often as it fits, then smaller ones.
std::string BakedClass::dispatcher(const BakedFunction& function) const {
  std::vector<const BakedVariant*> sorted;
  for (const BakedVariant& one : variants_) {
    if (one.function == &function) sorted.push_back(&one);
  }
  std::ranges::sort(
      sorted, [](const auto* a, const auto* b) { return examples(*a->variant) > examples(*b->variant); });
  std::string text = fmt::format("void Network::{}({}) {{\n", function.name, parameters(function));
  for (const BakedVariant* one : sorted) {
    std::vector<std::string> arguments;
    std::string advance;
    const auto add = [&](const std::string& name, const Tensor& x) {
      arguments.push_back(name);
      advance += fmt::format("    {} += {};\n", name, x.count());
    };
    for (std::size_t i = 0; i < one->variant->inputs.size(); ++i)
      add(input_name(*one, i), one->variant->inputs[i].tensor);
    for (std::size_t i = 0; i < one->variant->computation.outputs.size(); ++i)
      add(output_name(*one, i), one->variant->computation.outputs[i]);
    text += fmt::format("  for (; count >= {0}; count -= {0}) {{\n    {1}({2});\n{3}  }}\n",
                        examples(*one->variant), one->name, fmt::join(arguments, ", "), advance);
  }
  return text + "}\n\n";
}

std::string BakedClass::constants() const {
  std::string text = "alignas(64) const std::uint32_t constants[] = {";
  for (std::size_t i = 0; i < weights_.size() / 4; ++i) {
    std::uint32_t word = 0;
    for (std::size_t b = 0; b < 4; ++b) word |= static_cast<std::uint32_t>(weights_[4 * i + b]) << (8 * b);
    fmt::format_to(std::back_inserter(text), "{}0x{:x},", i % 12 == 0 ? "\n    " : " ", word);
  }
  return text + "\n};\n";
}

}  // namespace hekla::backend
