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

/// What the header says about one tensor.
struct SafetensorsEntry {
  std::string name;
  StoredType type = StoredType::f32;
  Shape shape;
  std::uint64_t begin = 0;  // of its bytes, counted from the end of the header
  std::uint64_t end = 0;
};

/// What the header says.
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
};

/// What readers of the format accept at most.
inline constexpr std::uint64_t longest_safetensors_header = 100'000'000;

/// Reads the header from the JSON text of a file with `buffer_size` bytes after it. Fails as `source` does
/// unless it is one object of tensors, `{"dtype", "shape", "data_offsets"}` and nothing else, with an
/// optional `__metadata__` of strings, no name twice, and bytes that follow each other from the first to the
/// last byte of the buffer without gap or overlap, as many as dtype and shape need.
SafetensorsHeader parse_safetensors_header(const Source& source, std::string_view json,
                                           std::uint64_t buffer_size);

/// The name by which the format calls a type: "F32".
std::string_view safetensors_name(StoredType type);

}  // namespace hekla::files
