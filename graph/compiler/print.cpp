// Passes and plans as text.
#include "graph/compiler/print.h"

#include <fmt/format.h>

#include <cstdio>

#include "graph/compiler/plan.h"
#include "graph/print.h"

namespace hekla::compiler {

namespace {

const char* form_name(Form form) {
  switch (form) {
    case Form::map:
      return "map";
    case Form::reduce:
      return "reduce";
    case Form::matmul:
      return "matmul";
    case Form::custom:
      return "custom";
  }
  return "?";
}

std::string slot_text(const Slot& slot) {
  const std::string type = fmt::format("{}[{}]", name(slot.dtype), slot.count);
  const std::string label = slot.label.empty() ? "" : fmt::format(" \"{}\"", slot.label);
  switch (slot.place) {
    case Slot::Place::leaf:
      return fmt::format("leaf{} {}{}", slot.number, type, label);
    case Slot::Place::output:
      return fmt::format("output{} {}{}", slot.number, type, label);
    case Slot::Place::arena:
      return fmt::format("arena@{} {}{}", slot.offset, type, label);
  }
  return "?";
}

std::string size_text(std::int64_t items, bool wide, std::int64_t row) {
  if (row > 1) return fmt::format("{} of {}", items, row);
  return fmt::format("{}{}", items, wide ? " x 4" : "");
}

std::string size_text(const Kernel& kernel) {
  switch (kernel.form) {
    case Form::custom:
      return fmt::format("{}", kernel.custom.invocations);
    case Form::map: {
      std::string text = size_text(kernel.items, kernel.wide, kernel.row);
      for (const MapPart& part : kernel.parts) text += " + " + size_text(part.items, part.wide, part.row);
      return text;
    }
    case Form::reduce:
      return fmt::format("{}{} of {}", kernel.items, kernel.wide ? " x 4" : "", kernel.length);
    case Form::matmul: {
      const std::string batch = kernel.matrices == 1 ? "" : fmt::format("{} of ", kernel.matrices);
      return fmt::format("{}{} x {} x {}", batch, kernel.rows, kernel.inner, kernel.columns);
    }
  }
  return "?";
}

}  // namespace

void print_if_changed(const char* pass, const Graph& before, const Graph& after) {
  const std::string text = to_text(after.roots());
  if (text != to_text(before.roots())) fmt::print(stderr, "hekla: after {}\n{}", pass, text);
}

void print(const Fusion& fusion) {
  std::string text;
  for (const Group& group : fusion.groups) {
    text += fmt::format("  {}", form_name(group.form));
    for (const Node* result : group.results) {
      text += fmt::format(" {} {}{}", result->label.empty() ? std::string(result->op->name) : result->label,
                          name(result->dtype), to_string(result->shape));
    }
    text += "\n";
  }
  fmt::print(stderr, "hekla: after fuse, stored by {} kernels\n{}", fusion.groups.size(), text);
}

std::string to_string(const Plan& plan) {
  std::string text =
      fmt::format("{} kernels, {} bytes of working memory\n", plan.kernels.size(), plan.arena_bytes);
  for (std::size_t k = 0; k < plan.kernels.size(); ++k) {
    const Kernel& kernel = plan.kernels[k];
    if (plan.barrier_before[k]) text += "-- barrier\n";
    text += fmt::format("{:>2} {} {} \"{}\"\n", k, form_name(kernel.form), size_text(kernel), kernel.label);
    for (const int slot : kernel.operands)
      text += fmt::format("     reads  {}\n", slot_text(plan.slots[static_cast<std::size_t>(slot)]));
    for (const Store& store : kernel.stores) {
      text += fmt::format("     writes {}\n", slot_text(plan.slots[static_cast<std::size_t>(store.slot)]));
    }
  }
  return text;
}

}  // namespace hekla::compiler
