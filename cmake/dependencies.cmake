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
