# Prints tensors of a program in gdb and compares what it shows:
#   cmake -DGDB=gdb -DPROGRAM=hekla_gdb_program -DPRINTERS=scripts/gdb_hekla.py -P tests/debuggers/gdb.cmake
if(NOT GDB)
  message(STATUS "SKIPPED: there is no gdb, so its printers (${PRINTERS}) are not tested")
  return()
endif()
execute_process(
  COMMAND ${GDB} --batch --nx -ex "set debuginfod enabled off" -ex "source ${PRINTERS}" -ex "break stop_here"
    -ex "run" -ex "p x" -ex "p number" -ex "p sum" -ex "p sum.node_._M_ptr->inputs" -ex "p none" -ex "p shape"
    -ex "p x.node_._M_ptr->dtype" -ex "kill" ${PROGRAM}
  OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 120)
foreach(shown
    "weights f32[2,3] data {1, 2.5, 3, 4, 5, 6}"
    "f32[2,3] constant 0.5"
    "i32[9] add"
    "i32[9] data {1, 2, 3, 4, 5, 6, 7, 8, ...}"
    "= (empty)"
    "= [9]"
    "= f32\n")
  string(FIND "${output}" "${shown}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "gdb does not show '${shown}':\n${output}")
  endif()
endforeach()
