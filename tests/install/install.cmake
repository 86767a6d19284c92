# Installs a build of hekla into a folder, then builds and runs a project that uses the installed package:
#   cmake -DBUILD=build/dev -DWORK=/tmp/somewhere -DCONFIG=Debug -DGENERATOR=Ninja -DFLAGS=... -P tests/install/install.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${WORK}/prefix)
# Compiles against the include folder that add_subdirectory gives a project.
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
run(${COMPILER} ${flags} -std=c++20 -fsyntax-only -I${CMAKE_CURRENT_LIST_DIR} -I${BUILD}/include ${CMAKE_CURRENT_LIST_DIR}/main.cpp)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK}/build -G ${GENERATOR}
  -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}"
  -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/build --config ${CONFIG})
find_program(program uses_hekla PATHS ${WORK}/build ${WORK}/build/${CONFIG} NO_DEFAULT_PATH REQUIRED)
run(${program} reference)
# Without a Vulkan device this prints SKIPPED, or fails under HEKLA_REQUIRE_DEVICE=1.
execute_process(COMMAND ${CMAKE_COMMAND} -E env HEKLA_VALIDATE=1 ${program}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(output MATCHES "mesa-vulkan-drivers" AND NOT "$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1")
  message("SKIPPED what needs a Vulkan device: ${output}")
elseif(NOT status EQUAL 0 OR NOT output MATCHES "swish: right\nsoftsign: right\ncube: right\n$")
  message(FATAL_ERROR "${program}\n${output}")
endif()
