// The header of a safetensors file: which tensors lie where in the bytes that follow.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/shape.h"
#include "train/files/elements.h"
#include "train/files/source.h"

namespace hekla::files {

/// What the header says about one tensor. Offsets count from the end of the header.
struct SafetensorsEntry {
  std::string name;
  StoredType type = StoredType::f32;
  Shape shape;
  std::uint64_t begin = 0;  // of its bytes
  std::uint64_t end = 0;
};

/// What the header says.
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // sorted by offset
  std::map<std::string, std::string> metadata;
};

/// The longest header that readers of the format accept, in bytes.
inline constexpr std::uint64_t longest_safetensors_header = 100'000'000;

/// Parses the header, the JSON text of a file with `buffer_size` bytes after it. It fails by source.fail
/// unless the text is one object of tensors, `{"dtype", "shape", "data_offsets"}` and nothing else, with an
/// optional `__metadata__` of strings and no duplicate names. The byte ranges must cover the buffer without
/// gap or overlap, and have the size that dtype and shape need.
SafetensorsHeader parse_safetensors_header(const Source& source, std::string_view json,
                                           std::uint64_t buffer_size);

/// The format's name of a type: "F32".
std::string_view safetensors_name(StoredType type);

}  // namespace hekla::files
