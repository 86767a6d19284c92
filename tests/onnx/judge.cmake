# onnxruntime and onnx.checker judge the models that hekla writes, where a virtual environment has both: build/peers, which
# scripts/test.sh makes, or the one that HEKLA_PEERS names. HEKLA_REQUIRE_PEERS=1 makes its absence a failure.
#   cmake -DPROGRAM=hekla_onnx_models -DFOLDER=.. -DPEERS=build/peers -P tests/onnx/judge.cmake
include(${CMAKE_CURRENT_LIST_DIR}/peers.cmake)
find_peers(python "import onnx, onnxruntime, numpy" "onnxruntime")
if(NOT DEFINED python)
  return()
endif()
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${PROGRAM} ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${python} ${CMAKE_CURRENT_LIST_DIR}/judge.py ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
