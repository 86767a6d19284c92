// See tensor_entry.h. The functions are those of torch/_utils.py, the id of a storage that of
// torch/serialization.py.
#include "train/torch/tensor_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hekla::torch {

namespace {

using files::StoredType;

struct NamedType {
  std::string_view name;
  StoredType type;
};
constexpr std::array storages{
    NamedType{"torch.DoubleStorage", StoredType::f64}, NamedType{"torch.FloatStorage", StoredType::f32},
    NamedType{"torch.HalfStorage", StoredType::f16},   NamedType{"torch.BFloat16Storage", StoredType::bf16},
    NamedType{"torch.LongStorage", StoredType::i64},   NamedType{"torch.IntStorage", StoredType::i32},
    NamedType{"torch.ShortStorage", StoredType::i16},  NamedType{"torch.CharStorage", StoredType::i8},
    NamedType{"torch.ByteStorage", StoredType::u8},    NamedType{"torch.BoolStorage", StoredType::boolean}};
// Newer dtypes have no storage class of their own: the tensor names them.
constexpr std::array dtypes{NamedType{"torch.uint64", StoredType::u64},
                            NamedType{"torch.uint32", StoredType::u32},
                            NamedType{"torch.uint16", StoredType::u16}};
constexpr std::string_view untyped_storage = "torch.storage.UntypedStorage",
                           typed_tensor = "torch._utils._rebuild_tensor_v2",
                           untyped_tensor = "torch._utils._rebuild_tensor_v3";
constexpr std::array<std::string_view, 6> others{
    "collections.OrderedDict",         "torch.Size", untyped_storage,
    "torch._utils._rebuild_parameter", typed_tensor, untyped_tensor};

// Reads what a call describes; fails with the name of the tensor.
class Reader {
 public:
  Reader(const files::Source& source, const Pickle& pickle, std::string name)
      : source_(source), pickle_(pickle) {
    entry_.name = std::move(name);
  }

  TensorEntry entry(const PickleValue& call) {
    const bool is_untyped = call.text == untyped_tensor;
    const std::vector<std::uint32_t>& arguments = pickle_[call.items[0]].items;
    // storage, offset, size, stride, requires_grad, backward_hooks; then the dtype of an untyped one
    const std::size_t wanted = is_untyped ? 7 : 6;
    if ((!is_untyped && call.text != typed_tensor) || arguments.size() < wanted)
      fail(fmt::format("is described by {} with {} arguments, which is not how a tensor is saved",
                       files::in_quotes(call.text), arguments.size()));
    read_storage(pickle_[arguments[0]], is_untyped ? &pickle_[arguments[6]] : nullptr);
    entry_.offset = number(pickle_[arguments[1]]);
    entry_.shape = files::checked_shape(source_, entry_.name, numbers(pickle_[arguments[2]]));
    entry_.strides = numbers(pickle_[arguments[3]]);
    check_inside();
    return std::move(entry_);
  }

 private:
  [[noreturn]] void fail(std::string_view text) const {
    source_.fail(fmt::format("tensor {}: {}.", files::in_quotes(entry_.name), text));
  }

  std::uint64_t number(const PickleValue& value) const {
    if (value.kind != PickleKind::integer || value.integer < 0)
      fail("has something else where an offset, a size or a stride is wanted");
    return static_cast<std::uint64_t>(value.integer);
  }

  std::vector<std::uint64_t> numbers(const PickleValue& value) const {
    if (value.kind == PickleKind::call && value.text == "torch.Size") {
      const PickleValue& arguments = pickle_[value.items[0]];
      if (arguments.items.size() == 1) return numbers(pickle_[arguments.items[0]]);
    }
    if (value.kind != PickleKind::tuple || value.items.size() > Shape::max_rank)
      fail(fmt::format("its sizes or strides are no tuple of at most {} numbers", Shape::max_rank));
    std::vector<std::uint64_t> result;
    for (const std::uint32_t item : value.items) result.push_back(number(pickle_[item]));
    return result;
  }

  template <class Table>
  StoredType type_in(const Table& table, const PickleValue& value) const {
    const auto found = std::ranges::find(table, value.text, &NamedType::name);
    if (value.kind != PickleKind::global || found == table.end())
      fail(fmt::format("its dtype {} is none of those that are read", files::in_quotes(value.text)));
    return found->type;
  }

  // The id: "storage", its class, its file, the device, its number of elements (of bytes, if it is untyped).
  void read_storage(const PickleValue& value, const PickleValue* dtype) {
    const PickleValue* id = value.kind == PickleKind::persistent ? &pickle_[value.items[0]] : nullptr;
    if (id == nullptr || id->kind != PickleKind::tuple || id->items.size() != 5 ||
        pickle_[id->items[0]].text != "storage" || pickle_[id->items[2]].kind != PickleKind::text)
      fail("has no storage");
    const PickleValue& storage_class = pickle_[id->items[1]];
    entry_.type = dtype != nullptr ? type_in(dtypes, *dtype) : type_in(storages, storage_class);
    if ((storage_class.text == untyped_storage) != (dtype != nullptr)) fail("has a storage of another class");
    entry_.storage = pickle_[id->items[2]].text;
    entry_.storage_count = number(pickle_[id->items[4]]) / (dtype != nullptr ? size_of(entry_.type) : 1);
  }

  void check_inside() const {
    const auto outside = [&] {
      fail(fmt::format("{} with its strides reaches beyond its storage of {} elements",
                       to_string(entry_.shape), entry_.storage_count));
    };
    const Shape& shape = entry_.shape;
    if (static_cast<std::size_t>(shape.rank()) != entry_.strides.size())
      fail(fmt::format("has {} axes and {} strides", shape.rank(), entry_.strides.size()));
    if (shape.count() == 0) return;
    if (entry_.offset >= entry_.storage_count) outside();
    std::uint64_t left = entry_.storage_count - 1 - entry_.offset;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const std::uint64_t steps = static_cast<std::uint64_t>(shape[axis]) - 1,
                          stride = entry_.strides[static_cast<std::size_t>(axis)];
      if (steps == 0 || stride == 0) continue;
      if (stride > left / steps) outside();
      left -= steps * stride;
    }
  }

  const files::Source& source_;
  const Pickle& pickle_;
  TensorEntry entry_;
};

}  // namespace

bool is_known_global(std::string_view name) {
  return std::ranges::find(storages, name, &NamedType::name) != storages.end() ||
         std::ranges::find(dtypes, name, &NamedType::name) != dtypes.end() ||
         std::ranges::find(others, name) != others.end();
}

TensorEntry tensor_entry(const files::Source& source, const Pickle& pickle, const PickleValue& call,
                         std::string name) {
  return Reader(source, pickle, std::move(name)).entry(call);
}

}  // namespace hekla::torch
