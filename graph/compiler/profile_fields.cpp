#include "graph/compiler/profile_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <type_traits>

#include "graph/choice.h"
#include "graph/error.h"

namespace hekla::compiler {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

constexpr std::string_view unlimited = "unlimited";

// False where `text` is no value of this field.
bool set(const ProfileField& field, std::string_view text) {
  return std::visit(
      [&]<class T>(T* value) {
        if constexpr (std::is_same_v<T, bool>) {
          if (text != "true" && text != "false") return false;
          *value = text == "true";
          return true;
        } else {
          if (std::is_same_v<T, std::int64_t> && text == unlimited) {
            *value = std::numeric_limits<T>::max();
            return true;
          }
          T number{};
          const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
          // The comparison is written so that NaN is refused.
          if (error != std::errc() || end != text.data() + text.size() ||
              !(static_cast<double>(number) >= field.least))
            return false;
          *value = number;
          return true;
        }
      },
      field.value);
}

std::string rule(const ProfileField& field) {
  return std::visit(
      [&]<class T>(T*) -> std::string {
        if constexpr (std::is_same_v<T, bool>) return "true or false";
        return fmt::format("{} of at least {}", std::is_floating_point_v<T> ? "a number" : "a whole number",
                           field.least);
      },
      field.value);
}

}  // namespace

std::vector<ProfileField> fields_of(DeviceProfile& p) {
  return {
      {"dispatch_work", &p.dispatch_work, "additions"},
      {"store_work", &p.store_work, "additions"},
      {"load_work", &p.load_work, "additions"},
      {"byte_work", &p.byte_work, "additions"},
      {"fold_step_work", &p.fold_step_work, "additions"},
      {"max_operands", &p.max_operands, "tensors", 1},
      {"max_results", &p.max_results, "tensors", 1},
      {"max_statements", &p.max_statements, "statements", 16},
      {"max_folds", &p.max_folds, "reductions"},
      {"tiny_elements", &p.tiny_elements, "elements"},
      {"max_iterations", &p.max_iterations, "iterations", 1024},
      {"max_fused_iterations", &p.max_fused_iterations, "iterations", 1},
      {"longest_fold", &p.longest_fold, "elements", 1},
      {"longest_row", &p.longest_row, "elements", 1},
      {"row_saving", &p.row_saving, "share of the work"},
      {"longest_reduction", &p.longest_reduction, "elements", 16},
      {"longest_product", &p.longest_product, "elements", 16},
      {"shortest_split_reduction", &p.shortest_split_reduction, "elements", 16},
      {"enough_reduction_outputs", &p.enough_reduction_outputs, "elements"},
      {"shortest_split_product", &p.shortest_split_product, "elements", 16},
      {"enough_product_outputs", &p.enough_product_outputs, "elements"},
      {"shortest_product_section", &p.shortest_product_section, "elements", 16},
      {"max_product_sections", &p.max_product_sections, "sections", 1},
      {"product_rows", &p.product_rows, "rows", 1},
      {"product_columns", &p.product_columns, "columns", 1},
      {"narrowest_tile", &p.narrowest_tile, "columns"},
      {"max_bindings", &p.max_bindings, "tensors", 4},
      {"arena_as_one", &p.arena_as_one, "whether one binding may hold all working memory"},
      {"max_binding_bytes", &p.max_binding_bytes, "bytes", 4096},
      {"max_stored_bytes", &p.max_stored_bytes, "bytes", 4096},
      {"arena_alignment", &p.arena_alignment, "bytes", 16},
  };
}

std::string to_string(std::span<const ProfileField> fields) {
  std::string text;
  for (const ProfileField& field : fields) {
    const std::string value = std::visit(
        []<class T>(const T* v) {
          const bool is_unlimited = std::is_same_v<T, std::int64_t> && *v == std::numeric_limits<T>::max();
          return is_unlimited ? std::string(unlimited) : fmt::format("{}", *v);
        },
        field.value);
    text += fmt::format("{} = {}  # {}\n", field.name, value, field.unit);
  }
  return text;
}

void override_fields(std::span<const ProfileField> fields, const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw Error(fmt::format("[profile] {} cannot be read.", file.string()));
  int number = 0;
  for (std::string text; std::getline(stream, text);) {
    const auto complain = [&](const std::string& what) {
      return Error(fmt::format("[profile] {}:{}: {}", file.string(), number, what));
    };
    ++number;
    const std::string_view line = trimmed(std::string_view(text).substr(0, text.find('#')));
    if (line.empty()) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      throw complain(fmt::format("'{}' is no line 'name = value'.", line));
    const std::string_view name = trimmed(line.substr(0, equals)), value = trimmed(line.substr(equals + 1));
    const auto field = find_name(fields, name, &ProfileField::name);
    if (field == fields.end())
      throw complain("the entry " + unknown_name(name, names_of(fields, &ProfileField::name)));
    if (!set(*field, value))
      throw complain(fmt::format("{} is '{}'; it must be {}.", name, value, rule(*field)));
  }
}

}  // namespace hekla::compiler
