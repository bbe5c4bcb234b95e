# cmake -DPROJECT_SOURCE_DIR=DIRECTORY -P print_commit.cmake : what a build of it would be called.
include(${PROJECT_SOURCE_DIR}/cmake/GitCommit.cmake)
message("${POLYAK_GIT_COMMIT}")
