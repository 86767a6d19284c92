// Optimizers by name.
#include <array>
#include <utility>

#include "graph/choice.h"
#include "ops/optim/adadelta.h"
#include "ops/optim/adagrad.h"
#include "ops/optim/adam.h"
#include "ops/optim/adamax.h"
#include "ops/optim/lion.h"
#include "ops/optim/nadam.h"
#include "ops/optim/rmsprop.h"
#include "ops/optim/sgd.h"

namespace hekla {

namespace {

template <class Kind>
Optimizer make() {
  return Kind();
}

constexpr std::array<std::pair<std::string_view, Optimizer (*)()>, 9> makers{{{"adadelta", make<Adadelta>},
                                                                              {"adagrad", make<Adagrad>},
                                                                              {"adam", make<Adam>},
                                                                              {"adamax", make<Adamax>},
                                                                              {"adamw", make<AdamW>},
                                                                              {"lion", make<Lion>},
                                                                              {"nadam", make<Nadam>},
                                                                              {"rmsprop", make<RMSprop>},
                                                                              {"sgd", make<SGD>}}};

}  // namespace

Optimizer::Optimizer() : Optimizer(RMSprop()) {}

Optimizer Optimizer::named(std::string_view name) { return choose("optimizer", name, makers)(); }

}  // namespace hekla
