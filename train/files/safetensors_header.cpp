// See safetensors_header.h. The JSON is parsed as a stream of events. Whatever is out of place is refused
// where it starts, before memory is spent on it, and duplicate names are detected.
#include "train/files/safetensors_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace hekla::files {

namespace {

constexpr std::array<std::pair<std::string_view, StoredType>, 13> types = {{
    {"F64", StoredType::f64},
    {"F32", StoredType::f32},
    {"F16", StoredType::f16},
    {"BF16", StoredType::bf16},
    {"I64", StoredType::i64},
    {"I32", StoredType::i32},
    {"I16", StoredType::i16},
    {"I8", StoredType::i8},
    {"U64", StoredType::u64},
    {"U32", StoredType::u32},
    {"U16", StoredType::u16},
    {"U8", StoredType::u8},
    {"BOOL", StoredType::boolean},
}};

std::optional<StoredType> type_of(std::string_view name) {
  for (const auto& [each, type] : types) {
    if (each == name) return type;
  }
  return std::nullopt;
}

// Receives the events of nlohmann's parser (its SAX interface, hence the names).
class HeaderReader {
 public:
  explicit HeaderReader(const Source& source) : source_(source) {}

  SafetensorsHeader header;

  // NOLINTBEGIN(readability-identifier-naming)
  bool null() { refuse("null"); }
  bool boolean(bool) { refuse("a truth value"); }
  bool number_integer(std::int64_t) { refuse("a negative number"); }
  bool number_float(double, const std::string&) { refuse("a number that is no whole one of 64 bits"); }
  bool binary(std::vector<std::uint8_t>&) { refuse("binary data"); }

  bool number_unsigned(std::uint64_t number) {
    if (place_ == Place::shape)
      sizes_.push_back(number);
    else if (place_ == Place::offsets)
      offsets_.push_back(number);
    else
      refuse("a number");
    return true;
  }

  bool string(std::string& text) {
    if (place_ == Place::metadata) {
      header.metadata[key_] = std::move(text);
    } else if (place_ == Place::tensor && key_ == "dtype") {
      const auto type = type_of(text);
      if (!type)
        fail(
            fmt::format("dtype {} is none of those that are read: F64, F32, F16, BF16, I64, I32, I16, I8, "
                        "U64, U32, U16, U8, BOOL.",
                        in_quotes(text)));
      tensor_.type = *type;
    } else {
      refuse("a string");
    }
    return true;
  }

  bool start_object(std::size_t) {
    switch (place_) {
      case Place::outside:
        place_ = Place::root;
        return true;
      case Place::root:
        place_ = key_ == "__metadata__" ? Place::metadata : Place::tensor;
        tensor_ = {.name = key_};
        sizes_.clear();
        offsets_.clear();
        inner_keys_.clear();
        return true;
      default:
        refuse("an object");
    }
  }

  bool key(std::string& name) {
    key_ = std::move(name);
    auto& keys = place_ == Place::root ? keys_ : inner_keys_;
    if (!keys.insert(key_).second) {
      const std::string where = place_ == Place::tensor
                                    ? fmt::format(" of tensor {}", in_quotes(tensor_.name))
                                : place_ == Place::metadata ? " of __metadata__"
                                                            : "";
      source_.fail(
          fmt::format("its header has the key {}{} twice; each may stand once.", in_quotes(key_), where));
    }
    if (place_ == Place::tensor && key_ != "dtype" && key_ != "shape" && key_ != "data_offsets")
      fail(fmt::format("has a field {}; a tensor has dtype, shape and data_offsets.", in_quotes(key_)));
    return true;
  }

  bool end_object() {
    if (place_ == Place::tensor) finish_tensor();
    place_ = place_ == Place::root ? Place::outside : Place::root;
    return true;
  }

  bool start_array(std::size_t) {
    if (place_ == Place::tensor && key_ == "shape")
      place_ = Place::shape;
    else if (place_ == Place::tensor && key_ == "data_offsets")
      place_ = Place::offsets;
    else
      refuse("an array");
    return true;
  }

