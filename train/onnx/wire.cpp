// See wire.h.
#include "train/onnx/wire.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace hekla::onnx {

namespace {

// As protobuf's own readers have it.
constexpr int deepest_nesting = 100;

template <class T>
T fixed(std::span<const std::byte> bytes) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<T>(static_cast<std::uint32_t>(files::little_endian(bytes)));
  else
    return std::bit_cast<T>(files::little_endian(bytes));
}

}  // namespace

WireReader::WireReader(const files::Source& source, std::span<const std::byte> bytes, int depth)
    : source_(source), bytes_(bytes), depth_(depth) {
  if (depth > deepest_nesting)
    source.fail(fmt::format("its messages are nested more than {} deep.", deepest_nesting));
}

bool WireReader::next() {
  if (position_ == bytes_.size()) return false;
  const std::uint64_t key = read_varint(position_);
  if (key >> 3 == 0 || key >> 32 != 0)
    source_.fail(fmt::format("is damaged: {} is no key of a protobuf field.", key));
  field_ = static_cast<std::uint32_t>(key >> 3);
  type_ = static_cast<WireType>(key & 7);
  switch (type_) {
    case WireType::varint: varint_ = read_varint(position_); return true;
    case WireType::fixed64: value_ = take(position_, 8); return true;
    case WireType::length_delimited: value_ = take(position_, read_varint(position_)); return true;
    case WireType::fixed32: value_ = take(position_, 4); return true;
  }
  source_.fail(fmt::format("is damaged: field {} has the unknown wire type {}.", field_, key & 7));
}

std::uint64_t WireReader::read_varint(std::size_t& position) const {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (position == bytes_.size()) source_.fail("ends in the middle of a number.");
    const auto byte = static_cast<std::uint64_t>(bytes_[position++]);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  source_.fail("is damaged: a number has more than ten bytes.");
}

std::span<const std::byte> WireReader::take(std::size_t& position, std::uint64_t count) const {
  if (count > bytes_.size() - position)
    source_.fail(fmt::format("ends too early: a field of {} bytes begins {} bytes before the end.", count,
                             bytes_.size() - position));
  const std::span<const std::byte> taken = bytes_.subspan(position, static_cast<std::size_t>(count));
  position += static_cast<std::size_t>(count);
  return taken;
}

void WireReader::expect(WireType type) const {
  if (type_ != type)
    source_.fail(fmt::format("is damaged: field {} has wire type {} in place of {}.", field_,
                             static_cast<int>(type_), static_cast<int>(type)));
}

std::uint64_t WireReader::unsigned_integer() const {
  expect(WireType::varint);
  return varint_;
}

float WireReader::f32() const {
  expect(WireType::fixed32);
  return fixed<float>(value_);
}

std::span<const std::byte> WireReader::bytes() const {
  expect(WireType::length_delimited);
  return value_;
}

std::string WireReader::text() const {
  const std::span<const std::byte> value = bytes();
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

WireReader WireReader::message() const { return {source_, bytes(), depth_ + 1}; }

void WireReader::append_to(std::vector<std::int64_t>& integers) const {
  std::vector<std::uint64_t> values;
  append_to(values);
  for (const std::uint64_t value : values) integers.push_back(static_cast<std::int64_t>(value));
}

void WireReader::append_to(std::vector<std::uint64_t>& integers) const {
  if (type_ == WireType::varint) {
    integers.push_back(varint_);
    return;
  }
  const WireReader packed(source_, bytes());
  for (std::size_t position = 0; position < packed.bytes_.size();)
    integers.push_back(packed.read_varint(position));
}

template <class T>
void WireReader::append_fixed(WireType type, std::vector<T>& numbers) const {
  if (type_ != type) expect(WireType::length_delimited);
  if (value_.size() % sizeof(T) != 0)
    source_.fail(fmt::format("is damaged: {} bytes are no whole number of elements.", value_.size()));
  for (std::size_t at = 0; at < value_.size(); at += sizeof(T))
    numbers.push_back(fixed<T>(value_.subspan(at, sizeof(T))));
}

void WireReader::append_to(std::vector<float>& numbers) const { append_fixed(WireType::fixed32, numbers); }
void WireReader::append_to(std::vector<double>& numbers) const { append_fixed(WireType::fixed64, numbers); }

void WireWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) written_ += static_cast<char>((value & 0x7f) | 0x80);
  written_ += static_cast<char>(value);
}

void WireWriter::key(std::uint32_t field, std::uint32_t type) { varint(field << 3 | type); }

void WireWriter::integer(std::uint32_t field, std::int64_t value) {
  key(field, 0);
  varint(static_cast<std::uint64_t>(value));
}

void WireWriter::f32(std::uint32_t field, float value) {
  key(field, 5);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) written_ += static_cast<char>(bits >> shift & 0xff);
}

void WireWriter::text(std::uint32_t field, std::string_view value) {
  key(field, 2);
  varint(value.size());
  written_ += value;
}

void WireWriter::bytes(std::uint32_t field, std::span<const std::byte> value) {
  text(field, {reinterpret_cast<const char*>(value.data()), value.size()});
}

void WireWriter::packed(std::uint32_t field, std::span<const std::int64_t> values) {
  WireWriter elements;
  for (const std::int64_t value : values) elements.varint(static_cast<std::uint64_t>(value));
  text(field, elements.written_);
}

void WireWriter::packed(std::uint32_t field, std::span<const float> values) {
  key(field, 2);
  varint(values.size() * sizeof(float));
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) written_ += static_cast<char>(bits >> shift & 0xff);
  }
}

}  // namespace hekla::onnx
