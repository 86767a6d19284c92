# Defines hekla::hekla for a project that calls find_package(hekla).
include(${CMAKE_CURRENT_LIST_DIR}/hekla-dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/hekla-targets.cmake)
