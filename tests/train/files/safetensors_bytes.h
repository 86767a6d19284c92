// The bytes of safetensors files for the tests of their reader.
#pragma once

#include <cstdint>
#include <string_view>

#include "tests/train/idx_bytes.h"

namespace hekla::test {

/// A length, a header and data, which need not be consistent.
inline Bytes safetensors_bytes(std::uint64_t length, std::string_view header, const Bytes& data) {
  Bytes bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(length >> 8 * i));
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

inline Bytes safetensors_bytes(std::string_view header, const Bytes& data = {}) {
  return safetensors_bytes(header.size(), header, data);
}

}  // namespace hekla::test
