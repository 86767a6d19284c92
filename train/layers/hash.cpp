// See hash.h.
#include "train/layers/hash.h"

#include <bit>
#include <cstddef>
#include <utility>

namespace hekla {

namespace {

using U64 = std::uint64_t;

constexpr U64 k0 = 0xc3a5c85c97cb3127, k1 = 0xb492b66fbe98f273, k2 = 0x9ae16a3b2f90404f;

// The number at a place, its first byte the lowest.
U64 fetch(std::string_view text, std::size_t at, std::size_t bytes = 8) {
  U64 number = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    number |= static_cast<U64>(static_cast<unsigned char>(text[at + i])) << (8 * i);
  return number;
}

U64 mixed(U64 x) { return x ^ (x >> 47); }

U64 hash_16(U64 u, U64 v, U64 factor) { return mixed((v ^ mixed((u ^ v) * factor)) * factor) * factor; }

U64 hash_to_16(std::string_view s) {
  const std::size_t n = s.size();
  const U64 factor = k2 + n * 2;
  if (n >= 8) {
    const U64 a = fetch(s, 0) + k2, b = fetch(s, n - 8);
    return hash_16(std::rotr(b, 37) * factor + a, (std::rotr(a, 25) + b) * factor, factor);
  }
  if (n >= 4) return hash_16(n + (fetch(s, 0, 4) << 3), fetch(s, n - 4, 4), factor);
  if (n == 0) return k2;
  const U64 y = fetch(s, 0, 1) + (fetch(s, n / 2, 1) << 8), z = n + (fetch(s, n - 1, 1) << 2);
  return mixed((y * k2) ^ (z * k0)) * k2;
}

U64 hash_to_32(std::string_view s) {
  const std::size_t n = s.size();
  const U64 factor = k2 + n * 2;
  const U64 a = fetch(s, 0) * k1, b = fetch(s, 8), c = fetch(s, n - 8) * factor, d = fetch(s, n - 16) * k2;
  return hash_16(std::rotr(a + b, 43) + std::rotr(c, 30) + d, a + std::rotr(b + k2, 18) + c, factor);
}

U64 hash_to_64(std::string_view s) {
  const std::size_t n = s.size();
  const U64 factor = k2 + n * 2;
  const U64 a = fetch(s, 0) * k2, b = fetch(s, 8), c = fetch(s, n - 8) * factor, d = fetch(s, n - 16) * k2;
  const U64 y = std::rotr(a + b, 43) + std::rotr(c, 30) + d;
  const U64 z = hash_16(y, a + std::rotr(b + k2, 18) + c, factor);
  const U64 e = fetch(s, 16) * factor, f = fetch(s, 24);
  const U64 g = (y + fetch(s, n - 32)) * factor, h = (z + fetch(s, n - 24)) * factor;
  return hash_16(std::rotr(e + f, 43) + std::rotr(g, 30) + h, e + std::rotr(f + a, 18) + g, factor);
}

using Pair = std::pair<U64, U64>;

Pair weak_32(std::string_view s, std::size_t at, U64 a, U64 b) {
  const U64 w = fetch(s, at), x = fetch(s, at + 8), y = fetch(s, at + 16), z = fetch(s, at + 24);
  a += w;
  b = std::rotr(b + a + z, 21);
  const U64 c = a;
  a += x + y;
  b += std::rotr(a, 44);
  return {a + z, b + c};
}

U64 hash_long(std::string_view s) {
  U64 y = 81 * k1 + 113, z = mixed(y * k2 + 113) * k2, x = 81 * k2 + fetch(s, 0);
  Pair v, w;
  const auto take_64 = [&](std::size_t at, U64 factor, U64 of_w, U64 of_v) {
    x = std::rotr(x + y + v.first + fetch(s, at + 8), 37) * factor;
    y = std::rotr(y + v.second + fetch(s, at + 48), 42) * factor;
    x ^= w.second * of_w;
    y += v.first * of_v + fetch(s, at + 40);
    z = std::rotr(z + w.first, 33) * factor;
    v = weak_32(s, at, v.second * factor, x + w.first);
    w = weak_32(s, at + 32, z + w.second, y + fetch(s, at + 16));
    std::swap(z, x);
  };
  const std::size_t rest = (s.size() - 1) % 64;
  for (std::size_t at = 0; at + rest + 1 < s.size(); at += 64) take_64(at, k1, 1, 1);
  const U64 factor = k1 + ((z & 0xff) << 1);
  w.first += rest;
  v.first += w.first;
  w.first += v.first;
  take_64(s.size() - 64, factor, 9, 9);
  return hash_16(hash_16(v.first, w.first, factor) + mixed(y) * k0 + z,
                 hash_16(v.second, w.second, factor) + x, factor);
}

}  // namespace

std::uint64_t fingerprint64(std::string_view text) {
  if (text.size() <= 16) return hash_to_16(text);
  if (text.size() <= 32) return hash_to_32(text);
  return text.size() <= 64 ? hash_to_64(text) : hash_long(text);
}

std::uint64_t combined_fingerprint(std::uint64_t first, std::uint64_t second) {
  constexpr U64 factor = 0xc6a4a7935bd1e995;
  const U64 both = ((first ^ factor) ^ (mixed(second * factor) * factor)) * factor;
  return mixed(mixed(both) * factor);
}

std::uint64_t sip_hash(std::string_view text, const std::array<std::uint64_t, 2>& key) {
  U64 a = key[0] ^ 0x736f6d6570736575, b = key[1] ^ 0x646f72616e646f6d;
  U64 c = key[0] ^ 0x6c7967656e657261, d = key[1] ^ 0x7465646279746573;
  const auto round = [&](int times) {
    for (int i = 0; i < times; ++i) {
      a += b;
      b = std::rotl(b, 13) ^ a;
      a = std::rotl(a, 32);
      c += d;
      d = std::rotl(d, 16) ^ c;
      a += d;
      d = std::rotl(d, 21) ^ a;
      c += b;
      b = std::rotl(b, 17) ^ c;
      c = std::rotl(c, 32);
    }
  };
  const auto take = [&](U64 word) {
    d ^= word;
    round(2);
    a ^= word;
  };
  const std::size_t rest = text.size() % 8;
  for (std::size_t at = 0; at + rest < text.size(); at += 8) take(fetch(text, at));
  take(fetch(text, text.size() - rest, rest) | (static_cast<U64>(text.size()) << 56));
  c ^= 0xff;
  round(4);
  return a ^ b ^ c ^ d;
}

}  // namespace hekla
