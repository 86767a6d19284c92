// See contents.h.
#include "train/torch/contents.h"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

namespace hekla::torch {

namespace {

constexpr int most_levels = 64;
// Bounds what is made of the tree: names, texts, and something for each visit, value and tensor.
constexpr std::size_t most_bytes = std::size_t{64} << 20;

class Flattening {
 public:
  Flattening(const files::Source& source, const Pickle& pickle) : source_(source), pickle_(pickle) {}

  void visit(std::uint32_t number, const std::string& name, int level) {
    const PickleValue& value = pickle_[number];
    spend(name.size() + 64);
    if (level > most_levels) source_.fail(fmt::format("is nested more deeply than {} levels.", most_levels));
    switch (value.kind) {
      case PickleKind::none:
        return keep(name, "None");
      case PickleKind::boolean:
        return keep(name, value.integer != 0 ? "True" : "False");
      case PickleKind::integer:
        return keep(name, fmt::to_string(value.integer));
      case PickleKind::real:
        return keep(name, fmt::to_string(value.real));
      case PickleKind::text:
      case PickleKind::global:
        return keep(name, value.text);
      case PickleKind::tuple:
      case PickleKind::list:
        for (std::size_t i = 0; i < value.items.size(); ++i)
          visit(value.items[i], joined(name, fmt::to_string(i)), level + 1);
        return;
      case PickleKind::dict:
        for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
          visit(value.items[i + 1], joined(name, key(pickle_[value.items[i]])), level + 1);
        return;
      case PickleKind::call:
        return visit_call(value, name, level);
      case PickleKind::persistent:
        source_.fail(fmt::format("has a storage without a tensor as {}.", files::in_quotes(name)));
    }
  }

  Contents contents;

 private:
  void visit_call(const PickleValue& call, const std::string& name, int level) {
    const std::vector<std::uint32_t>& arguments = pickle_[call.items[0]].items;
    // A parameter is a tensor, whether it is trained, and hooks; a torch.Size is a tuple.
    if ((call.text == "torch._utils._rebuild_parameter" || call.text == "torch.Size") && !arguments.empty())
      return visit(arguments[0], name, level + 1);
    spend(512);
    contents.tensors.push_back(tensor_entry(source_, pickle_, call, take(name)));
  }

  std::string key(const PickleValue& value) const {
    if (value.kind == PickleKind::text) return value.text;
    if (value.kind == PickleKind::integer) return fmt::to_string(value.integer);
    source_.fail("has a dict with a key that is neither a text nor an integer.");
  }

  static std::string joined(const std::string& outer, const std::string& inner) {
    return outer.empty() ? inner : outer + "." + inner;
  }

  void spend(std::size_t bytes) {
    spent_ += bytes;
    if (spent_ > most_bytes)
      source_.fail("holds the same values again and again, or more of them than any state dict.");
  }

  void keep(const std::string& name, std::string value) {
    spend(value.size() + 128);
    contents.values.emplace(take(name), std::move(value));
  }

  // The name, which must be new.
  std::string take(const std::string& name) {
    if (!taken_.insert(name).second)
      source_.fail(fmt::format("has two values of the name {}.", files::in_quotes(name)));
    return name;
  }

  const files::Source& source_;
  const Pickle& pickle_;
  std::size_t spent_ = 0;
  std::unordered_set<std::string> taken_;
};

}  // namespace

Contents contents_of(const files::Source& source, const Pickle& pickle) {
  Flattening flattening(source, pickle);
  const bool is_tensor = pickle[pickle.root].kind == PickleKind::call;
  flattening.visit(pickle.root, is_tensor ? "tensor" : "", 0);
  return std::move(flattening.contents);
}

}  // namespace hekla::torch
