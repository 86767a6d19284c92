// The devices that tests run on.
#include "tests/support/devices.h"

#include "tests/compiler/variants.h"

namespace hekla::testing {

const std::shared_ptr<Evaluator>& reference() {
  static const std::shared_ptr<Evaluator> opened = [] {
    std::shared_ptr<Evaluator> device = open_device("reference");
    set_default_device(device);
    return device;
  }();
  return opened;
}

std::span<const std::shared_ptr<Evaluator>> devices() {
  static const std::vector<std::shared_ptr<Evaluator>> opened = [] {
    std::vector<std::shared_ptr<Evaluator>> all;
    for (const Variant& variant : variants()) all.push_back(variant.device);
    all.push_back(native_device());
    return all;
  }();
  return opened;
}

const std::shared_ptr<Evaluator>& native_device() {
  static const auto& opened = *new std::shared_ptr<Evaluator>(open_device("native"));
  return opened;
}

const std::shared_ptr<Evaluator>& device() {
  static const std::shared_ptr<Evaluator> none;
  return variants().empty() ? none : devices().front();
}

std::vector<std::shared_ptr<Evaluator>> reference_and_device() {
  std::vector<std::shared_ptr<Evaluator>> all{reference()};
  if (device()) all.push_back(device());
  all.push_back(native_device());
  return all;
}

}  // namespace hekla::testing
