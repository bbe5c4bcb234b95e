# Run by cmake --install: a manual page of the program and one of each of its commands, from what
# they say of themselves. Takes polyak_program and polyak_man_directory.
find_program(polyak_help2man help2man)
if(NOT polyak_help2man)
  message(STATUS "polyak: without manual pages, as help2man is not installed")
  return()
endif()

function(polyak_man_page page help)
  string(REGEX MATCH "^[^\n]*" summary "${help}")
  set(file "${polyak_man_directory}/${page}.1")
  execute_process(COMMAND ${polyak_help2man} --no-info "--name=${summary}" "--output=${file}"
                          "--version-string=${page} ${polyak_version}" "${polyak_program} ${ARGN}"
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

execute_process(COMMAND ${polyak_program} --version OUTPUT_VARIABLE polyak_version
                OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE polyak_does_not_run)
if(polyak_does_not_run)
  message(STATUS "polyak: without manual pages, as the program was built for another machine")
  return()
endif()
file(MAKE_DIRECTORY "${polyak_man_directory}")
string(REGEX REPLACE "^polyak " "" polyak_version "${polyak_version}")
execute_process(COMMAND ${polyak_program} --help OUTPUT_VARIABLE polyak_help
                COMMAND_ERROR_IS_FATAL ANY)
polyak_man_page(polyak "${polyak_help}")
string(REGEX REPLACE ".*\nSubcommands:" "" polyak_commands "${polyak_help}")
string(REGEX MATCHALL "\n  [a-z]+ " polyak_commands "${polyak_commands}")
foreach(command IN LISTS polyak_commands)
  string(STRIP "${command}" command)
  execute_process(COMMAND ${polyak_program} ${command} --help OUTPUT_VARIABLE polyak_help
                  COMMAND_ERROR_IS_FATAL ANY)
  polyak_man_page(polyak-${command} "${polyak_help}" ${command})
endforeach()
