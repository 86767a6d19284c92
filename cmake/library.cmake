# The static library hekla::hekla made of all layers, and its installation as a CMake package.
include(CMakePackageConfigHelpers)

add_library(hekla STATIC)
add_library(hekla::hekla ALIAS hekla)
foreach(layer hekla_graph hekla_ops hekla_autodiff hekla_shaders hekla_vulkan hekla_backends hekla_train)
  target_sources(hekla PRIVATE $<TARGET_OBJECTS:${layer}>)
endforeach()
target_compile_features(hekla PUBLIC cxx_std_20)
target_include_directories(hekla PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/hekla>)
# Spelled out because the layers, being no part of the package, cannot carry them to an installed user.
target_link_libraries(hekla PRIVATE
  fmt::fmt ZLIB::ZLIB glslang::SPIRV glslang::glslang glslang::glslang-default-resource-limits Threads::Threads
  ${CMAKE_DL_LIBS})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hekla)
install(TARGETS hekla EXPORT hekla-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT hekla-targets NAMESPACE hekla:: DESTINATION ${package_dir})
install(FILES hekla.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/hekla)
# backends/vulkan is not installed: its headers need volk, which no user of the library has to have.
foreach(folder graph ops autodiff backends train)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/hekla
    FILES_MATCHING PATTERN "*.h" PATTERN "vulkan" EXCLUDE)
endforeach()
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hekla-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/hekla-config.cmake ${PROJECT_BINARY_DIR}/hekla-config-version.cmake DESTINATION ${package_dir})
install(FILES cmake/dependencies.cmake DESTINATION ${package_dir} RENAME hekla-dependencies.cmake)
