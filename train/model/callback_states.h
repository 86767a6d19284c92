// The states of the callbacks of a training: collected, restored, and stored in files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/callbacks/callback.h"
#include "train/files/safetensors.h"

namespace hekla {

/// The state of each callback, under unique names.
std::vector<CallbackState> states_of(const std::vector<CallbackRef>& callbacks);

/// Restores each callback's state, matched by name.
void resume(Model& model, const std::vector<CallbackRef>& callbacks,
            const std::vector<CallbackState>& states);

/// Adds the states to the content of a file.
void put_states(const std::vector<CallbackState>& states, std::vector<NamedTensor>& tensors,
                std::map<std::string, std::string>& metadata);

/// Removes the states, and their tensors, from the content of a file and returns them. Throws hekla::Error on
/// a text that is not a number.
std::vector<CallbackState> take_states(SafetensorsFile& file);

}  // namespace hekla
