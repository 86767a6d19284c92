// Evaluator: what a device must offer, and how tensors reach the default one. graph/ knows no device;
// backends/ implements these two interfaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/computation.h"
#include "graph/host_array.h"
#include "graph/tensor.h"

namespace hekla::compiler {
struct Capture;
struct Graph;
struct NumberArray;
}  // namespace hekla::compiler

namespace hekla {

/// Elements in a device's memory.
class Storage {
 public:
  virtual ~Storage() = default;
};

/// A computation compiled for one device. It refers to its storage leaves by position, so that it serves
/// every graph of the same structure.
class Executable {
 public:
  virtual ~Executable() = default;
  /// Runs `steps` times in a row. `leaves` are in topological order, and then those of number_leaves();
  /// variables among them are updated in place. Returns the outputs of the last step; the device may still be
  /// computing them when it returns, and download() waits for them.
  virtual std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>> leaves,
                                                    int steps) = 0;
  /// The leaves of numbers that are data, where those of the computation are `values`.
  virtual std::vector<compiler::NumberArray> number_leaves(std::span<const double> values) const;
  /// The plan as text, for people.
  virtual std::string describe() const = 0;
};

struct CompiledComputations;
struct Prepared;

class Evaluator {
 public:
  Evaluator();
  virtual ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// The device's name as reported by its driver.
  virtual std::string name() const = 0;
  virtual std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype,
                                          const std::string& label) = 0;
  virtual HostArray download(const Storage& storage, DType dtype, std::int64_t count) = 0;
  /// Whether a graphics driver computes on the processor, in place of a GPU.
  virtual bool is_software_driver() const { return false; }
  /// Whether f32 elements passed as doubles keep double precision.
  virtual bool keeps_doubles() const { return false; }
  virtual std::shared_ptr<Executable> prepare(const compiler::Graph& graph) = 0;

  /// How many compiled computations are kept for graphs of the same structure.
  std::size_t compiled_count() const;
  /// Empties that cache: every later computation is compiled again.
  void forget_compiled();

 private:
  friend Prepared prepare(const Computation& computation, compiler::Capture& captured, Evaluator& device);

  std::unique_ptr<CompiledComputations> compiled_;
};

/// Runs a computation now and returns the outputs' values, in their order: leaves that keep what was computed
/// from the variables' values at the start. The nodes of the outputs hold them too, as long as they are
/// current. The structure of the graph is the cache key of the compiled form, so a loop that rebuilds the
/// same graph compiles it once.
std::vector<Tensor> evaluate(const Computation& computation,
                             const std::shared_ptr<Evaluator>& device = nullptr);

/// The device of item(), to_vector() and eval(): opened on first use (see HEKLA_DEVICE), or the one set here.
std::shared_ptr<Evaluator> default_device();
void set_default_device(std::shared_ptr<Evaluator> device);

/// Declared here and defined in backends/, which alone knows devices: opens the one that `selector` names.
std::shared_ptr<Evaluator> open_device(const std::string& selector);

}  // namespace hekla
