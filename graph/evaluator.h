// Evaluator: what a device must offer, and how tensors reach the default one. graph/ knows no device;
// backends/ implements these two interfaces.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/current.h"
#include "graph/host_array.h"
#include "graph/numbers.h"
#include "graph/spare_memory.h"
#include "graph/tensor.h"

namespace hekla {

/// A variable and the value it takes when the run ends. Every read of a run sees the values from its start.
struct Update {
  Tensor variable;
  Tensor value;
};

struct Computation {
  std::vector<Tensor> outputs = {};
  std::vector<Update> updates = {};
};

struct Graph;

/// Elements in a device's memory.
class Storage {
 public:
  virtual ~Storage() = default;
};

/// A computation made ready for one device. It refers to its storage leaves by position, so that it serves
/// every graph of the same structure.
class Executable {
 public:
  virtual ~Executable() = default;
  /// Runs `steps` times in a row. `leaves` are in topological order, and then those of number_leaves();
  /// variables among them are updated in place. Returns the outputs of the last step; the device may still be
  /// computing them when it returns, and download() waits for them.
  virtual std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>> leaves,
                                                    int steps) = 0;
  /// The leaves of numbers that are data, and the numbers of its graph.
  virtual std::span<const NumberLeaf> number_leaves() const { return {}; }
  virtual std::span<const PlanNumber> numbers() const { return {}; }
  /// The plan as text, for people.
  virtual std::string describe() const = 0;
};

/// See structure_of.
using StructureKey = SpareVector<std::uint64_t>;

/// Compiled computations by structure; the least recently used one leaves when there are too many.
class PlanCache {
 public:
  explicit PlanCache(std::size_t capacity = 256) : capacity_(capacity) {}
  std::shared_ptr<Executable> find(const StructureKey& key);
  void insert(StructureKey key, std::shared_ptr<Executable> executable);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    StructureKey key;
    std::shared_ptr<Executable> executable;
  };
  std::size_t capacity_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_multimap<std::size_t, std::list<Entry>::iterator> by_hash_;
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// What runs here, e.g. "llvmpipe (LLVM 15.0.6, 256 bits)".
  virtual std::string name() const = 0;
  virtual std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype,
                                          const std::string& label) = 0;
  virtual HostArray download(const Storage& storage, DType dtype, std::int64_t count) = 0;
  /// Whether an f32 that was given as a double keeps its precision.
  virtual bool keeps_doubles() const { return false; }
  virtual std::shared_ptr<Executable> prepare(const Graph& graph) = 0;

  PlanCache plans;
  NumberHistory numbers;
};

/// Elements of one node, in the host's memory, on devices, or still to be computed (a variable's initial
/// value).
class Value {
 public:
  explicit Value(HostArray host);
  explicit Value(Tensor initial);
  /// Computed from what variables held at the moment `made`.
  Value(std::shared_ptr<Evaluator> owner, std::shared_ptr<Storage> storage, Moment made);

  /// The elements on `device`, moved there if they are elsewhere.
  std::shared_ptr<Storage> on(const std::shared_ptr<Evaluator>& device, const Node& node);
  /// The elements as the device holds them, or the default device would.
  HostArray to_host(const Node& node);
  /// Replaces a variable's elements.
  void assign(HostArray host);
  /// Forgets every copy of a variable's elements but the one on `device`, which is about to be written.
  void change_on(const std::shared_ptr<Evaluator>& device);
  /// is_current() for `node`, which was computed and holds this value.
  bool is_current_for(const Node& node);

 private:
  void find_sources(const Node& node);

  struct Copy {
    std::shared_ptr<Evaluator> device;
    std::shared_ptr<Storage> storage;
  };
  Tensor initial_;
  std::shared_ptr<HostArray> host_;
  std::vector<Copy> copies_;
  std::atomic<Moment> made_;
  // Of a value that was computed: when it was last found current, and the variables below its node, whose
  // graph keeps them alive.
  Moment checked_ = 0;
  bool sources_known_ = false;
  std::vector<const Value*> sources_;
};

/// Runs a computation now and returns the outputs' values, in their order: leaves that keep what was computed
/// from the variables' values at the start. The nodes of the outputs hold them too, as long as they are
/// current. The compiled form is found again by the structure of the graph, so a loop that rebuilds the same
/// graph compiles it once.
std::vector<Tensor> evaluate(const Computation& computation,
                             const std::shared_ptr<Evaluator>& device = nullptr);

/// The key of a computation's structure, equal for graphs that differ only in what their leaves hold, and the
/// leaves with storage in the order in which an Executable wants them. With `stop_at_values`, a node that
/// holds a current value counts as such a leaf.
struct Structure {
  StructureKey key;
  std::vector<const Node*> leaves;
  SpareVector<std::pair<std::size_t, DType>> numbers;  // where the key has constants that may be data
};
Structure structure_of(const Computation& computation, bool stop_at_values);

/// The compiled form of a computation, found by its structure or made, and what its number_leaves() hold.
/// Takes the structure's key.
struct Prepared {
  std::shared_ptr<Executable> executable;
  std::vector<HostArray> numbers;
};
Prepared prepare(const Computation& computation, bool stop_at_values, Structure& structure,
                 Evaluator& device);

/// Throws hekla::Error where an update's target is no variable, is updated twice, or differs from its new
/// value in shape or dtype.
void check_updates(std::span<const Update> updates);

/// What the leaves hold, on `device`; throws hekla::Error naming an input that was not fed.
std::vector<std::shared_ptr<Storage>> storages_of(std::span<const Node* const> leaves,
                                                  const std::shared_ptr<Evaluator>& device);

/// The device of item(), to_vector() and eval(): opened on first use (see HEKLA_DEVICE), or the one set here.
std::shared_ptr<Evaluator> default_device();
void set_default_device(std::shared_ptr<Evaluator> device);

/// Declared here and defined in backends/, which alone knows devices: opens the one that `selector` names.
std::shared_ptr<Evaluator> open_device(const std::string& selector);

}  // namespace hekla
