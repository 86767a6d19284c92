// Bakes an ONNX model to C++ source that needs neither hekla nor ONNX: hekla-bake model.onnx --out net
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "hekla.h"

namespace {

// "image.1" as image_1.
std::string as_identifier(const std::string& name) {
  std::string result;
  for (const char c : name) result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (result.empty() || std::isdigit(static_cast<unsigned char>(result[0])) != 0) result.insert(0, "_");
  return result;
}

hk::Shape shape_for(const hk::onnx::Signature& input, std::int64_t batch) {
  if (!input.has_shape)
    throw hk::Error(
        fmt::format("[hekla-bake] the file does not say the shape of the input '{}'.", input.name));
  hk::Shape shape;
  for (std::size_t axis = 0; axis < input.shape.size(); ++axis) {
    const std::int64_t size = input.shape[axis];
    if (axis > 0 && size < 0)
      throw hk::Error(
          fmt::format("[hekla-bake] axis {} of the input '{}' has no fixed size; baked source has the "
                      "batch alone open.",
                      axis, input.name));
    if (axis == 0 && size >= 0 && size != batch)
      throw hk::Error(
          fmt::format("[hekla-bake] the input '{}' is for batches of {}; --batch {} is asked for.",
                      input.name, size, batch));
    shape.push_back(size < 0 ? batch : size);
  }
  return shape;
}

hk::BakedFunction predict_function(const hk::onnx::Function& model,
                                   const std::vector<std::int64_t>& batches) {
  hk::BakedFunction predict{.name = "predict", .variants = {}};
  for (const hk::onnx::Signature& output : model.outputs())
    predict.output_names.push_back(as_identifier(output.name));
  for (const std::int64_t batch : batches) {
    hk::BakedFunction::Variant variant;
    std::vector<hk::Tensor> inputs;
    for (const hk::onnx::Signature& input : model.inputs()) {
      const std::string name = as_identifier(input.name);
      inputs.push_back(hk::input(name, shape_for(input, batch), input.dtype));
      variant.inputs.push_back({name, inputs.back()});
    }
    variant.computation.outputs = model(inputs);
    predict.variants.push_back(std::move(variant));
  }
  return predict;
}

}  // namespace

int main(int argc, char** argv) try {
  std::filesystem::path file, out;
  std::vector<std::int64_t> batches = {1};
  hk::BakeFormat format;
  const std::map<std::string, hk::BakeForm> forms = {{"cplusplus", hk::BakeForm::cplusplus},
                                                     {"vulkan", hk::BakeForm::vulkan}};
  const std::map<std::string, hk::BakedWidth> widths = {{"portable", hk::BakedWidth::portable},
                                                        {"this_machine", hk::BakedWidth::this_machine}};
  const std::map<std::string, hk::BakedDevices> devices = {{"like_this", hk::BakedDevices::like_this},
                                                           {"any", hk::BakedDevices::any}};
  CLI::App app(
      "Writes NAME.h and NAME.cpp (and NAME.weights) from an ONNX model: C++17 without dependencies, or for "
      "GPUs.");
  app.add_option("model", file, "The ONNX file")->required()->check(CLI::ExistingFile);
  app.add_option("--out", out, "Path and namespace of the source; default: the model's name");
  app.add_option("--batch", batches, "Numbers of examples; several with a 1 among them: any number")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app.add_option("--form", format.form, "cplusplus or vulkan")->transform(CLI::CheckedTransformer(forms));
  app.add_option("--width", format.width, "Of vectors: portable or this_machine")
      ->transform(CLI::CheckedTransformer(widths));
  app.add_option("--devices", format.devices, "Of the form vulkan: like_this or any")
      ->transform(CLI::CheckedTransformer(devices));
  app.add_option("--most-inline-bytes", format.most_inline_bytes, "Larger weights go into a file")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  if (out.empty()) out = as_identifier(file.stem().string());
  hk::bake({predict_function(hk::onnx::load(file), batches)}, out, format);
  const auto size = [&](const char* extension) {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(out.string() + extension, missing);
    return missing ? 0 : bytes;
  };
  fmt::print("{0}.h and {0}.cpp: {1} bytes", out.string(), size(".h") + size(".cpp"));
  if (size(".weights") > 0) fmt::print("; {}.weights: {} bytes", out.string(), size(".weights"));
  fmt::print("\n");
  return 0;
} catch (const hk::Error& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
