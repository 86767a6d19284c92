# Judges beside hekla: onnxruntime of the models that hekla writes, PyTorch of its own that hekla reads.
add_executable(hekla_onnx_models onnx/write_models.cpp onnx/written_models.cpp)
hekla_own_program(hekla_onnx_models)
target_link_libraries(hekla_onnx_models PRIVATE hekla::hekla fmt::fmt)
add_test(NAME "onnx: models in onnxruntime" COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:hekla_onnx_models>
  -DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/onnx_models -DPEERS=${PROJECT_SOURCE_DIR}/build/peers
  -P ${CMAKE_CURRENT_SOURCE_DIR}/onnx/judge.cmake)

add_executable(hekla_onnx_pytorch onnx/compare_pytorch.cpp)
hekla_own_program(hekla_onnx_pytorch)
target_link_libraries(hekla_onnx_pytorch PRIVATE hekla::hekla fmt::fmt)
add_test(NAME "onnx: networks of PyTorch" COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:hekla_onnx_pytorch>
  -DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/onnx_pytorch -P ${CMAKE_CURRENT_SOURCE_DIR}/onnx/pytorch.cmake)
if(TARGET hekla_bake)
  add_test(NAME "onnx: hekla-bake" COMMAND ${CMAKE_COMMAND} -DBAKE=$<TARGET_FILE:hekla_bake>
    -DMODELS=$<TARGET_FILE:hekla_onnx_models> -DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/onnx_bake
    -DCOMPILER=${CMAKE_CXX_COMPILER} -P ${CMAKE_CURRENT_SOURCE_DIR}/onnx/bake.cmake)
  set_tests_properties("onnx: hekla-bake" PROPERTIES LABELS onnx TIMEOUT 600)
endif()
set_tests_properties("onnx: models in onnxruntime" "onnx: networks of PyTorch" PROPERTIES
  LABELS onnx TIMEOUT 600 SKIP_REGULAR_EXPRESSION "SKIPPED")
