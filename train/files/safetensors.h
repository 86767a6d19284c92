// safetensors files, the format in which weights travel between frameworks: a length, a JSON header that says
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

/// Computes the tensors and writes them, one after the other in memory, whole or not at all (see AtomicFile).
/// The same tensors give the same bytes: those of larger elements first, so that each lies where its elements
/// can be read in place, else in the order given. f32 keeps every bit. Throws hekla::Error naming the file
/// when it cannot be written, a name is used twice or is `__metadata__`, a tensor is empty (unassigned), or a
/// text is not UTF-8.
void save_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                      const std::map<std::string, std::string>& metadata = {});

/// What a safetensors file holds.
struct SafetensorsFile {
  std::string name;                  ///< its path
  std::vector<NamedTensor> tensors;  ///< in the order of their bytes
  std::map<std::string, std::string> metadata;

  /// The tensor of that name, or null.
  const Tensor* find(std::string_view tensor) const;
  /// The tensor of that name; throws hekla::Error naming those that are there.
  const Tensor& at(std::string_view tensor) const;
};

/// Reads a file. F32, F16, BF16, I32, U32, U8 and BOOL are kept as they are; F64 is rounded to f32, I64, I16
/// and I8 become i32, U64 and U16 become u32. Throws hekla::Error naming the file and the reason when it
/// breaks a rule of the format, holds another dtype, an integer that does not fit, or more than 12 axes. A
/// damaged or malicious file takes no more memory than a few times its size.
SafetensorsFile load_safetensors(const std::filesystem::path& path);

/// The same from bytes in memory; errors call them `name`.
SafetensorsFile read_safetensors(std::span<const std::byte> bytes, std::string name = "memory");

}  // namespace hekla
