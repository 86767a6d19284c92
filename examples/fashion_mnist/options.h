// The command line of the program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace hekla::fashion_mnist {

struct Options {
  std::string step = "relu";  // a recipe's name, or "look" or "optimizers"
  std::optional<int> epochs;  // default: the book's
  std::int64_t batch_size = 32;
  std::uint64_t seed = 42;
  std::optional<std::string> optimizer;  // default: the book's
  std::optional<double> learning_rate;   // default: the optimizer's own
  std::optional<std::int64_t> limit;     // images of each part that are used; default: all
  std::string device;                    // empty: chosen by hekla
  std::filesystem::path data;            // empty: searched for in the known places
  std::filesystem::path out;             // output folder
  bool resume = false;
  std::string help;  // not empty: the user asked for this text and for nothing else
};

/// Reads the command line; throws hekla::Error, one line, for an unknown step or option or a value that is
/// not allowed. Whether the batch size fits the data is judged by load_data.
Options parse_options(int argc, const char* const* argv);

}  // namespace hekla::fashion_mnist
