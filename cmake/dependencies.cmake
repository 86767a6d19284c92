# Finds what hekla links against; included by the build and, after installation, by hekla-config.cmake. volk loads the
# Vulkan loader at run time, so a program starts (and trains on the reference device) on a machine without Vulkan;
# only its headers are needed here.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(ZLIB)
find_dependency(fmt)
# glslang's SPIR-V library refers to the targets of SPIRV-Tools without finding them itself.
find_dependency(SPIRV-Tools)
find_dependency(SPIRV-Tools-opt)
find_dependency(SPIRV-Tools-link)
find_dependency(glslang)
# The CMake package of Debian's libzip-dev looks for tools that another package brings, so it is not used.
find_path(HEKLA_ZIP_INCLUDE_DIR zip.h)
find_library(HEKLA_ZIP_LIBRARY zip)
if(NOT HEKLA_ZIP_INCLUDE_DIR OR NOT HEKLA_ZIP_LIBRARY)
  message(FATAL_ERROR "libzip not found; on Debian: apt install libzip-dev")
endif()
if(NOT TARGET libzip::zip)
  add_library(libzip::zip UNKNOWN IMPORTED)
  set_target_properties(libzip::zip PROPERTIES
    IMPORTED_LOCATION ${HEKLA_ZIP_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${HEKLA_ZIP_INCLUDE_DIR})
endif()
