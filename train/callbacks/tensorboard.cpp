// See tensorboard.h.
#include "train/callbacks/tensorboard.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace hekla {

TensorBoard::TensorBoard(std::filesystem::path log_dir) : log_dir_(std::move(log_dir)) {}

void TensorBoard::on_train_begin(Model&) {
  train_ = std::make_unique<EventWriter>(log_dir_ / "train");
  validation_.reset();  // created when there is something to write
}

void TensorBoard::on_epoch_end(Model&, int epoch, Logs& logs) {
  constexpr std::string_view prefix = "val_";
  for (const auto& [name, value] : logs) {
    const bool of_validation = name.starts_with(prefix);
    if (of_validation && !validation_) validation_ = std::make_unique<EventWriter>(log_dir_ / "validation");
    EventWriter& writer = of_validation ? *validation_ : *train_;
    writer.add_scalar(fmt::format("epoch_{}", of_validation ? name.substr(prefix.size()) : name), epoch,
                      value);
  }
  train_->flush();
  if (validation_) validation_->flush();
}

void TensorBoard::on_train_end(Model&) {
  train_.reset();
  validation_.reset();
}

}  // namespace hekla
