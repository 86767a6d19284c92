# The static library hekla::hekla made of all layers, and its installation as a CMake package.
include(CMakePackageConfigHelpers)

add_library(hekla STATIC)
add_library(hekla::hekla ALIAS hekla)
foreach(layer hekla_graph hekla_ops hekla_autodiff hekla_shaders hekla_vulkan hekla_native hekla_backends hekla_train)
  target_sources(hekla PRIVATE $<TARGET_OBJECTS:${layer}>)
endforeach()
target_compile_features(hekla PUBLIC cxx_std_20)

# backends/vulkan is excluded: its headers need volk, which users of the library do not need. The compiler and the
# headers of the plan cache are excluded, too.
set(header_folders graph ops autodiff backends train)
list(TRANSFORM header_folders REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/\\1/*.h" OUTPUT_VARIABLE patterns)
file(GLOB_RECURSE public_headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${patterns})
list(FILTER public_headers EXCLUDE REGEX "^(backends/(vulkan|native|common)|graph/compiler)/")
list(FILTER public_headers EXCLUDE REGEX "^graph/run/(prepare|plan_cache|structure|number_history|takes_memory)\\.h$")
list(APPEND public_headers hekla.h)
list(TRANSFORM public_headers PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE header_sources)
set(include_folder ${PROJECT_BINARY_DIR}/include)
set(script ${PROJECT_SOURCE_DIR}/cmake/public_headers.cmake)
add_custom_command(
  OUTPUT ${PROJECT_BINARY_DIR}/public_headers.stamp
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DOUTPUT=${include_folder} "-DFILES=${public_headers}" -P ${script}
  COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/public_headers.stamp
  DEPENDS ${header_sources} ${script}
  COMMENT "Writing the public headers"
  VERBATIM)
add_custom_target(hekla_headers ALL DEPENDS ${PROJECT_BINARY_DIR}/public_headers.stamp)
add_dependencies(hekla hekla_headers)
target_include_directories(hekla PUBLIC
  $<BUILD_INTERFACE:${include_folder}>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Listed here because the layers are not part of the package, so an installed hekla does not inherit their
# dependencies.
target_link_libraries(hekla PRIVATE
  fmt::fmt ZLIB::ZLIB libzip::zip glslang::SPIRV glslang::glslang glslang::glslang-default-resource-limits Threads::Threads
  ${CMAKE_DL_LIBS})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hekla)
install(TARGETS hekla EXPORT hekla-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT hekla-targets NAMESPACE hekla:: DESTINATION ${package_dir})
install(DIRECTORY ${include_folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hekla-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/hekla-config.cmake ${PROJECT_BINARY_DIR}/hekla-config-version.cmake DESTINATION ${package_dir})
install(FILES cmake/dependencies.cmake DESTINATION ${package_dir} RENAME hekla-dependencies.cmake)
