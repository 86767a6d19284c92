// The command line of the Fashion-MNIST trainer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hekla::fashion_mnist {

enum class Model { softmax, mlp };
enum class Activation { sigmoid, relu };
enum class Optimizer { sgd, momentum, nesterov };
enum class Schedule { linear, constant };

struct Options {
  Model model = Model::mlp;
  std::int64_t hidden = 100;
  Activation activation = Activation::relu;
  Optimizer optimizer = Optimizer::sgd;
  std::optional<double> learning_rate;  // none: default_learning_rate
  Schedule schedule = Schedule::linear;
  std::int64_t epochs = 5;
  std::int64_t batch_size = 32;
  std::uint64_t seed = 42;
  std::optional<std::int64_t> limit;  // images of each set that are used; none: all
  std::string device;                 // empty: chosen by hekla
  std::filesystem::path data;         // empty: sought in the known places
  std::string help;                   // not empty: the user asked for this text and for nothing else
};

/// The words by which the command line names them.
std::string_view word_for(Model model);
std::string_view word_for(Activation activation);
std::string_view word_for(Optimizer optimizer);
std::string_view word_for(Schedule schedule);

/// Reads the command line; throws hekla::Error, one line, for an unknown option or a value that is not
/// allowed. The batch size is not judged here, see check_batch_size.
Options parse_options(int argc, const char* const* argv);

/// The learning rate that suits an optimizer on this data at the default batch size.
double default_learning_rate(Optimizer optimizer);

/// Throws hekla::Error unless `1 <= batch_size <= example_count`.
void check_batch_size(std::int64_t batch_size, std::int64_t example_count);

}  // namespace hekla::fashion_mnist
