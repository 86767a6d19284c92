// Evaluator: what a device must offer, and how tensors reach the default one. graph/ knows no device;
// backends/ implements these two interfaces.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/host_array.h"
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
  /// Runs `steps` times in a row. `leaves` are in topological order; variables among them are updated in
  /// place. Returns the outputs of the last step; the device may still be computing them when it returns, and
  /// download() waits for them.
  virtual std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>> leaves,
                                                    int steps) = 0;
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
  /// Compiles `computation`, whose leaves are those of structure_of(computation, stop_at_values).
  virtual std::shared_ptr<Executable> prepare(const Computation& computation, bool stop_at_values) = 0;

  PlanCache plans;
};

/// Elements of one node, in the host's memory, on devices, or still to be computed (a variable's initial
/// value).
class Value {
 public:
  explicit Value(HostArray host) : host_(std::make_shared<HostArray>(std::move(host))) {}
  explicit Value(Tensor initial) : initial_(std::move(initial)) {}
  Value(std::shared_ptr<Evaluator> owner, std::shared_ptr<Storage> storage);

  /// The elements on `device`, moved there if they are elsewhere.
  std::shared_ptr<Storage> on(const std::shared_ptr<Evaluator>& device, const Node& node);
  HostArray to_host(const Node& node);
  /// Replaces the elements: host data, or elements on a device.
  void assign(HostArray host);
  /// Forgets every copy but the one on `device`, which is about to be written.
  void keep_only(const std::shared_ptr<Evaluator>& device);

 private:
  struct Copy {
    std::shared_ptr<Evaluator> device;
    std::shared_ptr<Storage> storage;
  };
  Tensor initial_;
  std::shared_ptr<HostArray> host_;
  std::vector<Copy> copies_;
};

/// Runs a computation now and keeps the outputs' values beside their nodes. The compiled form is found again
/// by the structure of the graph, so a loop that rebuilds the same graph compiles it once.
void evaluate(const Computation& computation, const std::shared_ptr<Evaluator>& device = nullptr);

/// The key of a computation's structure, equal for graphs that differ only in what their leaves hold, and the
/// leaves with storage in the order in which an Executable wants them. With `stop_at_values`, a node whose
/// value is held counts as such a leaf.
struct Structure {
  StructureKey key;
  std::vector<const Node*> leaves;
};
Structure structure_of(const Computation& computation, bool stop_at_values);

/// Throws hekla::Error where an update's target is no variable, is updated twice, or differs from its new
/// value in shape or dtype.
void check_updates(std::span<const Update> updates);

/// What the leaves hold, on `device`; throws hekla::Error naming an input that was not fed.
std::vector<std::shared_ptr<Storage>> storages_of(std::span<const Node* const> leaves,
                                                  const std::shared_ptr<Evaluator>& device);

/// The device of item(), to_vector() and eval(): opened on first use (see HEKLA_DEVICE), or the one set here.
const std::shared_ptr<Evaluator>& default_device();
void set_default_device(std::shared_ptr<Evaluator> device);

/// Declared here and defined in backends/, which alone knows devices: opens the one that `selector` names.
std::shared_ptr<Evaluator> open_device(const std::string& selector);

}  // namespace hekla
