// The GLSL files of this folder as text, embedded in the library at build time. cmake/embed_shaders.cmake generates
// the source that defines shader_text.
//
// In skeletons whose kernels may share a shader, `$` precedes every name that the skeleton or its hooks define. It is
// replaced by the kernel's prefix, or removed where the kernel is alone (prefixed() in backends/vulkan/glsl.h).
#pragma once

#include <string>
#include <string_view>

namespace hekla {

/// The text of `shaders/<name>`, where the name includes the extension ("map.comp"); valid for the lifetime of the
/// program. Throws hekla::Error when there is no such file.
std::string_view shader_text(std::string_view name);

}  // namespace hekla