  bool end_array() {
    place_ = Place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    source_.fail(fmt::format("its header is no JSON in UTF-8, as byte {} of it shows.", position));
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  enum class Place { outside, root, metadata, tensor, shape, offsets };

  [[noreturn]] void fail(std::string_view text) const {
    source_.fail(fmt::format("tensor {}: {}", in_quotes(tensor_.name), text));
  }

  [[noreturn]] void refuse(std::string_view what) const {
    switch (place_) {
      case Place::outside:
        source_.fail(fmt::format("its header is {}; it must be an object.", what));
      case Place::root:
        source_.fail(fmt::format("its header has {} as {}; an object is wanted.", what, in_quotes(key_)));
      case Place::metadata:
        source_.fail(fmt::format("its metadata has {} as {}; a string is wanted.", what, in_quotes(key_)));
      default:
        fail(fmt::format(
            "has {} in {}; dtype is a string, shape and data_offsets are arrays of whole numbers.", what,
            key_));
    }
  }

  void finish_tensor() {
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (!inner_keys_.contains(field))
        fail(fmt::format("lacks {}; a tensor has dtype, shape and data_offsets.", field));
    }
    if (offsets_.size() != 2)
      fail(fmt::format("has {} data_offsets; it must be two, begin and end.", offsets_.size()));
    tensor_.begin = offsets_[0];
    tensor_.end = offsets_[1];
    tensor_.shape = checked_shape(source_, tensor_.name, sizes_);
    header.entries.push_back(std::move(tensor_));
  }

  const Source& source_;
  Place place_ = Place::outside;
  std::string key_;
  std::unordered_set<std::string> keys_;
  std::unordered_set<std::string> inner_keys_;
  SafetensorsEntry tensor_;
  std::vector<std::uint64_t> sizes_;
  std::vector<std::uint64_t> offsets_;
};

// Sorts the entries by offset and checks that they cover the buffer.
void check_offsets(const Source& source, std::vector<SafetensorsEntry>& entries, std::uint64_t buffer_size) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (const SafetensorsEntry& entry : entries) {
    const auto fail = [&](std::string_view text) {
      source.fail(fmt::format("tensor {}: its bytes {} to {} {}", in_quotes(entry.name), entry.begin,
                              entry.end, text));
    };
    if (entry.begin > entry.end) fail("end before they begin.");
    if (entry.end > buffer_size)
      fail(fmt::format("lie beyond the {} that the file has after its header; it is truncated or damaged.",
                       buffer_size));
    if (entry.begin < covered) fail("overlap those of another tensor.");
    if (entry.begin > covered)
      fail(fmt::format("leave a hole after byte {}; tensors follow each other without one.", covered));
    const std::uint64_t needed = static_cast<std::uint64_t>(entry.shape.count()) * size_of(entry.type);
    if (entry.end - entry.begin != needed)
      fail(fmt::format("are not the {} that {}{} takes.", needed, safetensors_name(entry.type),
                       to_string(entry.shape)));
    covered = entry.end;
  }
  if (covered != buffer_size)
    source.fail(fmt::format("{} bytes follow the last tensor; there must be none.", buffer_size - covered));
}

}  // namespace

SafetensorsHeader parse_safetensors_header(const Source& source, std::string_view json,
                                           std::uint64_t buffer_size) {
  if (!json.starts_with('{')) source.fail("its header does not start with '{'; it is no safetensors file.");
  // The parser treats a zero byte as the end of the text.
  if (const std::size_t zero = json.find('\0'); zero != std::string_view::npos)
    source.fail(fmt::format("its header is no JSON in UTF-8, as byte {} of it shows.", zero + 1));
  HeaderReader reader(source);
  nlohmann::json::sax_parse(json, &reader);
  check_offsets(source, reader.header.entries, buffer_size);
  return std::move(reader.header);
}

std::string_view safetensors_name(StoredType type) {
  for (const auto& [name, each] : types) {
    if (each == type) return name;
  }
  return "?";
}

}  // namespace hekla::files
