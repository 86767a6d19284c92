// What the callbacks of a training remember: asked of them, given back to them, and in files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/callbacks/callback.h"
#include "train/files/safetensors.h"

namespace hekla {

/// Of each callback, under names of their own.
std::vector<CallbackState> states_of(const std::vector<CallbackRef>& callbacks);

/// Gives each callback what the one of its name remembered.
void resume(Model& model, const std::vector<CallbackRef>& callbacks,
            const std::vector<CallbackState>& states);

/// Adds them to what a file is to hold.
void put_states(const std::vector<CallbackState>& states, std::vector<NamedTensor>& tensors,
                std::map<std::string, std::string>& metadata);

/// Takes them, and their tensors, out of what a file holds. Throws hekla::Error on a number that is none.
std::vector<CallbackState> take_states(SafetensorsFile& file);

}  // namespace hekla
