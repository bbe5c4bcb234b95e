# What the program was built from, for --version and reports: POLYAK_GIT_COMMIT. In a clone git says
# it; in the archives that `git archive` and its like make, git has written it into the next line
# (.gitattributes); any other copy does not know.
set(POLYAK_GIT_COMMIT "$Format:%h$")
if(POLYAK_GIT_COMMIT MATCHES "Format")
  set(POLYAK_GIT_COMMIT "unknown")
endif()
# Without this a copy inside somebody's repository would call itself by that one's commit.
if(EXISTS ${PROJECT_SOURCE_DIR}/.git)
  find_package(Git QUIET)
  if(GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty
                    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE git_commit
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE git_failed)
    if(NOT git_failed)
      set(POLYAK_GIT_COMMIT ${git_commit})
    endif()
  endif()
endif()
