// See compile_notice.h.
#include "graph/run/compile_notice.h"

#include <utility>

namespace hekla {

namespace {

thread_local CompileNotice* latest = nullptr;

}  // namespace

CompileNotice::CompileNotice(std::function<void(std::size_t)> told)
    : told_(std::move(told)), outer_(std::exchange(latest, this)) {}

CompileNotice::~CompileNotice() { latest = outer_; }

void note_compiling(std::size_t kernels) {
  if (latest != nullptr && kernels > 0) latest->told_(kernels);
}

}  // namespace hekla
