# run(program arguments...) sets `status`, `output` and `error` to the result of a program, and `story` to all
# of them.
function(run program)
  execute_process(COMMAND ${program} ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE error
    TIMEOUT 300)
  set(status "${status}" PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
  set(error "${error}" PARENT_SCOPE)
  list(JOIN ARGN " " arguments)
  set(story "${program} ${arguments}\nexit status: ${status}\n--- stdout\n${output}--- stderr\n${error}---" PARENT_SCOPE)
endfunction()
