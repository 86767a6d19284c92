// See loaded.h.
#include "tests/onnx/loaded.h"

#include <span>

#include "tests/support/expect.h"

namespace hekla::testing {

std::filesystem::path write(const test::TemporaryFolder& folder, std::string_view name,
                            const std::string& bytes) {
  return folder.write(name, std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

onnx::Function loaded(const std::string& bytes, const onnx::LoadOptions& options) {
  const test::TemporaryFolder folder;
  return onnx::load(write(folder, "net.onnx", bytes), options);
}

onnx::Function loaded(const onnx::ModelProto& model, const onnx::LoadOptions& options) {
  return loaded(onnx::written(model), options);
}

std::string error_loading(const std::string& bytes, const onnx::LoadOptions& options) {
  const test::TemporaryFolder folder;
  const std::string path = write(folder, "net.onnx", bytes).string();
  std::string text = error_of([&] { onnx::load(path, options); });
  for (std::size_t at; (at = text.find(path)) != std::string::npos;) text.replace(at, path.size(), "FILE");
  return text;
}

std::string error_loading(const onnx::ModelProto& model, const onnx::LoadOptions& options) {
  return error_loading(onnx::written(model), options);
}

}  // namespace hekla::testing
