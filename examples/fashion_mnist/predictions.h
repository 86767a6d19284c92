// What a classifier makes of images whose classes are known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hekla::fashion_mnist {

/// An image that was taken for another class.
struct Mistake {
  std::size_t image = 0;
  int truth = 0;
  int taken_for = 0;
  float confidence = 0;  ///< the probability given to the class it was taken for
};

class Predictions {
 public:
  /// `probabilities` is [images, classes] in row-major order; the labels lie below `classes`. Throws
  /// hekla::Error when the sizes do not fit.
  Predictions(std::vector<float> probabilities, std::vector<std::uint8_t> labels, int classes);

  int classes() const { return classes_; }
  /// How many images of class `truth` were taken for `taken_for`.
  std::int64_t count(int truth, int taken_for) const;
  /// How many images of this class there are.
  std::int64_t count(int truth) const;
  /// The most confident mistakes, worst first.
  std::vector<Mistake> worst(std::size_t most) const;

 private:
  int classes_;
  std::vector<std::int64_t> counts_;
  std::vector<Mistake> mistakes_;
};

}  // namespace hekla::fashion_mnist
