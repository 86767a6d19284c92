// The entries of a DeviceProfile by name: to be printed, and to be overridden by a file while a device is
// tuned.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/compiler/profile.h"

namespace hekla::compiler {

/// One entry of a profile.
struct ProfileField {
  std::string_view name;
  std::variant<bool*, int*, std::uint32_t*, std::int64_t*, double*> value;
  std::string_view unit;
  double least = 0;  ///< the smallest number that makes sense
};

std::vector<ProfileField> fields_of(DeviceProfile& profile);

/// A line `name = value  # unit` for each, which override_fields() reads.
std::string to_string(std::span<const ProfileField> fields);

/// Sets the entries that `file` names, one `name = value` per line; `#` begins a comment. Throws hekla::Error
/// `[profile] file:line: ...` on a file that cannot be read, an unknown name, and a value that does not fit.
void override_fields(std::span<const ProfileField> fields, const std::filesystem::path& file);

}  // namespace hekla::compiler
