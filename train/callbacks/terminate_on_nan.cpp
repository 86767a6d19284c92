// See terminate_on_nan.h.
#include "train/callbacks/terminate_on_nan.h"

#include <fmt/format.h>

#include <cstdio>

#include "train/model/model.h"

namespace hekla {

void TerminateOnNaN::on_train_begin(Model&) { cause_.clear(); }

void TerminateOnNaN::on_not_finite(Model& model, const std::string& cause) {
  cause_ = cause;
  std::fflush(stdout);
  fmt::print(stderr, "\n[terminate_on_nan] {}.\n", cause);
  model.stop_training();
}

}  // namespace hekla
