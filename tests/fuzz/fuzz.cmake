# Runs the differential fuzzer where there is a Python with PyTorch (Debian: python3-torch, or a virtual environment's that
# HEKLA_PYTHON names); HEKLA_REQUIRE_PYTORCH=1 makes its absence a failure.
#   cmake -DRUNNER=hekla_fuzz_runner -P tests/fuzz/fuzz.cmake
include(${CMAKE_CURRENT_LIST_DIR}/../support/python.cmake)
find_python(python "import torch" "python3-torch")
if(NOT DEFINED python)
  return()
endif()

set(count 2000)
set(native_count 500)
if(DEFINED ENV{HEKLA_FUZZ_COUNT})
  set(count $ENV{HEKLA_FUZZ_COUNT})
  set(native_count ${count})
endif()
foreach(part IN ITEMS "--count;${count};--ways;reference;fused;unfused" "--count;${native_count};--ways;native")
  execute_process(COMMAND ${python} ${CMAKE_CURRENT_LIST_DIR}/fuzz.py --runner ${RUNNER} --seed 1 ${part} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "hekla and PyTorch differ, see above; one program: fuzz.py --runner ${RUNNER} --seed 1 --only NUMBER")
  endif()
endforeach()
