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
    case Form::loop:
      return "loop";
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

std::string size_text(const MapKernel& map) {
  std::string text;
  for (const MapPart& part : map.parts) {
    text += text.empty() ? "" : " + ";
    text += part.row > 1 ? fmt::format("{} of {}", part.items, part.row)
                         : fmt::format("{}{}", part.items, part.wide ? " x 4" : "");
  }
  return text;
}

std::string size_text(const ReduceKernel& reduce) {
  return fmt::format("{}{} of {}", reduce.items, reduce.wide ? " x 4" : "", reduce.length);
}

std::string size_text(const MatmulKernel& product) {
  const std::string batch = product.matrices == 1 ? "" : fmt::format("{} of ", product.matrices);
  return fmt::format("{}{} x {} x {}", batch, product.rows, product.inner, product.columns);
}

std::string size_text(const CustomCall& call) { return fmt::format("{}", call.invocations); }

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
    for (const Repeated& loop : plan.loops) {
      if (loop.first == k)
        text += fmt::format("-- {} times: kernels {} to {}\n", loop.count, loop.first, loop.end - 1);
    }
    if (plan.barrier_before[k]) text += "-- barrier\n";
    text +=
        fmt::format("{:>2} {} {} \"{}\"\n", k, form_name(static_cast<Form>(kernel.form.index())),
                    std::visit([](const auto& form) { return size_text(form); }, kernel.form), kernel.label);
    for (const int slot : kernel.operands)
      text += fmt::format("     reads  {}\n", slot_text(plan.slots[static_cast<std::size_t>(slot)]));
    for (const Store& store : kernel.stores) {
      text += fmt::format("     writes {}\n", slot_text(plan.slots[static_cast<std::size_t>(store.slot)]));
    }
  }
  return text;
}

}  // namespace hekla::compiler
