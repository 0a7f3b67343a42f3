# Runs PROGRAM in an empty DIRECTORY; its output must be the one that the README promises.
file(REMOVE_RECURSE ${DIRECTORY})
file(MAKE_DIRECTORY ${DIRECTORY})
execute_process(COMMAND ${PROGRAM} WORKING_DIRECTORY ${DIRECTORY} OUTPUT_VARIABLE output
                RESULT_VARIABLE result COMMAND_ECHO STDOUT)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "exit code ${result}: ${output}")
endif()
if(NOT output STREQUAL "com.acme.wifi on MAC-1: pending\n")
  message(FATAL_ERROR "unexpected output: ${output}")
endif()
