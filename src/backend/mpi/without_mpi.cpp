// A program that was built without MPI.
#include <cstdlib>

#include "backend/mpi/launch.hpp"
#include "backend/mpi/ranks.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

struct Ranks::Implementation {};

Ranks::Ranks() {
  const Launch launch = launch_of([](const char* name) { return std::getenv(name); });
  if (launch.is_alone()) return;
  rank_ = launch.rank;
  refusal_ = launch.launcher + " started " + std::to_string(launch.processes) +
             " processes, and this program was built without MPI: each would train all of the "
             "agents; build it with MPI (POLYAK_MPI=ON), or start one, or set POLYAK_RANKS=off "
             "for trainings that have nothing to do with each other";
}

Ranks::~Ranks() = default;

int Ranks::serve() { return exit_usage_error; }
void Ranks::leave_signalled() {}

std::string mpi_library() { return {}; }

}  // namespace polyak
