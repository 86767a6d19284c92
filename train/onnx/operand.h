// Operands: the values of an ONNX graph while hekla's is built from it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graph/error.h"
#include "graph/tensor.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

/// A value, with the type that the file gives its elements: hekla's i32 may stand for INT64, INT16 or INT8.
struct Operand {
  Tensor tensor = {};
  ElementType type = ElementType::undefined;
  /// Elements of a constant that need more than 32 bits, in place of `tensor`.
  std::shared_ptr<const std::vector<std::int64_t>> integers = {};

  Operand() = default;
  Operand(const Tensor& x) : tensor(x), type(element_type(x.dtype())) {}
  Operand(const Tensor& x, ElementType elements) : tensor(x), type(elements) {}
  explicit Operand(const TensorProto& constant);

  bool defined() const { return tensor.defined() || integers != nullptr; }
};

/// The names that a graph knows, and those of the graph around it.
class Scope {
 public:
  explicit Scope(const Scope* outer = nullptr) : outer_(outer) {}
  /// Null where the name is unknown.
  const Operand* find(const std::string& name) const;
  void set(const std::string& name, Operand value) { values_[name] = std::move(value); }

 private:
  const Scope* outer_;
  std::map<std::string, Operand> values_;
};

/// Elements are needed when the graph is built that only a run will know.
class UnknownElements : public Error {
 public:
  using Error::Error;
};

/// The elements of a tensor that depends on constants and shapes alone, computed now. Throws UnknownElements saying what
/// else it depends on, and hekla::Error where it takes more than a million elements.
std::vector<double> known_elements(const Tensor& x);

}  // namespace hekla::onnx
