# Networks that PyTorch exports, read by hekla, where a Python has PyTorch and torchvision (Debian: python3-torchvision).
# HEKLA_REQUIRE_PYTORCH=1 makes their absence a failure.
#   cmake -DPROGRAM=hekla_onnx_pytorch -DFOLDER=.. -P tests/onnx/pytorch.cmake
include(${CMAKE_CURRENT_LIST_DIR}/../support/python.cmake)
find_python(python "import torch, torchvision" "python3-torchvision")
if(NOT DEFINED python)
  return()
endif()
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${python} ${CMAKE_CURRENT_LIST_DIR}/pytorch_models.py ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PROGRAM} ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE ${FOLDER})
