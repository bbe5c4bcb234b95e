# Finds an MPI and decides whether the program can train by several processes: POLYAK_WITH_MPI. The
# library never does: only the program starts MPI.
set(POLYAK_MPI AUTO CACHE STRING
    "Train by several processes under mpirun or srun: AUTO (if an MPI is found), ON, OFF")
set_property(CACHE POLYAK_MPI PROPERTY STRINGS AUTO ON OFF)
set(POLYAK_WITH_MPI OFF)
# A sanitizer would look at MPI's own leaks.
if(POLYAK_MPI STREQUAL "ON" OR (POLYAK_MPI STREQUAL "AUTO" AND NOT POLYAK_SANITIZER))
  set(MPI_CXX_SKIP_MPICXX ON)
  find_package(MPI QUIET COMPONENTS CXX)
  if(MPI_CXX_FOUND)
    set(POLYAK_WITH_MPI ON)
  elseif(POLYAK_MPI STREQUAL "ON")
    message(FATAL_ERROR "polyak: POLYAK_MPI=ON, but no MPI was found; install one (Debian: "
                        "libopenmpi-dev), or put its mpicxx on PATH, or use POLYAK_MPI=OFF")
  else()
    message(STATUS "polyak: no MPI found, a training is one process")
  endif()
endif()
