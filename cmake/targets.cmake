# Settings of every target of hekla: C++20, the include root, warnings.

# Debian ships volk as a header and a source file without a CMake package; other systems install them in a volk
# folder.
find_path(HEKLA_VOLK_INCLUDE_DIR volk.h PATH_SUFFIXES volk)
find_package(Vulkan QUIET)
if(NOT HEKLA_VOLK_INCLUDE_DIR OR NOT TARGET Vulkan::Headers)
  message(FATAL_ERROR "Vulkan headers or volk not found; on Debian: apt install libvulkan-dev libvulkan-volk-dev")
endif()

# What backends/vulkan compiles against: volk (used as a header), the Vulkan headers, glslang.
add_library(hekla_vulkan_dependencies INTERFACE)
target_include_directories(hekla_vulkan_dependencies SYSTEM INTERFACE ${HEKLA_VOLK_INCLUDE_DIR})
target_link_libraries(hekla_vulkan_dependencies INTERFACE
  Vulkan::Headers glslang::SPIRV glslang::glslang glslang::glslang-default-resource-limits Threads::Threads
  ${CMAKE_DL_LIBS})

# Gives `target` hekla's own settings, which users of the library do not inherit.
function(hekla_own_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /utf-8 $<$<BOOL:${HEKLA_WERROR}>:/WX>)
  else()
    # Designated initializers name only the fields that differ from their defaults; the disabled warning reports that.
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wno-missing-field-initializers $<$<BOOL:${HEKLA_WERROR}>:-Werror>)
  endif()
endfunction()

# The same for a program that uses the library, or a part of one. The time is spent in the library, so a development
# build compiles the program itself without optimization.
function(hekla_own_program target)
  hekla_own_target(${target})
  if(NOT MSVC)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O0>)
  endif()
endfunction()

# Precompiles headers that nearly every source of `target` includes. Release builds do without: there each source has
# to include what it uses.
function(hekla_precompile target)
  if(HEKLA_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <functional> <memory> <span> <string> <unordered_map> <vector> <fmt/format.h> ${ARGN})
  endif()
endfunction()

# Adds the object library of one layer: hekla_layer(name SOURCES files... USES libraries...).
function(hekla_layer target)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "SOURCES;USES")
  add_library(${target} OBJECT ${layer_SOURCES})
  hekla_own_target(${target})
  target_link_libraries(${target} PUBLIC ${layer_USES})
  hekla_precompile(${target})
endfunction()
