// Alone among the files in having the build's definitions: the commit changes often.
#include "app/output/build_description.hpp"

#include "backend/mpi/ranks.hpp"
#include "io/program_version.hpp"

namespace polyak {

BuildDescription build_description() {
  return {program_version(),   POLYAK_GIT_COMMIT,         POLYAK_BUILD_TYPE,
          POLYAK_CXX_COMPILER, POLYAK_CUDA_ARCHITECTURES, mpi_library()};
}

std::string describe_mpi(const BuildDescription& build) {
  return build.mpi.empty() ? "without MPI" : "with " + build.mpi;
}

}  // namespace polyak
