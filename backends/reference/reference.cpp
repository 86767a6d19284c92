// The reference device.
#include "backends/reference/reference.h"

#include "backends/reference/interpreter.h"

namespace hekla {

namespace {

class Reference : public Evaluator {
 public:
  std::string name() const override { return "reference (double precision, one thread)"; }

  std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype, const std::string&) override {
    if (dtype == DType::u8) return std::make_shared<Elements>(elements.to<std::uint8_t>());
    std::vector<double> numbers = elements.to<double>();
    if (is_packed(dtype)) {
      for (double& number : numbers) number = convert(number, dtype);
    }
    return std::make_shared<Elements>(std::move(numbers));
  }

  HostArray download(const Storage& storage, DType, std::int64_t) override {
    const auto& elements = static_cast<const Elements&>(storage);
    if (elements.narrow()) return HostArray(std::span<const std::uint8_t>(elements.bytes()));
    return HostArray(std::span<const double>(elements.numbers()));
  }

  std::shared_ptr<Executable> prepare(const Computation& computation, bool stop_at_values) override {
    return std::make_shared<Interpreter>(computation, stop_at_values);
  }
};

}  // namespace

std::shared_ptr<Evaluator> open_reference_device() { return std::make_shared<Reference>(); }

}  // namespace hekla
