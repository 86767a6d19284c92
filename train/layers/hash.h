// Hashes of strings with a fixed value on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hekla {

/// FarmHash's Fingerprint64 (Pike, Alakuijala: github.com/google/farmhash, farmhashna).
std::uint64_t fingerprint64(std::string_view text);
/// One fingerprint of two, as TensorFlow's crosses of categories make it.
std::uint64_t combined_fingerprint(std::uint64_t first, std::uint64_t second);
/// SipHash-2-4 (Aumasson, Bernstein: SipHash: a fast short-input PRF, Indocrypt 2012).
std::uint64_t sip_hash(std::string_view text, const std::array<std::uint64_t, 2>& key);

}  // namespace hekla
