// See npy.h.
#include "train/files/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "graph/error.h"
#include "graph/host_memory.h"
#include "train/files/atomic_file.h"
#include "train/files/elements.h"
#include "train/files/npy_header.h"
#include "train/files/strided.h"
#include "train/files/zip_reader.h"
#include "train/files/zip_writer.h"

namespace hekla {

namespace files {

namespace {

using Bytes = std::vector<std::byte>;

constexpr std::string_view extension = ".npy";

void swap_bytes(Bytes& bytes, std::size_t size) {
  for (std::size_t i = 0; i < bytes.size(); i += size)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + size));
}

// Elements in Fortran order (first axis fastest), brought into row-major order.
Bytes from_fortran_order(const Bytes& bytes, std::size_t size, const Shape& shape) {
  std::vector<std::uint64_t> strides;
  std::uint64_t stride = 1;
  for (const std::int64_t length : shape) {
    strides.push_back(stride);
    stride *= static_cast<std::uint64_t>(length);
  }
  return row_major(bytes, size, shape, strides);
}

// The header before the elements; `where` opens an error text.
std::string header_for(const Tensor& tensor, std::string_view where) {
  if (tensor.dtype() == DType::bf16)
    throw Error(fmt::format("{}: NumPy has no bf16; cast it to f32, or use save_safetensors.", where));
  return npy_header(stored_type(tensor.dtype()), tensor.shape());
}

}  // namespace

Tensor read_npy(Source& source) {
  const NpyHeader header = read_npy_header(source);
  const std::size_t size = size_of(header.type);
  const std::uint64_t needed = static_cast<std::uint64_t>(header.shape.count()) * size;
  const std::uint64_t found = source.size() - header.length;
  if (found != needed)
    source.fail(fmt::format("has {} bytes of elements and its header announces {}; it is {}.", found, needed,
                            found < needed ? "truncated" : "damaged or holds more than one array"));
  Bytes bytes = source.read(header.length, needed);
  if (header.big_endian) swap_bytes(bytes, size);
  if (header.fortran_order && header.shape.rank() > 1) bytes = from_fortran_order(bytes, size, header.shape);
  return decode(source, "array", bytes, header.type, header.shape);
}

std::vector<NamedTensor> read_npz(Source& source) {
  std::vector<NamedTensor> tensors;
  ZipReader archive(source);
  for (std::size_t i = 0; i < archive.names().size(); ++i) {
    const std::string& name = archive.names()[i];
    if (!name.ends_with(extension))
      source.fail(fmt::format("holds {}; an .npz file holds arrays, named .npy.", in_quotes(name)));
    const Bytes bytes = archive.read(i);
    Source array = source.inside(name, bytes);
    tensors.push_back({name.substr(0, name.size() - extension.size()), read_npy(array)});
  }
  return tensors;
}

}  // namespace files

void save_npy(const std::filesystem::path& path, const Tensor& tensor) try {
  const std::string where = fmt::format("[save_npy] {}", path.string());
  if (!tensor.defined()) throw Error(where + ": the tensor is empty; assign it a value first.");
  const std::string header = files::header_for(tensor, where);
  AtomicFile file(path);
  file.write(header);
  file.write(files::encode(tensor));
  file.commit();
} catch (const std::bad_alloc&) {
  throw no_host_memory("save_npy", "a copy of what is to go into " + path.string());
}

Tensor load_npy(const std::filesystem::path& path) try {
  files::Source source("load_npy", path);
  return files::read_npy(source);
} catch (const std::bad_alloc&) {
  throw no_host_memory("load_npy", "what is in " + path.string());
}

void save_npz(const std::filesystem::path& path, std::span<const NamedTensor> tensors) try {
  files::check_names("save_npz", path.string(), tensors);
  std::vector<files::ZipPart> parts;
  for (const NamedTensor& each : tensors) {
    const Tensor& tensor = each.tensor;
    const std::string header = files::header_for(
        tensor, fmt::format("[save_npz] {}: tensor {}", path.string(), files::in_quotes(each.name)));
    const auto count = static_cast<std::uint64_t>(tensor.count());
    parts.push_back({.name = each.name + std::string(files::extension),
                     .size = header.size() + count * files::size_of(files::stored_type(tensor.dtype())),
                     .content = [header, tensor] {
                       const auto start = std::as_bytes(std::span(header));
                       files::Bytes bytes = files::encode(tensor);
                       bytes.insert(bytes.begin(), start.begin(), start.end());
                       return bytes;
                     }});
  }
  AtomicFile file(path);
  files::write_zip(file, parts);
  file.commit();
} catch (const std::bad_alloc&) {
  throw no_host_memory("save_npz", "a copy of what is to go into " + path.string());
}

std::vector<NamedTensor> load_npz(const std::filesystem::path& path) try {
  files::Source source("load_npz", path);
  return files::read_npz(source);
} catch (const std::bad_alloc&) {
  throw no_host_memory("load_npz", "what is in " + path.string());
}

}  // namespace hekla
