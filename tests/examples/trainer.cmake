# Runs the trainer as a user does: what it prints, how it exits, what it says to bad input.
#   cmake -DTRAINER=build/dev/examples/fashion_mnist/fashion_mnist -DHELLO=build/dev/examples/hello -P tests/examples/trainer.cmake
# Needs the real data set. Without a Vulkan device it prints SKIPPED, or fails under HEKLA_REQUIRE_DEVICE=1.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

# Runs the trainer, which must end with the result, and puts loss and accuracy into `loss` and `accuracy`.
function(train)
  run(${TRAINER} ${ARGN})
  if(NOT status EQUAL 0 OR NOT error STREQUAL ""
      OR NOT output MATCHES "\ntest loss ([0-9]+\\.[0-9][0-9][0-9][0-9])  accuracy ([01]\\.[0-9][0-9][0-9][0-9])\n$")
    message(FATAL_ERROR "no result as it should be:\n${story}")
  endif()
  set(loss ${CMAKE_MATCH_1} PARENT_SCOPE)
  set(accuracy ${CMAKE_MATCH_2} PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
endfunction()

# Runs a program, which must fail with one line that matches `pattern`.
function(refuse pattern program)
  run(${program} ${ARGN})
  if(NOT status MATCHES "^[1-9][0-9]*$" OR NOT error MATCHES "^[a-z_]+: (${pattern})[^\n]*\n$")
    message(FATAL_ERROR "not refused with one line of '${pattern}':\n${story}")
  endif()
endfunction()

# Not a matter of the device.
run(${TRAINER} --help)
if(NOT status EQUAL 0 OR NOT output MATCHES "--learning-rate RATE")
  message(FATAL_ERROR "${story}")
endif()
set(slow_device --device reference)
refuse("\\[fashion_mnist\\] there is no folder /no/such; install the Debian package dataset-fashion-mnist"
  ${TRAINER} ${slow_device} --data /no/such)
refuse("\\[options\\] --batch-size 0: must be from 1 to the number of training images, 60000\\."
  ${TRAINER} ${slow_device} --batch-size 0)
refuse("\\[options\\] --batch-size 60001: must be" ${TRAINER} ${slow_device} --batch-size 60001)
refuse("\\[options\\] --batch-size 11: must be from 1 to the number of training images, 10\\."
  ${TRAINER} ${slow_device} --batch-size 11 --limit 10)
refuse("\\[options\\] .*--modell; --help lists the options\\." ${TRAINER} --modell mlp)
refuse("\\[options\\] --model cnn: unknown; choose softmax\\|mlp\\." ${TRAINER} --model cnn)
refuse("\\[train\\] the loss is -?(nan|inf) by step [0-9]+ of epoch 1; a learning rate below 1e\\+200 may keep it finite"
  ${TRAINER} ${slow_device} --limit 200 --learning-rate 1e200)
refuse("\\[[a-z_]+\\] .*no_such_device" ${TRAINER} --device no_such_device)
# A loader that finds no driver stands for a machine without one.
refuse("\\[[a-z_]+\\] .*mesa-vulkan-drivers.*reference" ${CMAKE_COMMAND} -E env VK_ICD_FILENAMES=/no/such
  VK_DRIVER_FILES=/no/such ${TRAINER} --limit 10)

# An empty folder, and one that lacks a file.
set(folder ${WORK}/data)
file(REMOVE_RECURSE ${folder})
file(MAKE_DIRECTORY ${folder})
refuse("\\[fashion_mnist\\] .* holds neither train-images-idx3-ubyte nor" ${TRAINER} ${slow_device} --data ${folder})
file(WRITE ${folder}/train-images-idx3-ubyte "no images")
file(WRITE ${folder}/train-labels-idx1-ubyte "no labels")
refuse("\\[[a-z_]+\\] .*train-images-idx3-ubyte" ${TRAINER} ${slow_device} --data ${folder})

train(${slow_device} --limit 200 --epochs 1 --batch-size 7)

# Output that cannot be written is no success.
if(EXISTS /dev/full)
  execute_process(COMMAND ${TRAINER} --help OUTPUT_FILE /dev/full RESULT_VARIABLE status ERROR_VARIABLE error)
  if(status EQUAL 0 OR NOT error MATCHES "^fashion_mnist: [^\n]+\n$")
    message(FATAL_ERROR "a full disk: exit status ${status}, ${error}")
  endif()
endif()

run(${HELLO})
if(NOT "$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1" AND error MATCHES "mesa-vulkan-drivers")
  message("SKIPPED what needs a Vulkan device: ${error}")
  return()
endif()

# Two epochs on a slice of the real data go a good part of the way, the same way each time.
foreach(model softmax mlp)
  train(--model ${model} --limit 3000 --epochs 2)
  if(accuracy LESS 0.7)
    message(FATAL_ERROR "${model}: accuracy ${accuracy} is below 0.7")
  endif()
  if(NOT output MATCHES "model +${model} 784.*Epoch 1/2\n.*94/94.* - accuracy: .* - loss: .*Epoch 2/2\n")
    message(FATAL_ERROR "${model}: progress is not shown:\n${output}")
  endif()
  set(first "${loss} ${accuracy}")
  train(--model ${model} --limit 3000 --epochs 2)
  if(NOT "${loss} ${accuracy}" STREQUAL first)
    message(FATAL_ERROR "${model}: the same seed gave ${first} and then ${loss} ${accuracy}")
  endif()
  message(STATUS "${model}: test loss ${loss}, accuracy ${accuracy}, twice")
endforeach()
