// Makes the bytes of image files for the tests of their reader.
#pragma once

#include <zlib.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hekla::test {

/// A PNG file with these pixels, [height, width, channels], of 1 (grey), 3 or 4 channels.
inline std::vector<std::uint8_t> png_bytes(std::uint32_t height, std::uint32_t width, std::uint32_t channels,
                                           const std::vector<std::uint8_t>& pixels) {
  std::vector<std::uint8_t> file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  const auto append_number = [](std::vector<std::uint8_t>& to, std::uint32_t number) {
    for (const int shift : {24, 16, 8, 0}) to.push_back(static_cast<std::uint8_t>(number >> shift));
  };
  const auto append_chunk = [&](const std::string& type, const std::vector<std::uint8_t>& data) {
    std::vector<std::uint8_t> body(type.begin(), type.end());
    body.insert(body.end(), data.begin(), data.end());
    append_number(file, static_cast<std::uint32_t>(data.size()));
    file.insert(file.end(), body.begin(), body.end());
    append_number(file, static_cast<std::uint32_t>(crc32(0, body.data(), static_cast<uInt>(body.size()))));
  };
  std::vector<std::uint8_t> header;
  append_number(header, width);
  append_number(header, height);
  const std::uint8_t color_type = channels == 1 ? 0 : channels == 3 ? 2 : 6;
  header.insert(header.end(), {8, color_type, 0, 0, 0});
  append_chunk("IHDR", header);
  std::vector<std::uint8_t> rows;
  for (std::size_t row = 0; row < height; ++row) {
    rows.push_back(0);  // the filter of the row: none
    const auto begin = pixels.begin() + static_cast<std::ptrdiff_t>(row * width * channels);
    rows.insert(rows.end(), begin, begin + static_cast<std::ptrdiff_t>(width * channels));
  }
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  std::vector<std::uint8_t> packed(size);
  compress(packed.data(), &size, rows.data(), static_cast<uLong>(rows.size()));
  packed.resize(size);
  append_chunk("IDAT", packed);
  append_chunk("IEND", {});
  return file;
}

/// A baseline JPEG file of 8 x 8 grey pixels of 200: its one block has the coefficient 8 * (200 - 128), which takes the ten
/// bits that follow the only code of the table for such, and the code for the end of the block.
inline std::vector<std::uint8_t> jpeg_bytes() {
  std::vector<std::uint8_t> file{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0};
  file.insert(file.end(), 64, 1);  // no quantization
  const auto append = [&](const std::vector<std::uint8_t>& more) {
    file.insert(file.end(), more.begin(), more.end());
  };
  append({0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0});
  for (const auto& [table, symbol] : std::array<std::array<std::uint8_t, 2>, 2>{{{0x00, 10}, {0x10, 0}}}) {
    append({0xff, 0xc4, 0, 20, table, 1});
    file.insert(file.end(), 15, 0);
    file.push_back(symbol);
  }
  append({0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0});
  append({0x48, 0x0f, 0xff, 0xd9});
  return file;
}

}  // namespace hekla::test
