#pragma once

#include <string>
#include <string_view>

namespace polyak {

/// What this program was built from and how.
struct BuildDescription {
  std::string_view version, commit, type, compiler;
  std::string_view cuda_architectures;  ///< separated by spaces; empty: built without CUDA
  std::string mpi;                      ///< such as "Open MPI v4.1.4"; empty: built without MPI
};

BuildDescription build_description();

/// Whether and by what several processes train together, in some words.
std::string describe_mpi(const BuildDescription& build);

}  // namespace polyak
