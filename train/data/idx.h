// Reader of IDX files, the format of the MNIST family of data sets, gzipped or uncompressed.
// The format: two zero bytes, a type byte, the number of axes, each axis as a big-endian 32-bit size, the
// values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "graph/tensor.h"

namespace hekla::data {

/// The contents of an IDX file.
struct IdxFile {
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> bytes;  // row-major, as many as the product of the shape
};

/// Reads a whole IDX file of unsigned bytes; gzip is recognized by its first two bytes, not by the name.
/// Throws hekla::Error naming the file when it is missing, unreadable, damaged, or of another format or type.
/// It also throws when the file has more axes than a tensor, is shorter or longer than its header announces,
/// or announces more than 8 GiB. Memory grows only with what was really read.
IdxFile read_idx(const std::filesystem::path& path);

/// Reads an IDX file as a tensor (u8), for a Dataset: Dataset(load_idx("images"), load_idx("labels")).
Tensor load_idx(const std::filesystem::path& path);

/// The CRC-32 of the uncompressed IDX file of unsigned bytes with this shape and content; `gzip -lv` shows it
/// for a gzipped one.
std::uint32_t idx_checksum(const std::vector<std::int64_t>& shape, std::span<const std::uint8_t> bytes);

}  // namespace hekla::data
