# polyak_add_test_groups(target label [GROUPS number]) : ctest runs the target's tests in groups, each
# one process: a process per test would take longer to start than most tests take, above all under a
# sanitizer. GoogleTest deals the tests out. Each group leaves a report of its tests in
# build/.../test-reports; scripts/common.sh collects them. GTEST_FILTER chooses tests.
function(polyak_add_test_groups target label)
  cmake_parse_arguments(PARSE_ARGV 2 argument "" "GROUPS" "")
  if(NOT argument_GROUPS)
    set(argument_GROUPS 32)
  endif()
  math(EXPR last "${argument_GROUPS} - 1")
  foreach(group RANGE ${last})
    set(name ${target}.${group})
    add_test(NAME ${name} COMMAND ${target})
    set_tests_properties(${name} PROPERTIES LABELS ${label} ENVIRONMENT
      "GTEST_TOTAL_SHARDS=${argument_GROUPS};GTEST_SHARD_INDEX=${group};GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-reports/${name}.xml")
  endforeach()
endfunction()
