// See pt_bytes.h.
#include "tests/train/torch/pt_bytes.h"

namespace hekla::test {

namespace {

std::string integers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const std::int64_t value : values) items.push_back(integer(value));
  return tuple(items);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string whole;
  for (const std::string& part : parts) whole += part;
  return whole;
}

}  // namespace

std::string little(std::uint64_t number, int bytes) {
  std::string result;
  for (int i = 0; i < bytes; ++i) result += static_cast<char>(number >> 8 * i & 0xff);
  return result;
}

std::string text(std::string_view value) { return "X" + little(value.size(), 4) + std::string(value); }

std::string integer(std::int64_t value) { return "J" + little(static_cast<std::uint64_t>(value), 4); }

std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}

std::string tuple(const std::vector<std::string>& items) { return "(" + joined(items) + "t"; }

std::string list(const std::vector<std::string>& items) { return "](" + joined(items) + "e"; }

std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string whole = "}(";
  for (const auto& [key, value] : items) whole += text(key) + value;
  return whole + "u";
}

std::string call(const std::string& function, const std::vector<std::string>& arguments) {
  return function + tuple(arguments) + "R";
}

std::string tensor_call(const TensorText& tensor) {
  const std::string id = tuple({text("storage"), global("torch", tensor.storage_class), text(tensor.key),
                                text("cpu"), integer(tensor.numel)});
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              {id + "Q", integer(tensor.offset), integers(tensor.sizes), integers(tensor.strides), "\x89",
               call(global("collections", "OrderedDict"), {})});
}

std::string pickled(const std::string& value) { return "\x80\x02" + value + "."; }

Bytes pt_bytes(const std::string& pickle, const Files& storages, const Files& more) {
  Files all{{"model/data.pkl", pickle}};
  for (const auto& [key, elements] : storages) all.push_back({"model/data/" + key, elements});
  all.insert(all.end(), more.begin(), more.end());
  all.push_back({"model/version", "3\n"});
  return zip_bytes(all);
}

}  // namespace hekla::test
