# Makes hekla::hekla known to a project that says find_package(hekla).
include(${CMAKE_CURRENT_LIST_DIR}/hekla-dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/hekla-targets.cmake)
