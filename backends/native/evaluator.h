// NativeDevice: the Evaluator whose kernels are C++.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/native/executable.h"
#include "backends/native/memory.h"
#include "backends/native/profile.h"
#include "graph/run/evaluator.h"

namespace hekla::native {

struct DeviceOptions {
  bool fuse = true;  // HEKLA_FUSE=0 disables it too
  int threads = 0;   // 0: see default_threads
};

class NativeDevice : public Evaluator {
 public:
  explicit NativeDevice(const DeviceOptions& options = {});

  std::string name() const override { return "native (" + profile_.name + ")"; }
  std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype, const std::string& label) override;
  HostArray download(const Storage& storage, DType dtype, std::int64_t count) override;
  std::shared_ptr<Executable> prepare(const Graph& graph) override;

 private:
  std::vector<ReadyKernel> make_ready(const Plan& plan);
  std::map<std::string_view, Loaded> load(const Plan& plan, const std::vector<std::string>& texts);

  bool fuse_;
  Profile profile_;
  std::shared_ptr<Workplace> workplace_;
  // Of the kernels that are in use, by their text.
  struct Known {
    std::weak_ptr<Module> module;
    KernelFunction function;
  };
  std::map<std::string, Known> known_;
};

}  // namespace hekla::native
