// CRC-32C, the checksum of event files.
#pragma once

#include <cstdint>
#include <string_view>

namespace hekla::files {

/// The checksum by Castagnoli's polynomial (RFC 3720, appendix B.4).
std::uint32_t crc32c(std::string_view bytes);

/// The checksum rotated and with an offset added, as TensorFlow stores it: a record may itself hold
/// checksums.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace hekla::files
