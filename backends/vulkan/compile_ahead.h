// CompileAhead: compiles pipelines before their first dispatch, for drivers that compile only then and in one thread
// (llvmpipe). Further devices of the same driver dispatch them with no workgroups, each compiling in a thread of its
// own. The driver's disk cache hands the code over, so nothing is gained where that is disabled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "backends/vulkan/buffer.h"
#include "backends/vulkan/pipeline.h"

namespace hekla::vulkan {

/// A pipeline and what else the driver's code depends on: the texel formats and whether the size of a bound buffer is a
/// power of two.
struct PipelineToCompile {
  struct Binding {
    BindingKind kind;
    VkFormat format;
    bool of_power_of_two;
  };
  std::string label;
  std::vector<std::uint32_t> spirv;
  std::vector<Binding> bindings;
  std::uint32_t push_constant_bytes = 0;
  double work = 1;  // what compiling takes, relative to other pipelines
};

class CompileAhead {
 public:
  /// Compiles for `context` on up to `devices` more devices, which are opened at first use.
  CompileAhead(std::shared_ptr<Context> context, std::uint32_t devices);
  ~CompileAhead();
  CompileAhead(const CompileAhead&) = delete;
  CompileAhead& operator=(const CompileAhead&) = delete;

  /// Starts to compile all but the first of these pipelines, whose share `context` compiles itself meanwhile: they are
  /// in the order of their dispatches.
  void start(std::vector<PipelineToCompile> pipelines);
  /// Enqueues pipelines for advance().
  void enqueue(std::vector<PipelineToCompile> pipelines);
  /// To be called now and then: starts to compile the next of the enqueued pipelines, few at a time, so that the process
  /// can end soon. Returns whether all are compiled.
  bool advance();

  /// The devices opened so far.
  std::vector<std::shared_ptr<Context>> contexts() const;

 private:
  struct Batch;
  struct Worker;
  void open();
  std::shared_ptr<Context> context_;
  std::uint32_t devices_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::deque<PipelineToCompile> waiting_;
};

}  // namespace hekla::vulkan
