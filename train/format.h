// Models, layers, data sets, optimizers, logs and histories as text: `std::cout << model`, `fmt::print("{}", history)`.
#pragma once

#include <string>

#include "graph/format.h"
#include "train/model/model.h"

namespace hekla {

/// "accuracy: 0.8641 - loss: 0.3802".
std::string to_string(const Logs& logs);
/// A table with a line for each epoch.
std::string to_string(const History& history);
/// The summary, or, before the model is built, its name.
std::string to_string(const Model& model);
/// "Dense 'dense_1', 1010 parameters, frozen".
std::string to_string(const ModelLayer& layer);
/// "60000 examples: u8[28,28] with targets i32[]".
std::string to_string(const Dataset& data);
/// "adam, learning rate 0.001, 120 steps".
std::string to_string(const Optimizer& optimizer);

template <>
inline constexpr bool has_text<Logs> = true;
template <>
inline constexpr bool has_text<History> = true;
template <>
inline constexpr bool has_text<Model> = true;
template <>
inline constexpr bool has_text<Sequential> = true;
template <>
inline constexpr bool has_text<ModelLayer> = true;
template <>
inline constexpr bool has_text<Dataset> = true;
template <>
inline constexpr bool has_text<Optimizer> = true;

}  // namespace hekla

#if __has_include(<fmt/core.h>)
template <>
struct fmt::formatter<hekla::Logs> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::History> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::Model> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::Sequential> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::ModelLayer> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::Dataset> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::Optimizer> : hekla::TextFormatter {};
#endif

#ifdef __cpp_lib_format
template <>
struct std::formatter<hekla::Logs> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::History> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::Model> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::Sequential> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::ModelLayer> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::Dataset> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::Optimizer> : hekla::TextFormatter {};
#endif
