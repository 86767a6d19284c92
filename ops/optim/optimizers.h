// Every optimizer, and the name by which Keras and hk::Optimizer know it.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "ops/optim/adadelta.h"
#include "ops/optim/adafactor.h"
#include "ops/optim/adagrad.h"
#include "ops/optim/adam.h"
#include "ops/optim/adamax.h"
#include "ops/optim/ftrl.h"
#include "ops/optim/lamb.h"
#include "ops/optim/lion.h"
#include "ops/optim/lookahead.h"
#include "ops/optim/loss_scale.h"
#include "ops/optim/multi_optimizer.h"
#include "ops/optim/muon.h"
#include "ops/optim/nadam.h"
#include "ops/optim/rmsprop.h"
#include "ops/optim/schedule_free.h"
#include "ops/optim/sgd.h"

namespace hekla::optim {

template <class Kind>
Optimizer make() {
  return Kind();
}

inline constexpr auto by_name = std::to_array<std::pair<std::string_view, Optimizer (*)()>>({
    {"adadelta", make<Adadelta>},
    {"adafactor", make<Adafactor>},
    {"adagrad", make<Adagrad>},
    {"adam", make<Adam>},
    {"adamax", make<Adamax>},
    {"adamw", make<AdamW>},
    {"ftrl", make<Ftrl>},
    {"lamb", make<Lamb>},
    {"lion", make<Lion>},
    {"muon", make<Muon>},
    {"nadam", make<Nadam>},
    {"rmsprop", make<RMSprop>},
    {"schedulefreeadamw", make<ScheduleFreeAdamW>},
    {"sgd", make<SGD>},
});

}  // namespace hekla::optim
