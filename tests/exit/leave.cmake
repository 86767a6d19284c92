# Exits a program in every possible way: without caches, with empty ones, with those of the time before, without the
# validation layer, and on the devices that need no Vulkan. Checks its exit status and its output through a pipe.
#   cmake -DPROGRAM=build/dev/tests/hekla_leaving_test -DWORK=/tmp/somewhere -P tests/exit/leave.cmake
# Without a Vulkan device it prints SKIPPED, or fails under HEKLA_REQUIRE_DEVICE=1.
cmake_minimum_required(VERSION 3.25)

set(in_child "\\[device\\] [^\n]* was opened before fork\\(\\)[^\n]*\n")
# The output of each way, and the exit status as a shell reports it.
set(ways
  "return|left\n|3"
  "exit|left\n|4"
  "exit-in-thread|left\n|5"
  "exit-in-idle-thread|left\n|6"
  "error|error: \\[fit\\] [^\n]*\n|1"
  "exception||134"
  "statics|left\n|7"
  "threads|left\n|8"
  "joined|left\njoined\n|9"
  "computes-at-exit|left\n\\[device\\] none can be opened while the process ends[^\n]*\n|10"
  "quick_exit|left\n|11"
  "_Exit|left\n|12"
  "SIGTERM|left\n|143"
  "pthread_exit|left\n|13"
  "fork|${in_child}${in_child}${in_child}own 3\nchild 21\n|0"
  "fork-among-threads|${in_child}child 22\n|0")

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/cache ${WORK}/unvalidated)
set(ways_of_reference ${ways})
list(FILTER ways_of_reference INCLUDE REGEX "^(return|exit-in-idle-thread|statics|threads|joined)[|]")
foreach(caches IN ITEMS none new kept unvalidated native reference)
  if(caches STREQUAL "none")
    set(environment HEKLA_CACHE= MESA_SHADER_CACHE_DISABLE=true)
  elseif(caches STREQUAL "unvalidated")
    # As users run it: other devices compile, too.
    set(environment HEKLA_VALIDATE=0 HEKLA_CACHE=${WORK}/unvalidated MESA_SHADER_CACHE_DIR=${WORK}/unvalidated)
  elseif(caches MATCHES "^(native|reference)$")
    set(environment HEKLA_DEVICE=${caches} HEKLA_CACHE=${WORK}/cache)
    set(ways ${ways_of_reference})
  else()
    set(environment HEKLA_CACHE=${WORK}/cache MESA_SHADER_CACHE_DIR=${WORK}/cache)
  endif()
  foreach(line IN LISTS ways)
    string(REPLACE "|" ";" line "${line}")
    list(GET line 0 way)
    list(GET line 1 expected)
    list(GET line 2 status)
    execute_process(
      COMMAND ${CMAKE_COMMAND} -E env ${environment} sh -c "ulimit -c 0; \"$0\" \"$1\"; echo status $?" ${PROGRAM} ${way}
      WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE result TIMEOUT 120)
    if(output MATCHES "^SKIPPED" AND NOT "$ENV{HEKLA_REQUIRE_DEVICE}" STREQUAL "1")
      message("${output}")
      return()
    endif()
    if(NOT output MATCHES "^${expected}status ${status}\n$")
      message(FATAL_ERROR "Leaving by ${way}, caches: ${caches} (${result}).\n--- stdout\n${output}--- stderr\n${error}---")
    endif()
    if(way STREQUAL "exception" AND NOT error MATCHES "nobody catches this")
      message(FATAL_ERROR "The exception that left main is not told of:\n${error}")
    endif()
  endforeach()
  file(READ ${WORK}/static_file.txt text)
  if(NOT text STREQUAL "whole\n")
    message(FATAL_ERROR "A file that ends with the process holds '${text}'.")
  endif()
endforeach()
