// See safetensors.h.
#include "train/files/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "graph/error.h"
#include "graph/host_memory.h"
#include "train/files/atomic_file.h"
#include "train/files/elements.h"
#include "train/files/safetensors_header.h"
#include "train/files/source.h"
#include "train/utf8.h"

namespace hekla {

namespace {

using files::Source;

constexpr std::uint64_t length_bytes = 8;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view text) {
  throw Error(fmt::format("[save_safetensors] {}: {}", path.string(), text));
}

// A JSON object that keeps the insertion order.
using Object = nlohmann::ordered_json;

std::string header_of(std::span<const NamedTensor* const> order,
                      const std::map<std::string, std::string>& metadata) {
  Object header = Object::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t begin = 0;
  for (const NamedTensor* each : order) {
    const Tensor& tensor = each->tensor;
    const auto type = files::stored_type(tensor.dtype());
    const std::uint64_t end = begin + static_cast<std::uint64_t>(tensor.count()) * size_of(type);
    header[each->name] = {{"dtype", safetensors_name(type)},
                          {"shape", std::vector<std::int64_t>(tensor.shape().begin(), tensor.shape().end())},
                          {"data_offsets", {begin, end}}};
    begin = end;
  }
  return header.dump();
}

SafetensorsFile read_from(Source& source, std::string name) {
  if (source.size() < length_bytes)
    source.fail(
        fmt::format("has {} bytes; a safetensors file starts with eight that give the length of its header.",
                    source.size()));
  const std::uint64_t length = files::little_endian(source.read(0, length_bytes));
  if (length > files::longest_safetensors_header)
    source.fail(fmt::format(
        "announces a header of {} bytes; at most {} are allowed. It is no safetensors file or damaged.",
        length, files::longest_safetensors_header));
  const std::uint64_t after = source.size() - length_bytes;
  if (length > after)
    source.fail(fmt::format(
        "announces a header of {} bytes and has {}; it is truncated or no safetensors file.", length, after));
  const std::vector<std::byte> header = source.read(length_bytes, length);
  auto [entries, metadata] = files::parse_safetensors_header(
      source, {reinterpret_cast<const char*>(header.data()), header.size()}, after - length);

  SafetensorsFile result{.name = std::move(name), .tensors = {}, .metadata = std::move(metadata)};
  for (files::SafetensorsEntry& entry : entries) {
    const std::vector<std::byte> bytes =
        source.read(length_bytes + length + entry.begin, entry.end - entry.begin);
    Tensor tensor = files::decode(source, entry.name, bytes, entry.type, entry.shape);
    result.tensors.push_back({std::move(entry.name), std::move(tensor)});
  }
  return result;
}

}  // namespace

void save_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                      const std::map<std::string, std::string>& metadata) try {
  files::check_names("save_safetensors", path.string(), tensors);
  for (const auto& [key, text] : metadata) {
    if (!is_utf8(key) || !is_utf8(text))
      fail(path, fmt::format("metadata {}: is not UTF-8, which the format demands.", files::in_quotes(key)));
  }
  if (find(tensors, "__metadata__") != nullptr)
    fail(path, "a tensor is named '__metadata__', which the format keeps for itself; choose another name.");

  std::vector<const NamedTensor*> order;
  for (const NamedTensor& each : tensors) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return size_of(files::stored_type(a->tensor.dtype())) > size_of(files::stored_type(b->tensor.dtype()));
  });
  std::string header = header_of(order, metadata);
  // The format allows trailing spaces; they align the elements to eight bytes.
  header.resize((header.size() + 7) / 8 * 8, ' ');
  if (header.size() > files::longest_safetensors_header)
    fail(path, fmt::format("names and metadata take a header of {} bytes; readers accept {}.", header.size(),
                           files::longest_safetensors_header));

  AtomicFile file(path);
  std::array<std::byte, length_bytes> length;
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<std::byte>(std::uint64_t{header.size()} >> 8 * i);
  file.write(length);
  file.write(header);
  for (const NamedTensor* each : order) file.write(files::encode(each->tensor));
  file.commit();
} catch (const std::bad_alloc&) {
  throw no_host_memory("save_safetensors", "the header or a tensor of " + path.string());
}

SafetensorsFile load_safetensors(const std::filesystem::path& path) try {
  Source source("load_safetensors", path);
  return read_from(source, path.string());
} catch (const std::bad_alloc&) {
  throw no_host_memory("load_safetensors", "what is in " + path.string());
}

SafetensorsFile read_safetensors(std::span<const std::byte> bytes, std::string name) {
  Source source("load_safetensors", name, bytes);
  return read_from(source, std::move(name));
}

const Tensor* SafetensorsFile::find(std::string_view tensor) const { return hekla::find(tensors, tensor); }

const Tensor& SafetensorsFile::at(std::string_view tensor) const {
  return files::named("load_safetensors", name, tensors, tensor);
}

}  // namespace hekla
