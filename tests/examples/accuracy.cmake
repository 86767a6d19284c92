# Trains the two quickest networks of the book on all of the data and compares their accuracy with the
# published one.
# scripts/reproduce_book.sh does it for all of them.
#   cmake -DTRAINER=build/dev/examples/fashion_mnist/fashion_mnist -DWORK=/tmp/somewhere -P tests/examples/accuracy.cmake
# Without a Vulkan device it prints SKIPPED, or fails under HEKLA_REQUIRE_DEVICE=1.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

# Published on the 12,000 validation images: softmax 0.8458, relu with Adam 0.8726.
foreach(row "softmax 0.840" "relu 0.865")
  separate_arguments(row)
  list(POP_FRONT row step least)
  run(${TRAINER} ${step} --seed 1 --out ${WORK}/${step})
  if(NOT "$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1" AND error MATCHES "mesa-vulkan-drivers")
    message("SKIPPED what needs a Vulkan device: ${error}")
    return()
  endif()
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${story}")
  endif()
  file(READ ${WORK}/${step}/result.json result)
  string(JSON accuracy GET "${result}" validation_accuracy)
  string(JSON loss GET "${result}" validation_loss)
  message(STATUS "${step}: validation accuracy ${accuracy}, loss ${loss}; at least ${least} is asked for")
  if(accuracy LESS least)
    message(FATAL_ERROR "${step} reached ${accuracy} only")
  endif()
endforeach()
