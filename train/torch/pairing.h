// Which module goes with which layer.
#pragma once

#include <string>
#include <vector>

#include "train/torch/modules.h"
#include "train/torch/units.h"

namespace hekla::torch {

struct Pair {
  Unit unit;
  Module module;
};

/// See match(). Throws hekla::Error `[caller] ...`.
std::vector<Pair> paired(std::vector<Unit> units, std::vector<Module> modules, const WeightOptions& options,
                         const std::string& caller);

/// For people.
std::vector<Match> matches_of(const std::vector<Pair>& pairs);

}  // namespace hekla::torch
