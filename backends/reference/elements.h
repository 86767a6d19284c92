// Elements: a tensor's content on the reference device, as doubles or as the bytes of a data set.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "graph/run/evaluator.h"

namespace hekla {

class Elements : public Storage {
 public:
  explicit Elements(std::vector<double> numbers) : numbers_(std::move(numbers)) {}
  explicit Elements(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)), narrow_(true) {}

  double operator[](std::int64_t i) const {
    return narrow_ ? bytes_[static_cast<std::size_t>(i)] : numbers_[static_cast<std::size_t>(i)];
  }
  bool narrow() const { return narrow_; }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  std::vector<double> numbers_;
  std::vector<std::uint8_t> bytes_;
  bool narrow_ = false;
};

}  // namespace hekla
