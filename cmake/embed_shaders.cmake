# Writes a C++ source with the text of shader files:
#   cmake -DOUTPUT=shaders.cpp "-DFILES=a.comp;b.glsl" -P embed_shaders.cmake
# The text is split into pieces below 16 KB, the length of a string literal that every compiler accepts.
set(piece_size 8000)

file(WRITE ${OUTPUT}.new [[
// Generated from the files of shaders/ by cmake/embed_shaders.cmake; edit those.
#include "shaders/shaders.h"

#include "graph/error.h"

namespace hekla {

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

}  // namespace hekla
]])
file(RENAME ${OUTPUT}.new ${OUTPUT})
