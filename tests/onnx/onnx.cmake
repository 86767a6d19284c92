# Reading ONNX files: the cases of ONNX's own test suite, and damaged files.
add_executable(hekla_onnx_cases onnx/cases.cpp)
hekla_own_program(hekla_onnx_cases)
target_link_libraries(hekla_onnx_cases PRIVATE
  hekla::hekla hekla_vulkan_dependencies fmt::fmt CLI11::CLI11)

# A test of cases of one origin (see cases.cmake), of which at least `least` have to pass. `default` is the device of the
# other tests, `only` a regular expression of names.
function(hekla_onnx_test name origin folders device least only)
  add_test(NAME "onnx: ${name}" COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:hekla_onnx_cases> -DORIGIN=${origin}
    "-DFOLDERS=${folders}" -DDEVICE=${device} -DLEAST=${least} "-DONLY=${only}" -P ${CMAKE_CURRENT_SOURCE_DIR}/onnx/cases.cmake)
  set_tests_properties("onnx: ${name}" PROPERTIES LABELS onnx TIMEOUT 600 SKIP_REGULAR_EXPRESSION "SKIPPED")
endfunction()

# All operations on a device would compile a thousand kernels: of each family there are some.
string(CONCAT some_operations "test_(add_bcast|argmax_keepdims_random|averagepool_2d_(ceil|same_upper)|basic_conv_.*"
  "|batchnorm_.*|bitshift_left_uint16|cast_FLOAT_to_FLOAT16|clip_default_int8_max|convtranspose_(1d|pads)|cumsum_2d_axis_1"
  "|dynamicquantizelinear|einsum_batch_matmul|gather_elements_0|gathernd_.*|gemm_(all_attributes|transposeB)|gridsample"
  "|gru_seq_length|if|layer_normalization_4d_axis1|loop11|lstm_with_peepholes|matmul_3d|maxpool_2d_ceil|mod_mixed_sign_int16"
  "|nllloss_NCd1d2_with_weight|onehot_.*|qlinearmatmul_2D|reduce_log_sum_exp_.*_random|resize_upsample_.*_linear|scan9_sum"
  "|scatter_elements_with_axis|slice_neg_steps|softmax_axis_1|split_variable_parts_2d|top_k|transpose_all_permutations_3|where_example)")

hekla_onnx_test("operations of version 1.12" debian node reference 840 ".*")
hekla_onnx_test("operations of version 1.19" python node reference 1340 ".*")
hekla_onnx_test("operations on a device" debian node default 40 "${some_operations}")
hekla_onnx_test("models of PyTorch on a device" debian "pytorch-converted;pytorch-operator" default 117 ".*")
hekla_onnx_test("models of PyTorch" python "pytorch-converted;pytorch-operator" reference 117 ".*")
hekla_onnx_test("simple models" python simple reference 7 ".*")
hekla_onnx_test("networks on a device" python light default 9 ".*")

add_executable(hekla_onnx_fuzz fuzz/onnx.cpp onnx/models.cpp)
hekla_own_program(hekla_onnx_fuzz)
target_link_libraries(hekla_onnx_fuzz PRIVATE hekla::hekla fmt::fmt CLI11::CLI11)
add_test(NAME "onnx: damaged files" COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:hekla_onnx_fuzz>
  -P ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/onnx.cmake)
set_tests_properties("onnx: damaged files" PROPERTIES LABELS onnx TIMEOUT 600)
