# Passes where the test fails: it catches the bug that is planted in its program.
execute_process(
  COMMAND ${PROGRAM} --gtest_filter=${FILTER} --gtest_brief=1
  RESULT_VARIABLE result
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "no test caught it:\n${output}")
endif()
if(NOT output MATCHES "FAILED" AND NOT output MATCHES "assertion failed")
  message(FATAL_ERROR "it ended with ${result}, and not by a test:\n${output}")
endif()
string(REGEX MATCH "[^\n]*(Failure|assertion failed)[^\n]*(\n[^\n]*)?" first "${output}")
message("caught: ${first}")
