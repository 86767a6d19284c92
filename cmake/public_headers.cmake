# Writes the headers as users include them, <hekla/graph/tensor.h>, from those of the source tree, which include each
# other relative to its root. So a user's own graph/tensor.h cannot shadow them.
#   cmake -DROOT=. -DOUTPUT=build/include "-DFILES=hekla.h;graph/tensor.h" -P cmake/public_headers.cmake
function(write_if_changed file text)
  set(before "")
  if(EXISTS ${file})
    file(READ ${file} before)
  endif()
  if(NOT text STREQUAL before)
    file(WRITE ${file} "${text}")
  endif()
endfunction()

foreach(file IN LISTS FILES)
  file(READ ${ROOT}/${file} text)
  string(REGEX REPLACE "#include \"([^\"]+)\"" "#include <hekla/\\1>" text "${text}")
  write_if_changed(${OUTPUT}/hekla/${file} "${text}")
endforeach()
write_if_changed(${OUTPUT}/hekla.h "// The umbrella header by its short name.\n#pragma once\n\n#include <hekla/hekla.h>\n")

# Removes headers that the source tree no longer has.
file(GLOB_RECURSE written RELATIVE ${OUTPUT}/hekla ${OUTPUT}/hekla/*.h)
list(REMOVE_ITEM written ${FILES})
foreach(file IN LISTS written)
  file(REMOVE ${OUTPUT}/hekla/${file})
endforeach()
