// The wire format of protobuf messages, in which ONNX files are written: a sequence of fields, each a number, a wire type
// and a value. The format: https://protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/files/source.h"

namespace hekla::onnx {

/// Reads the fields of one message in order. What it returns refers to the bytes, which must outlive it. Every function
/// fails as `source` does where the bytes end too early or hold something else than is asked for.
class WireReader {
 public:
  WireReader(const files::Source& source, std::span<const std::byte> bytes, int depth = 0);

  /// Advances to the next field, past the value of the present one; false at the end of the message.
  bool next();
  /// The number of the present field.
  std::uint32_t field() const { return field_; }

  std::uint64_t unsigned_integer() const;
  std::int64_t integer() const { return static_cast<std::int64_t>(unsigned_integer()); }
  float f32() const;
  std::span<const std::byte> bytes() const;
  std::string text() const;
  /// A message inside of this one. Fails where messages are nested too deeply.
  WireReader message() const;

  /// Append one element of a repeated field, or several where they are packed.
  void append_to(std::vector<std::int64_t>& integers) const;
  void append_to(std::vector<std::uint64_t>& integers) const;
  void append_to(std::vector<float>& numbers) const;
  void append_to(std::vector<double>& numbers) const;

  const files::Source& source() const { return source_; }

 private:
  enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

  std::uint64_t read_varint(std::size_t& position) const;
  std::span<const std::byte> take(std::size_t& position, std::uint64_t count) const;
  void expect(WireType type) const;
  template <class T>
  void append_fixed(WireType type, std::vector<T>& numbers) const;

  const files::Source& source_;
  std::span<const std::byte> bytes_;
  int depth_;
  std::size_t position_ = 0;
  std::uint32_t field_ = 0;
  WireType type_ = WireType::varint;
  std::uint64_t varint_ = 0;
  std::span<const std::byte> value_ = {};
};

/// Writes the fields of a message.
class WireWriter {
 public:
  void integer(std::uint32_t field, std::int64_t value);
  void f32(std::uint32_t field, float value);
  void bytes(std::uint32_t field, std::span<const std::byte> value);
  void text(std::uint32_t field, std::string_view value);
  void message(std::uint32_t field, const WireWriter& value) { text(field, value.written()); }
  void packed(std::uint32_t field, std::span<const std::int64_t> values);
  void packed(std::uint32_t field, std::span<const float> values);

  const std::string& written() const { return written_; }

 private:
  void varint(std::uint64_t value);
  void key(std::uint32_t field, std::uint32_t type);

  std::string written_;
};

}  // namespace hekla::onnx
