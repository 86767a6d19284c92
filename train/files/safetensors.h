// safetensors files, the format for exchanging weights between frameworks: a length, a JSON header that says
// where each tensor lies, the elements. Start with save_safetensors and load_safetensors.
// The format: https://github.com/huggingface/safetensors, README.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/files/named_tensor.h"

namespace hekla {

/// Computes the tensors and writes them atomically (see AtomicFile), with one at a time in memory. The same
/// tensors give the same bytes. Tensors with larger elements come first, so that each is aligned for reading
/// in place; otherwise the given order is kept. f32 keeps every bit. Throws hekla::Error naming the file when
/// it cannot be written, a name is used twice or is `__metadata__`, a tensor is empty (unassigned), or a text
/// is not UTF-8.
void save_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                      const std::map<std::string, std::string>& metadata = {});

/// The contents of a safetensors file.
struct SafetensorsFile {
  std::string name;                  ///< its path
  std::vector<NamedTensor> tensors;  ///< in the order of their bytes
  std::map<std::string, std::string> metadata;

  /// The tensor of that name, or null.
  const Tensor* find(std::string_view tensor) const;
  /// The tensor of that name; throws hekla::Error naming those that are there.
  const Tensor& at(std::string_view tensor) const;
};

/// Reads a file. F32, F16, BF16, I32, U32, U8 and BOOL keep their dtype; F64 is rounded to f32; I64, I16 and
/// I8 become i32; U64 and U16 become u32. Throws hekla::Error naming the file and the reason when it breaks a
/// rule of the format, holds another dtype, an integer that does not fit, or more than 12 axes. A damaged or
/// malicious file takes no more memory than a few times its size.
SafetensorsFile load_safetensors(const std::filesystem::path& path);

/// Reads the bytes of such a file in memory; errors call it `name`.
SafetensorsFile read_safetensors(std::span<const std::byte> bytes, std::string name = "memory");

}  // namespace hekla
