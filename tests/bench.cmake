# Runs one small case of a benchmark program: that it still works, never how fast.
#   cmake -DPROGRAM=build/dev/bench/bench_matmul -P tests/bench.cmake
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/examples/run.cmake)
get_filename_component(name ${PROGRAM} NAME_WE)

set(bench_convolution "convolution/dkernel")
set(bench_dispatch "dispatch/submitted alone/8")
set(bench_elementwise "softmax/rows of 10/1M")
set(bench_embedding "embedding/100x64")
set(bench_matmul "matmul/x.W/32")
set(bench_planning "planning/chain/1000")
set(bench_start "start/warm")
set(bench_step "given/softmax/sgd/32")
if(NOT DEFINED ${name})
  message(FATAL_ERROR "nothing is said here of which case of ${name} is small")
endif()

run(${PROGRAM} --benchmark_filter=^${${name}}/manual_time --benchmark_min_time=1e-9 --benchmark_format=json)
if(NOT "$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1" AND error MATCHES "mesa-vulkan-drivers")
  message("SKIPPED what needs a Vulkan device: ${error}")
elseif(NOT status EQUAL 0 OR NOT output MATCHES "\"best_us\": [0-9.e+-]+")
  message(FATAL_ERROR "no time was measured:\n${story}")
endif()
