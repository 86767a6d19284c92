// The reference device.
#include "backends/reference/reference.h"

#include <cstdlib>

#include "backends/reference/interpreter.h"
#include "graph/run/runtime_lock.h"

namespace hekla {

namespace {

template <class T>
std::vector<double> doubles(const std::vector<T>& numbers) {
  return {numbers.begin(), numbers.end()};
}

class Reference : public Evaluator {
 public:
  std::string name() const override { return "reference (double precision, one thread)"; }

  std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype, const std::string&) override {
    if (dtype == DType::u8) return std::make_shared<Elements>(elements.to<std::uint8_t>());
    if (dtype == DType::i32) return std::make_shared<Elements>(doubles(elements.to<std::int32_t>()));
    if (dtype == DType::u32) return std::make_shared<Elements>(doubles(elements.to<std::uint32_t>()));
    std::vector<double> numbers = elements.to<double>();
    if (is_packed(dtype)) {
      for (double& number : numbers) number = convert(number, dtype);
    }
    return std::make_shared<Elements>(std::move(numbers));
  }

  HostArray download(const Storage& storage, DType dtype, std::int64_t) override {
    const auto& elements = static_cast<const Elements&>(storage);
    if (elements.narrow()) return HostArray(std::span<const std::uint8_t>(elements.bytes()));
    if (dtype == DType::i32 || dtype == DType::u32) {
      const auto& numbers = elements.numbers();
      HostArray result(dtype == DType::i32 ? HostArray::Format::i32 : HostArray::Format::u32,
                       static_cast<std::int64_t>(numbers.size()));
      for (std::size_t i = 0; i < numbers.size(); ++i) result.set(static_cast<std::int64_t>(i), numbers[i]);
      return result;
    }
    return HostArray(std::span<const double>(elements.numbers()));
  }

  bool keeps_doubles() const override { return true; }

  std::shared_ptr<Executable> prepare(const compiler::Graph& graph) override {
    return std::make_shared<Interpreter>(graph);
  }
};

}  // namespace

std::shared_ptr<Evaluator> open_reference_device() {
  // Operations are static objects, too.
  [[maybe_unused]] static const int registered =
      std::atexit([] { stop_other_threads(std::chrono::seconds(60)); });
  return std::make_shared<Reference>();
}

}  // namespace hekla
