// See load.h. The layout of the archive: torch/csrc/jit/serialization/ and torch/serialization.py.
#include "train/torch/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <new>
#include <unordered_map>
#include <utility>

#include "graph/error.h"
#include "graph/host_memory.h"
#include "train/files/elements.h"
#include "train/files/strided.h"
#include "train/files/zip_reader.h"
#include "train/torch/contents.h"
#include "train/torch/pickle.h"

namespace hekla::torch {

namespace {

using files::in_quotes;
using files::Source;

constexpr std::string_view reader_name = "torch::load", pickle_name = "data.pkl";
constexpr std::uint64_t longest_pickle = std::uint64_t{64} << 20;

void check_format(Source& source) {
  std::array<std::byte, 2> start{};
  if (source.size() >= start.size()) source.read(0, start);
  if (start[0] == std::byte{0x80})
    source.fail(
        "is in the format that torch.save wrote before PyTorch 1.6, or a pickle of something else; in "
        "Python, "
        "load it and save it again: torch.save(x, path), without _use_new_zipfile_serialization=False.");
  if (start[0] != std::byte{'P'} || start[1] != std::byte{'K'})
    source.fail("does not start as a zip archive, which torch.save writes; it is no file of PyTorch's.");
}

// The archive, whose files lie in one folder.
class Archive {
 public:
  explicit Archive(Source& source) : source_(source), zip_(source) {
    std::uint64_t unpacked = 0;
    for (std::size_t i = 0; i < zip_.names().size(); ++i) {
      // One by one: a sum of numbers from the file could overflow.
      const std::uint64_t size = zip_.size(i);
      if (size > source.size() - unpacked)
        source.fail("is compressed, which torch.save never does; unpack it and pack it with zip -0.");
      unpacked += size;
      places_.emplace(zip_.names()[i], i);
    }
    const auto found = std::ranges::find_if(zip_.names(), [](const std::string& name) {
      return name.ends_with(fmt::format("/{}", pickle_name)) && std::ranges::count(name, '/') == 1;
    });
    if (found == zip_.names().end())
      source.fail("has no data.pkl in its folder; it is a zip archive, but none of torch.save.");
    folder_ = found->substr(0, found->find('/') + 1);
    if (has("constants.pkl"))
      source.fail(
          "is a TorchScript model, which holds code; in Python, load it with torch.jit.load and save "
          "torch.save(model.state_dict(), path).");
  }

  bool has(const std::string& name) const { return places_.contains(folder_ + name); }

  std::vector<std::byte> read(const std::string& name) {
    const auto found = places_.find(folder_ + name);
    if (found == places_.end())
      source_.fail(
          fmt::format("has no {}, which its data.pkl refers to; it is damaged.", in_quotes(folder_ + name)));
    return zip_.read(found->second);
  }

 private:
  Source& source_;
  files::ZipReader zip_;
  std::string folder_;
  std::unordered_map<std::string, std::size_t> places_;
};

void check_byte_order(Source& source, Archive& archive) {
  if (!archive.has("byteorder")) return;
  const std::vector<std::byte> bytes = archive.read("byteorder");
  const std::string order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order != "little")
    source.fail(fmt::format(
        "has the byte order {}; little is read. In Python, load it on a little-endian machine and save it.",
        in_quotes(order)));
}

// Views of a storage, such as expanded tensors, can be larger than the file without end.
void check_sizes(const Source& source, const std::vector<TensorEntry>& entries) {
  const std::uint64_t most = 16 * source.size() + (std::uint64_t{1} << 24);
  std::uint64_t total = 0;
  for (const TensorEntry& entry : entries) {
    const auto count = static_cast<std::uint64_t>(entry.shape.count());
    if (count > (most - total) / size_of(entry.type))
      source.fail(
          fmt::format("its tensors, of which several share storages, would take more than {} bytes; "
                      "save clones of what is needed.",
                      most));
    total += count * size_of(entry.type);
  }
}

Tensor tensor_of(const Source& source, const TensorEntry& entry, std::span<const std::byte> storage) {
  const std::size_t size = size_of(entry.type);
  if (storage.size() / size != entry.storage_count || storage.size() % size != 0)
    source.fail(fmt::format("tensor {}: its storage {} has {} bytes and should have {} elements of {}.",
                            in_quotes(entry.name), in_quotes(entry.storage), storage.size(),
                            entry.storage_count, size));
  const std::vector<std::byte> elements =
      files::row_major(storage, size, entry.shape, entry.strides, entry.offset);
  return files::decode(source, entry.name, elements, entry.type, entry.shape);
}

File read_from(Source& source, std::string name) {
  check_format(source);
  Archive archive(source);
  check_byte_order(source, archive);
  const std::vector<std::byte> bytes = archive.read(std::string(pickle_name));
  const Source inner = source.inside(pickle_name, bytes);
  if (bytes.size() > longest_pickle)
    inner.fail(fmt::format("has {} bytes; at most {} are read.", bytes.size(), longest_pickle));
  Contents contents = contents_of(inner, read_pickle(inner, bytes, is_known_global));
  check_sizes(source, contents.tensors);

  File file{.name = std::move(name), .tensors = {}, .values = std::move(contents.values)};
  std::map<std::string, std::vector<std::size_t>> by_storage;  // each is read once
  for (std::size_t i = 0; i < contents.tensors.size(); ++i) {
    by_storage[contents.tensors[i].storage].push_back(i);
    file.tensors.push_back({contents.tensors[i].name, {}});
  }
  for (const auto& [storage, users] : by_storage) {
    const std::vector<std::byte> elements = archive.read("data/" + storage);
    for (const std::size_t i : users)
      file.tensors[i].tensor = tensor_of(source, contents.tensors[i], elements);
  }
  return file;
}

}  // namespace

File load(const std::filesystem::path& path) try {
  Source source(std::string(reader_name), path);
  return read_from(source, path.string());
} catch (const std::bad_alloc&) {
  throw no_host_memory(reader_name, "what is in " + path.string());
}

File read(std::span<const std::byte> bytes, std::string name) {
  Source source(std::string(reader_name), name, bytes);
  return read_from(source, std::move(name));
}

const Tensor* File::find(std::string_view tensor) const { return hekla::find(tensors, tensor); }

const Tensor& File::at(std::string_view tensor) const {
  return files::named(reader_name, name, tensors, tensor);
}

std::vector<NamedTensor> File::under(std::string_view key) const {
  const std::string start = std::string(key) + ".";
  std::vector<NamedTensor> found;
  for (const NamedTensor& each : tensors) {
    if (each.name.starts_with(start)) found.push_back({each.name.substr(start.size()), each.tensor});
  }
  if (found.empty())
    throw Error(fmt::format("[{}] {}: no tensor lies under {}; it holds {}.", reader_name, name,
                            in_quotes(key), files::names_of(tensors)));
  return found;
}

}  // namespace hekla::torch
