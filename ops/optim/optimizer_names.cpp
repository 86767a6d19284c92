// Optimizers by name.
#include "graph/choice.h"
#include "ops/optim/optimizers.h"

namespace hekla {

Optimizer::Optimizer() : Optimizer(RMSprop()) {}

Optimizer Optimizer::named(std::string_view name) { return choose("optimizer", name, optim::by_name)(); }

}  // namespace hekla
