// The GLSL files of this folder as text, embedded when hekla is built.
// The source behind it is written by cmake/embed_shaders.cmake.
//
// In skeletons whose kernels may share a shader, `$` stands before every name that the skeleton or its hooks define: it
// becomes the kernel's prefix, or nothing where the kernel is alone (prefixed() in backends/vulkan/glsl.h).
#pragma once

#include <string>
#include <string_view>

namespace hekla::vulkan {

/// The text of `shaders/<name>`, the name with its extension ("map.comp"); valid for the life of the program.
/// Throws hekla::Error when there is no such file.
std::string_view shader_text(std::string_view name);

}  // namespace hekla::vulkan
