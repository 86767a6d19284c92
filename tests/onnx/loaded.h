// Loads models that are made in memory.
#pragma once

#include <string>

#include "tests/train/temporary_folder.h"
#include "train/onnx/load.h"
#include "train/onnx/proto.h"

namespace hekla::testing {

onnx::Function loaded(const std::string& bytes, const onnx::LoadOptions& options = {});
onnx::Function loaded(const onnx::ModelProto& model, const onnx::LoadOptions& options = {});

/// The error of loading it, with "FILE" in place of the path; empty where there is none.
std::string error_loading(const std::string& bytes, const onnx::LoadOptions& options = {});
std::string error_loading(const onnx::ModelProto& model, const onnx::LoadOptions& options = {});

/// Writes the bytes as a file of the folder.
std::filesystem::path write(const test::TemporaryFolder& folder, std::string_view name,
                            const std::string& bytes);

}  // namespace hekla::testing
