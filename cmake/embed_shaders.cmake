# Writes a C++ source holding the text of shader files:
#   cmake -DOUTPUT=shaders.cpp "-DFILES=a.comp;b.glsl" -P embed_shaders.cmake
# Text goes out in pieces below the 16 KB that every compiler takes in one literal.
set(piece_size 8000)

file(WRITE ${OUTPUT}.new [[
// Generated from the files of shaders/ by cmake/embed_shaders.cmake; edit those.
#include "shaders/shaders.h"

#include "graph/error.h"

namespace hekla::vulkan {

std::string_view shader_text(std::string_view name) {
]])
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(LENGTH "${text}" length)
  file(APPEND ${OUTPUT}.new "  if (name == \"${name}\") {\n    return")
  set(start 0)
  while(start LESS length)
    string(SUBSTRING "${text}" ${start} ${piece_size} piece)
    file(APPEND ${OUTPUT}.new " R\"glsl_text(${piece})glsl_text\"")
    math(EXPR start "${start} + ${piece_size}")
  endwhile()
  file(APPEND ${OUTPUT}.new " \"\";\n  }\n")
endforeach()
file(APPEND ${OUTPUT}.new [[
  throw Error("[shader_text] no shader is named '" + std::string(name) + "'; shaders/ holds those that are embedded.");
}

}  // namespace hekla::vulkan
]])
file(RENAME ${OUTPUT}.new ${OUTPUT})
