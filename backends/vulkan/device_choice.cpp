// Devices are ranked by type only (discrete, integrated, virtual, cpu). A description does not tell the speed
// within a type, so the driver's enumeration order breaks ties.
#include "backends/vulkan/device_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "graph/choice.h"
#include "graph/error.h"

namespace hekla::vulkan {
namespace {

std::optional<int> parse_index(std::string_view text) {
  int value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_gpu(DeviceType type) {
  return type == DeviceType::discrete || type == DeviceType::integrated || type == DeviceType::virtual_gpu;
}

bool matches(const DeviceReport& report, std::string_view selector) {
  if (selector.empty()) return true;
  if (auto index = parse_index(selector)) return report.index == *index;
  const std::string wanted = lower_case(selector);
  if (wanted == "gpu") return is_gpu(report.type);
  if (wanted == "cpu") return report.type == DeviceType::cpu;
  return lower_case(report.name).find(wanted) != std::string::npos;
}

std::string list(std::span<const DeviceReport> reports) {
  std::string text;
  for (const DeviceReport& r : reports)
    text += fmt::format("{}{}: {} ({})", text.empty() ? "" : ", ", r.index, r.name, type_name(r.type));
  return text;
}

std::string reason_for(const DeviceReport& report, const DeviceReport& best, std::string_view selector) {
  if (!report.unsuitable.empty()) return report.unsuitable;
  if (!matches(report, selector)) return fmt::format("does not match '{}'", selector);
  if (&report == &best) {
    if (!selector.empty()) return fmt::format("matches '{}'", selector);
    return fmt::format("first {} device", type_name(report.type));
  }
  if (report.type == best.type) return fmt::format("device {} of the same type comes first", best.index);
  return fmt::format("a {} device is preferred to a {} one", type_name(best.type), type_name(report.type));
}

}  // namespace

std::string_view type_name(DeviceType type) {
  switch (type) {
    case DeviceType::discrete:
      return "discrete";
    case DeviceType::integrated:
      return "integrated";
    case DeviceType::virtual_gpu:
      return "virtual";
    case DeviceType::cpu:
      return "cpu";
    case DeviceType::other:
      break;
  }
  return "other";
}

std::size_t choose_device(std::span<DeviceReport> reports, std::string_view selector) {
  std::optional<std::size_t> best;
  const DeviceReport* unusable = nullptr;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!matches(reports[i], selector)) continue;
    if (!reports[i].unsuitable.empty()) {
      unusable = &reports[i];
      continue;
    }
    if (!best || reports[i].type < reports[*best].type) best = i;
  }
  if (!best && unusable != nullptr)
    throw Error(fmt::format("[device] device {} ({}) cannot be used: {}; the devices are {}.",
                            unusable->index, unusable->name, unusable->unsuitable, list(reports)));
  if (!best)
    throw Error(
        fmt::format("[device] no Vulkan device matches '{}'; the devices are {}. Give an index, a part of "
                    "a name, 'gpu' or 'cpu'.",
                    selector, list(reports)));
  for (DeviceReport& report : reports) {
    report.chosen = &report == &reports[*best];
    report.reason = reason_for(report, reports[*best], selector);
  }
  return *best;
}

std::string describe(std::span<const DeviceReport> reports) {
  std::string text;
  for (const DeviceReport& r : reports)
    text += fmt::format("{} {}: {} ({}, Vulkan {}, {}): {}\n", r.chosen ? '*' : ' ', r.index, r.name,
                        type_name(r.type), r.api, r.driver, r.reason);
  return text;
}

}  // namespace hekla::vulkan
