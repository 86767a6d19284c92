# Runs the Fashion-MNIST program as a user does and checks its output, files, exit status and errors for bad
# input.
#   cmake -DTRAINER=build/dev/examples/fashion_mnist/fashion_mnist -DHELLO=build/dev/examples/hello -DWORK=/tmp/somewhere
#     -P tests/examples/trainer.cmake
# Needs the real data set. Without a Vulkan device it prints SKIPPED, or fails under HEKLA_REQUIRE_DEVICE=1.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
set(number "[0-9]+\\.[0-9][0-9][0-9][0-9]")

# Runs a step, which must end with its results and write its report into `folder`; sets `results` to the lines
# of the results.
function(train folder)
  run(${TRAINER} ${ARGN} --out ${folder})
  if(NOT status EQUAL 0 OR NOT error MATCHES "${expected_error}"
      OR NOT output MATCHES "\n(validation loss ${number}  accuracy ${number}\ntest loss ${number}  accuracy ${number}\n)report [^\n]*/report\\.html\n$")
    message(FATAL_ERROR "no result as it should be:\n${story}")
  endif()
  set(results "${CMAKE_MATCH_1}" PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
endfunction()
set(expected_error "^$")

# Runs a program, which must fail with one line that matches `pattern`.
function(refuse pattern program)
  run(${program} ${ARGN})
  if(NOT status EQUAL 1 OR NOT error MATCHES "^fashion_mnist: (${pattern})[^\n]*\n$")
    message(FATAL_ERROR "not refused with one line of '${pattern}':\n${story}")
  endif()
endfunction()

# Checks that a run's folder holds exactly these files.
function(check_files folder)
  file(GLOB found RELATIVE ${folder} ${folder}/* ${folder}/.*)
  list(FILTER found EXCLUDE REGEX "^\\.+$")
  list(SORT found)
  list(SORT ARGN)
  if(NOT found STREQUAL "${ARGN}")
    message(FATAL_ERROR "${folder} holds ${found}, not ${ARGN}")
  endif()
endfunction()
set(numbers_files history.csv mistakes.png report.html result.json settings.json state.safetensors summary.txt
  weights.safetensors)
find_program(GNUPLOT gnuplot)
set(chart_files "")
if(GNUPLOT)
  set(chart_files confusion.svg learning_curve.svg)
elseif("$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1")
  message(FATAL_ERROR "gnuplot is missing; its package is in scripts/packages.sh")
else()
  set(expected_error "^fashion_mnist: \\[charts\\] gnuplot is missing[^\n]*\n$")
endif()

# A page must not load anything from elsewhere.
function(check_page file)
  file(READ ${file} page)
  if(page MATCHES "https?:|src=\"//|href=[\"'][^#]|@import|url\\(")
    message(FATAL_ERROR "${file} is not self-contained: ${CMAKE_MATCH_0}")
  elseif(NOT page MATCHES "^<!DOCTYPE html>.*</html>\n$")
    message(FATAL_ERROR "${file} is no whole page")
  endif()
  foreach(part IN LISTS ARGN)
    if(NOT page MATCHES "${part}")
      message(FATAL_ERROR "${file} lacks ${part}")
    endif()
  endforeach()
endfunction()

# Works without a device.
run(${TRAINER} --help)
if(NOT status EQUAL 0 OR NOT output MATCHES "--learning-rate RATE.*softmax .*optimizers .*cnn .*Examples:")
  message(FATAL_ERROR "${story}")
endif()
set(slow relu --device reference --out ${WORK}/slow)
refuse("\\[options\\] mlp: there is no such step; choose look\\|softmax" ${TRAINER} mlp)
refuse("\\[options\\] .*--modell; --help lists the options\\." ${TRAINER} relu --modell mlp)
refuse("\\[options\\] --optimizer adamm: unknown; choose sgd\\|" ${TRAINER} relu --optimizer adamm)
refuse("\\[fashion_mnist\\] there is no folder /no/such; install the Debian package dataset-fashion-mnist"
  ${TRAINER} ${slow} --data /no/such)
refuse("\\[options\\] --batch-size 0: must be from 1 to the number of training images, 48000\\."
  ${TRAINER} ${slow} --batch-size 0)
refuse("\\[options\\] --batch-size 48001: must be" ${TRAINER} ${slow} --batch-size 48001)
refuse("\\[options\\] --batch-size 11: must be from 1 to the number of training images, 10\\."
  ${TRAINER} ${slow} --batch-size 11 --limit 10)
refuse("\\[[a-z_]+\\] .*no_such_device" ${TRAINER} --device no_such_device)
refuse("\\[resume\\] [^\n]*/settings\\.json is not there" ${TRAINER} ${slow} --limit 10 --batch-size 2 --resume)
# A loader that finds no driver simulates a machine without one.
refuse("\\[device\\] the environment variable VK_DRIVER_FILES names '/no/such', and no driver there can be loaded; .*mesa-vulkan-drivers.*reference"
  ${CMAKE_COMMAND} -E env VK_ICD_FILENAMES=/no/such VK_DRIVER_FILES=/no/such ${TRAINER} --limit 10 --out ${WORK}/slow)
# A manifest of a driver whose library cannot be loaded.
file(WRITE ${WORK}/broken_icd.json
  "{\"file_format_version\": \"1.0.0\", \"ICD\": {\"library_path\": \"/no/such.so\", \"api_version\": \"1.3.0\"}}")
refuse("\\[device\\] the environment variable VK_ICD_FILENAMES names '[^']*broken_icd.json', and no driver there can be loaded"
  ${CMAKE_COMMAND} -E env --unset=VK_DRIVER_FILES VK_ICD_FILENAMES=${WORK}/broken_icd.json
  ${TRAINER} --limit 10 --out ${WORK}/slow)

# Folders that cannot be made: below a file, and where there is no write permission.
file(WRITE ${WORK}/file "")
refuse("\\[out\\] the folder [^\n]*/file/run cannot be made \\([^\n]*\\); choose another with --out\\."
  ${TRAINER} relu --device reference --out ${WORK}/file/run)
if(EXISTS /proc/self)
  refuse("\\[out\\] the folder /proc/run cannot be made" ${TRAINER} look --device reference --out /proc/run)
endif()

# An empty folder of data, and one that lacks a file.
set(data ${WORK}/data)
file(MAKE_DIRECTORY ${data})
refuse("\\[fashion_mnist\\] .* holds neither train-images-idx3-ubyte nor" ${TRAINER} ${slow} --data ${data})
file(WRITE ${data}/train-images-idx3-ubyte "no images")
file(WRITE ${data}/train-labels-idx1-ubyte "no labels")
refuse("\\[[a-z_]+\\] .*train-images-idx3-ubyte" ${TRAINER} ${slow} --data ${data})

# Shows the data as the book does.
run(${TRAINER} look --device reference --out ${WORK}/look)
if(NOT status EQUAL 0 OR NOT error STREQUAL "" OR NOT output MATCHES "^device +reference[^\n]*
training +60,000 images of 28 x 28 bytes
test +10,000 images of 28 x 28 bytes
[^a-z]*
Ankle boot +T-shirt/top +T-shirt/top +Dress +T-shirt/top
[^a-z]*
Pullover +Sneaker +Pullover +Sandal +Sandal

label  class +training +test
    0  T-shirt/top +6,000 +1,000\n.*
    9  Ankle boot +6,000 +1,000

first labels +9 0 0 3 0 2 7 2 5 5
split \\(seed 42\\) +48,000 train, 12,000 validate
first to train +7 3 5 8 6 9 3 3 9 9
first to validate +8 8 7 4 8 4 1 0 4 5

written +[^\n]*/look/first_images\\.png\n$")
  message(FATAL_ERROR "the data is not shown as it should be:\n${story}")
endif()
check_files(${WORK}/look first_images.png)

train(${WORK}/slow relu --device reference --limit 60 --epochs 1 --batch-size 7)
check_files(${WORK}/slow ${numbers_files} ${chart_files})

# A failed write of the output is an error.
if(EXISTS /dev/full)
  execute_process(COMMAND ${TRAINER} --help OUTPUT_FILE /dev/full RESULT_VARIABLE status ERROR_VARIABLE error)
  if(NOT status EQUAL 1 OR NOT error MATCHES "^fashion_mnist: [^\n]+\n$")
    message(FATAL_ERROR "a full disk: exit status ${status}, ${error}")
  endif()
endif()

run(${HELLO})
if(NOT "$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1" AND error MATCHES "mesa-vulkan-drivers")
  message("SKIPPED what needs a Vulkan device: ${error}")
  return()
endif()

# Two epochs on a slice of the real data get far, with the same numbers each time.
set(slice --limit 3000 --epochs 2)
train(${WORK}/relu ${slice})
if(NOT results MATCHES "accuracy 0\\.[789][0-9]+\n$")
  message(FATAL_ERROR "the accuracy is below 0.7: ${results}")
endif()
if(NOT output MATCHES "data +3,000 images train, 3,000 validate, 3,000 test\n.* Total params: 79,510 .*Epoch 1/2\n.*94/94.* - accuracy: .* - loss: .* - val_accuracy: .*Epoch 2/2\n")
  message(FATAL_ERROR "data, model and progress are not shown:\n${output}")
endif()
check_files(${WORK}/relu ${numbers_files} ${chart_files})
file(STRINGS ${WORK}/relu/history.csv history)
if(NOT history MATCHES "^epoch,accuracy,loss,val_accuracy,val_loss;0,0\\.[^;]*;1,0\\.[^;]*$")
  message(FATAL_ERROR "history.csv holds ${history}")
endif()
check_page(${WORK}/relu/report.html "Fashion-MNIST: relu" "validation accuracy" "dense_1 \\(Dense\\)" "--seed 42"
  "<img src=\"data:image/png;base64,")
file(READ ${WORK}/relu/summary.txt summary)
if(NOT summary MATCHES "Total params: 79,510.*\n    2  .*${results}$")
  message(FATAL_ERROR "summary.txt holds\n${summary}")
endif()

# A run that is interrupted after an epoch and resumed equals an uninterrupted one: the same seed gives the
# same numbers.
train(${WORK}/parts --limit 3000 --epochs 1)
file(APPEND ${WORK}/parts/history.csv "1,0.5,")  # as a kill leaves it
train(${WORK}/parts ${slice} --resume)
foreach(file history.csv weights.safetensors state.safetensors)
  file(SHA256 ${WORK}/relu/${file} whole)
  file(SHA256 ${WORK}/parts/${file} parts)
  if(NOT whole STREQUAL parts)
    message(FATAL_ERROR "${file} is not the same in ${WORK}/relu and ${WORK}/parts, which was resumed")
  endif()
endforeach()
refuse("\\[resume\\] the run in [^\n]* has optimizer \"adam\", not \"sgd\"" ${TRAINER} ${slice} --resume
  --optimizer sgd --out ${WORK}/parts)
refuse("\\[resume\\] --epochs 1: the run in [^\n]* has 2 already" ${TRAINER} --limit 3000 --epochs 1 --resume
  --out ${WORK}/parts)

# Early stopping is resumed, too, with the best weights so far.
set(small --limit 200 --batch-size 20 --learning-rate 0.03)
train(${WORK}/dropout dropout ${small})
file(READ ${WORK}/dropout/result.json result)
string(JSON epochs GET "${result}" epochs)
string(JSON kept GET "${result}" kept_epoch)
if(NOT epochs LESS 20 OR NOT kept LESS epochs)
  message(FATAL_ERROR "no early stop: epoch ${kept} of ${epochs} was kept")
endif()
train(${WORK}/dropout_parts dropout ${small} --epochs ${kept})
train(${WORK}/dropout_parts dropout ${small} --resume)
foreach(file history.csv weights.safetensors)
  file(SHA256 ${WORK}/dropout/${file} whole)
  file(SHA256 ${WORK}/dropout_parts/${file} parts)
  if(NOT whole STREQUAL parts)
    message(FATAL_ERROR "${file} is not the same in ${WORK}/dropout and ${WORK}/dropout_parts, which was resumed")
  endif()
endforeach()

# A loss that is NaN ends the training, and the files of earlier epochs remain.
refuse("\\[train\\] the loss is not finite in step [0-9]+ of epoch 1: .*; a learning rate below 1e\\+30 may keep it finite\\." ${TRAINER} relu --limit 200
  --optimizer sgd --learning-rate 1e30 --out ${WORK}/nan)

# Ctrl-C ends the training after the epoch, with all of its files.
find_program(SH sh)
if(SH)
  run(${SH} -c "\"$@\" & while [ ! -s '${WORK}/cut/history.csv' ]\ndo sleep 0.1\ndone\nkill -INT $!\nwait $!" sh
    ${TRAINER} relu --limit 200 --epochs 100000 --out ${WORK}/cut)
  if(NOT status EQUAL 130 OR NOT error MATCHES "\nfashion_mnist: stopping after this epoch; Ctrl-C again stops at once\n"
      OR NOT output MATCHES "\nreport [^\n]*\n$")
    message(FATAL_ERROR "Ctrl-C:\n${story}")
  endif()
  check_files(${WORK}/cut ${numbers_files} ${chart_files})
endif()

# The other steps, with as little data as possible: whole batches, since a smaller last one has kernels of its
# own.
train(${WORK}/cnn cnn --limit 40 --batch-size 20 --epochs 1)
if(NOT output MATCHES "Total params: 333,526 ")
  message(FATAL_ERROR "cnn has other parameters:\n${output}")
endif()
run(${TRAINER} optimizers --limit 96 --epochs 1 --out ${WORK}/optimizers)
if(NOT status EQUAL 0 OR NOT error MATCHES "${expected_error}"
    OR NOT output MATCHES "\noptimizer +learning rate [^\n]*\nsgd  [^\n]*\nmomentum  [^\n]*\nnesterov  [^\n]*\nadagrad  [^\n]*\nrmsprop  [^\n]*\nadam  [^\n]*\nreport [^\n]*\n$")
  message(FATAL_ERROR "no comparison:\n${story}")
endif()
check_page(${WORK}/optimizers/report.html "Fashion-MNIST: optimizers" "<td>nesterov</td>")
file(STRINGS ${WORK}/optimizers/comparison.csv lines)
list(LENGTH lines count)
if(NOT count EQUAL 7)
  message(FATAL_ERROR "comparison.csv has ${count} lines")
endif()

# Without gnuplot there are no charts, and one warning.
run(${CMAKE_COMMAND} -E env PATH=/no/such ${TRAINER} softmax --limit 40 --epochs 1 --out ${WORK}/plain)
if(NOT status EQUAL 0 OR NOT error MATCHES "^fashion_mnist: \\[charts\\] gnuplot is missing[^\n]*\n$")
  message(FATAL_ERROR "without gnuplot:\n${story}")
endif()
check_files(${WORK}/plain ${numbers_files})
check_page(${WORK}/plain/report.html "Fashion-MNIST: softmax")
