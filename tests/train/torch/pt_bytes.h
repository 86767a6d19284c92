// The bytes of files of torch.save, for the tests of their reader: a pickle written operation by operation,
// and the archive around it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/train/files/zip_bytes.h"

namespace hekla::test {

/// A number of `bytes` bytes, little-endian.
std::string little(std::uint64_t number, int bytes);

/// Operations of a pickle that leave one value each on the stack.
std::string text(std::string_view value);
std::string integer(std::int64_t value);  ///< of 32 bits
std::string global(std::string_view module, std::string_view name);
std::string tuple(const std::vector<std::string>& items);
std::string list(const std::vector<std::string>& items);
std::string dict(const std::vector<std::pair<std::string, std::string>>& items);
std::string call(const std::string& function, const std::vector<std::string>& arguments);

/// A tensor as _rebuild_tensor_v2 describes it.
struct TensorText {
  std::string storage_class = "FloatStorage";
  std::string key = "0";
  std::int64_t numel = 0;
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes = {};
  std::vector<std::int64_t> strides = {};
};
std::string tensor_call(const TensorText& tensor);

/// The whole pickle of one value, protocol 2.
std::string pickled(const std::string& value);

/// The elements of a storage.
template <class T>
std::string storage(std::initializer_list<T> elements) {
  return {reinterpret_cast<const char*>(elements.begin()), elements.size() * sizeof(T)};
}

/// What torch.save writes: the pickle and the storages by their keys; `more` are other files.
Bytes pt_bytes(const std::string& pickle, const Files& storages = {}, const Files& more = {});

}  // namespace hekla::test
