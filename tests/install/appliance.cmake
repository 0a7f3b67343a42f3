# Runs the example appliance, PROGRAM, on EXAMPLE/events.ndjson with a new store in DIRECTORY; it
# must print EXAMPLE/commands.ndjson. Opened again it has nothing left to send.
file(REMOVE_RECURSE ${DIRECTORY})
execute_process(COMMAND ${PROGRAM} ${DIRECTORY} command- INPUT_FILE ${EXAMPLE}/events.ndjson
                OUTPUT_VARIABLE output ERROR_VARIABLE notes RESULT_VARIABLE result)
file(READ ${EXAMPLE}/commands.ndjson expected)
if(NOT result EQUAL 0 OR NOT output STREQUAL expected)
  message(FATAL_ERROR "exit code ${result}\n${output}${notes}")
endif()
if(NOT notes MATCHES "unknown_host")
  message(FATAL_ERROR "the refused event is not told:\n${notes}")
endif()
execute_process(COMMAND ${PROGRAM} ${DIRECTORY} INPUT_FILE /dev/null OUTPUT_VARIABLE output
                ERROR_VARIABLE notes RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT output STREQUAL "")
  message(FATAL_ERROR "opened again: exit code ${result}\n${output}${notes}")
endif()
