// Value: the elements of a node, in host or device memory or still to be computed.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "graph/host_array.h"
#include "graph/run/current.h"
#include "graph/run/evaluator.h"
#include "graph/tensor.h"

namespace hekla {

/// Elements of one node, in the host's memory, on devices, or still to be computed (a variable's initial
/// value).
class Value {
 public:
  explicit Value(HostArray host);
  explicit Value(Tensor initial);
  /// A computed value, from the variables' values at the moment `made`.
  Value(std::shared_ptr<Evaluator> owner, std::shared_ptr<Storage> storage, Moment made);

  /// The elements on `device`, moved there if they are elsewhere.
  std::shared_ptr<Storage> on(const std::shared_ptr<Evaluator>& device, const Node& node);
  /// The elements as the device holds them, or the default device would.
  HostArray to_host(const Node& node);
  /// Replaces a variable's elements.
  void assign(HostArray host);
  /// Invalidates every copy of a variable's elements but the one on `device`, which is about to be written.
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
  // For a computed value: when it was last found current, and the variables that its node depends on, whose
  // graph keeps them alive.
  Moment checked_ = 0;
  bool sources_known_ = false;
  std::vector<const Value*> sources_;
};

/// The leaves' elements, on `device`; throws hekla::Error naming an input that was not fed.
std::vector<std::shared_ptr<Storage>> storages_of(std::span<const Node* const> leaves,
                                                  const std::shared_ptr<Evaluator>& device);

}  // namespace hekla
