// Optimizers by name.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "graph/error.h"
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

Optimizer Optimizer::named(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  std::string names;
  for (const auto& [known, make] : makers) {
    if (lower == known) return make();
    names += fmt::format("{}{}", names.empty() ? "" : ", ", known);
  }
  throw Error(fmt::format("[optimizer] there is no optimizer \"{}\"; the names are {}.", name, names));
}

}  // namespace hekla
