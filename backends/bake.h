// Baked code: computations as C++ source that needs nothing but a C++17 compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "graph/computation.h"
#include "graph/tensor.h"

namespace hekla {

/// A member function of the class that is baked. Of several variants, each for its number of examples (the first axis of
/// all inputs and outputs), a call takes any number of examples.
struct BakedFunction {
  struct Input {
    std::string name;
    Tensor tensor;  ///< made by hk::input()
  };
  struct Variant {
    Computation computation;
    std::vector<Input> inputs;
  };
  std::string name;
  std::vector<Variant> variants;
  std::vector<std::string> output_names =
      {};  ///< of computation.outputs; "output", "output_1", .. where empty
};

/// How wide the vectors of baked code are: those that every processor has, or those of this machine. With the latter,
/// compiled with -march=native, the numbers are those of the device `native`, bit for bit.
enum class BakedWidth { portable, this_machine };

struct BakedSource {
  std::string header;
  std::string source;
  std::vector<std::byte> weights;  ///< to be put into a file; empty where the source holds them
};

/// The class `name::Network` with these functions. Variables that one of them updates are its state; what else they read
/// is constant. Weights of more than `most_inline_bytes` go into a file. Throws hekla::Error `[bake] ..` on names that are
/// no C++ names, on custom kernels, and on variants that differ in more than their number of examples.
BakedSource bake_source(const std::string& name, const std::vector<BakedFunction>& functions,
                        BakedWidth width = BakedWidth::portable,
                        std::size_t most_inline_bytes = std::size_t{8} << 20);

}  // namespace hekla
