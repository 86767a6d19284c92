# Loads damaged ONNX files, made of hekla's own models and, where Debian's libonnx-testdata is, of cases of each family of
# operations. HEKLA_FUZZ_COUNT sets how many.
#   cmake -DPROGRAM=hekla_onnx_fuzz -P tests/fuzz/onnx.cmake
set(count 2000)
if(DEFINED ENV{HEKLA_FUZZ_COUNT})
  set(count $ENV{HEKLA_FUZZ_COUNT})
endif()
set(folders "")
foreach(name IN ITEMS argmax_keepdims_random averagepool_2d_pads batchnorm_example_training_mode bitshift_left_uint16
    clip_default_int8_max concat_2d_axis_1 conv_with_strides_padding convtranspose_output_shape cumsum_2d_negative_axis
    depthtospace_crd_mode_example dft einsum_batch_diagonal expand_dim_changed gather_elements_0 gathernd_example_int32
    gemm_all_attributes gridsample_bicubic gru_with_initial_bias layer_normalization_2d_axis0_expanded loop11
    maxpool_2d_ceil nllloss_NCd1d2_with_weight onehot_with_axis constant_pad qlinearmatmul_2D range_int32_type_negative_delta
    reduce_sum_keepdims_example reshape_allowzero_reordered resize_upsample_sizes_nearest reversesequence_batch scan9_sum
    scatter_elements_with_axis slice_neg_steps split_variable_parts_2d stft tile top_k unique_sorted_without_axis
    unsqueeze_two_axes)
  set(folder /usr/share/libonnx-testdata/data/node/test_${name})
  if(EXISTS ${folder})
    list(APPEND folders ${folder})
  endif()
endforeach()
execute_process(COMMAND ${PROGRAM} --count ${count} --seed 1 ${folders} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "a damaged file does harm, see above: ${status}")
endif()
