# Runs one example as a user does, with reduced work where it is long, and checks its output and files.
#   cmake -DPROGRAM=build/dev/examples/hello -DWORK=/tmp/somewhere -P tests/examples/example.cmake
# Without a Vulkan device it prints SKIPPED, or fails under HEKLA_REQUIRE_DEVICE=1.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)
get_filename_component(name ${PROGRAM} NAME_WE)
file(MAKE_DIRECTORY ${WORK})

# The arguments of each example, and its whole output.
set(checked "\nkernel, reference and finite differences agree\n")
set(number "[0-9.e+-]+")

set(hello "device  [^\n]+\ny       0\\.2449 0\\.7616\nloss    0\\.3135\nslope   -0\\.5051 -0\\.9100 [^\n]*\nbend    -3\\.974[789] -6\\.254[012] [^\n]*\n")

set(first_model "(Epoch [1-5]/5
.*1500/1500 - [^\n]* - accuracy: 0\\.[89][0-9]* - loss: 0\\.[0-9]+ - val_accuracy: 0\\.8[0-9]* - val_loss: 0\\.[0-9]+
)+.*313/313 - [^\n]* - accuracy: 0\\.8[0-9]* - loss: 0\\.[0-9]+\n")

# The operation, both derivatives and the surrounding operations are one kernel.
set(custom_op "isru\\(2x\\) \\+ 1         0\\.0299  0\\.2929  1\\.4472  1\\.9864
first derivative     0\\.0285  0\\.7071  1\\.4311  0\\.0089
second derivative    0\\.0403  2\\.1213  -3\\.434[56]  -0\\.0086

1 kernels, [^\n]*
 0 map [^\n]*
( +(reads|writes) [^\n]*
)+${checked}")

set(custom_kernel "y +1 2\\.5 4\\.25 6\\.125\nfirst derivative +9\\.75\nsecond derivative +9${checked}")

set(custom_model "Model: \"ring\"\n.*dense_1 \\(Dense\\).*Total params: [^\n]*\n.*epoch  1  loss ${number}  accuracy ${number}\n.*epoch 60  loss ${number}  accuracy (1\\.|0\\.9)[0-9]*\n")

set(pinn_arguments --steps 300)
set(pinn "device  [^\n]+
(step +[0-9]+  loss ${number}  error ${number} %  +${number} s
)+
   t +u[^\n]+ exact
( [01]\\.[0-9]+ +${number} +${number}
)+
relative L2 error ${number} %\n")

set(lotka_volterra_arguments --steps 300)
set(lotka_volterra "device  [^\n]+
(step +[0-9]+  loss ${number}
)+alpha ${number}  beta ${number}  gamma ${number}  delta ${number}  worst error ${number} %\n")

set(bake_arguments --epochs 1 --take 3000 --out ${WORK}/baked)
set(bake "Epoch 1/1\n.*hekla    accuracy 0\\.[0-9]+
baked    [0-9]+ bytes of source, [0-9]+ bytes of program with all weights
         accuracy 0\\.[0-9]+, ${number} us an image\n")

set(fine_tuning_arguments --take 1000 --out ${WORK}/tuned)
set(fine_tuning "(Epoch [^\n]+\n[^\n]+\n)+five_classes.onnx: 6 weights up to 'features/Relu'
.*accuracy (0\\.[4-9][0-9]+), of the file that was written 0\\.[4-9][0-9]+\n")

set(char_lstm_arguments --epochs 3)
set(char_lstm "device   [^\n]+
text     620 characters, 41 different
(Epoch [1-3]/3
.*accuracy: ${number} - loss: ${number}
)+
Given the first line, it goes on \\([0-9]+ of 580 characters as written\\):

Shall I compare thee to a summer's day.?\n.*\n")

set(char_gpt_arguments --steps 60)
set(char_gpt "device   [^\n]+
text     620 characters, 41 different
model    [0-9]+ parameters[^\n]*
(step +[0-9]+  loss ${number}  +${number} s
)+
Given the first line, it goes on \\([0-9]+ of 580 characters as written\\):

Shall I compare thee to a summer's day\\?\n.+")

set(png ${WORK}/pictures.png)
set(autoencoder_arguments --steps 60 --out ${png})
set(autoencoder "device   [^\n]+
model    784 numbers to 32 and back, [0-9]+ parameters
(step +[0-9]+  squared error ${number}  +${number} s
)+written  [^\n]*/pictures\\.png: 36 test pictures, originals above reconstructions\n")

# Runs the example, which must fail and say why.
function(refuse pattern)
  run(${PROGRAM} ${ARGN})
  if(NOT status MATCHES "^[1-9][0-9]*$" OR NOT output STREQUAL "" OR NOT error MATCHES "${pattern}")
    message(FATAL_ERROR "not refused with '${pattern}':\n${story}")
  endif()
endfunction()

# The example prints numbers after `label`: the first must lie above `bound` and the last below.
function(must_fall label bound)
  string(REGEX MATCHALL "${label} +[0-9.e+-]+" found "${printed}")
  list(TRANSFORM found REPLACE "^.* " "")
  list(GET found 0 first)
  list(GET found -1 last)
  if(NOT first GREATER bound OR NOT last LESS bound)
    message(FATAL_ERROR "the ${label} does not fall below ${bound}:\n${printed}")
  endif()
endfunction()

if(DEFINED ${name}_arguments)
  list(GET ${name}_arguments 0 option)
  foreach(steps 0 -1 2.5 many 99999999999999999999)
    refuse("^${option}: .*${steps}" ${option} ${steps})
  endforeach()
  refuse("${option}" ${option})
  refuse("${option}s" ${option}s 3)
  run(${PROGRAM} --help)
  if(NOT status EQUAL 0 OR NOT output MATCHES "${option} ")
    message(FATAL_ERROR "no help:\n${story}")
  endif()
endif()

# Compares the accuracies of hekla and of baked code in `printed`, in images of 10,000.
function(baked_accuracy_within most)
  string(REGEX MATCHALL "accuracy 0\\.[0-9][0-9][0-9][0-9]( us|,|\n)" found "${printed}")
  list(TRANSFORM found REPLACE "accuracy 0\\.0*([0-9]+).*" "\\1")
  list(GET found -2 ours)
  list(GET found -1 baked)
  math(EXPR difference "${ours} - ${baked}")
  if(difference GREATER most OR difference LESS -${most})
    message(FATAL_ERROR "other accuracies:\n${printed}")
  endif()
endfunction()

file(REMOVE ${png})
run(${PROGRAM} ${${name}_arguments})
if(NOT "$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1" AND error MATCHES "mesa-vulkan-drivers")
  message("SKIPPED what needs a Vulkan device: ${error}")
  return()
endif()
set(printed "${output}")
if(NOT DEFINED ${name})
  message(FATAL_ERROR "nothing is said here of what ${name} prints")
elseif(NOT status EQUAL 0 OR NOT error STREQUAL "" OR NOT output MATCHES "^${${name}}$")
  message(FATAL_ERROR "not what '${${name}}' says:\n${story}")
endif()

if(name STREQUAL "custom_model")
  must_fall("loss" 0.3)
elseif(name STREQUAL "pinn")
  must_fall("loss" 1)
  must_fall("error" 20)
elseif(name STREQUAL "char_gpt")
  must_fall("loss" 3)
elseif(name STREQUAL "lotka_volterra")
  must_fall("loss" 0.0001)
  # The parameters are recovered within 1 %.
  if(NOT printed MATCHES "worst error 0\\.[0-9]+ %|worst error [0-9.]+e-")
    message(FATAL_ERROR "other parameters than those of the trajectory:\n${printed}")
  endif()
elseif(name STREQUAL "bake")
  # The processor is right about as many of the 10,000 images, but for a tie that a last digit decides.
  baked_accuracy_within(2)
  run(${PROGRAM} ${bake_arguments} --form vulkan)
  if(NOT status EQUAL 0 OR NOT output MATCHES "^${bake}$")
    message(FATAL_ERROR "not what '${bake}' says:\n${story}")
  endif()
  set(printed "${output}")
  baked_accuracy_within(0)
elseif(name STREQUAL "autoencoder")
  must_fall("squared error" 0.1)
  # The PNG signature, a header with 720 x 360 pixels in eight bits of grey, and the end.
  file(READ ${png} bytes HEX)
  if(NOT bytes MATCHES "^89504e470d0a1a0a0000000d49484452000002d0000001680800000000.*0000000049454e44ae426082$")
    message(FATAL_ERROR "${png} is no PNG of 720 x 360")
  endif()
  refuse("^--out: [^\n]*/no/such is not a folder" --steps 1 --out ${WORK}/no/such/folder.png)
endif()
