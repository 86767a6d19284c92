// Reader of IDX files, the format of the MNIST family of data sets, packed with gzip or plain.
// The format: two zero bytes, a type byte, the number of axes, each axis as a big-endian 32-bit size, the
// values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "graph/tensor.h"

namespace hekla::data {

/// What an IDX file holds.
struct IdxFile {
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> bytes;  // row-major, as many as the product of the shape
};

/// Reads a whole IDX file of unsigned bytes; gzip is recognized by its first two bytes, not by the name.
/// Throws hekla::Error naming the file when it is missing, unreadable, damaged, of another format or type, of
/// more axes than a tensor has, shorter or longer than its header announces, or announces more than 8 GiB;
/// memory grows only with what was really read.
IdxFile read_idx(const std::filesystem::path& path);

/// The same as a tensor (u8), to make a Dataset of: Dataset(load_idx("images"), load_idx("labels")).
Tensor load_idx(const std::filesystem::path& path);

/// The CRC-32 of the IDX file of unsigned bytes that has this shape and content, unpacked; `gzip -lv` shows
/// it of a packed one.
std::uint32_t idx_checksum(const std::vector<std::int64_t>& shape, std::span<const std::uint8_t> bytes);

}  // namespace hekla::data
