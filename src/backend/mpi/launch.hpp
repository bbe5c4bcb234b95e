// Whether mpirun, srun or the like started this process as one of several.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace polyak {

struct Launch {
  int rank = 0;
  int processes = 1;
  std::string launcher = {};  // "mpirun", "srun"; empty: started alone

  bool is_alone() const { return processes <= 1; }
};

/// As the variables say that launchers set: those of Open MPI, of MPICH and its relatives, and of a
/// step of Slurm's. POLYAK_RANKS=off says that each is to be by itself. UsageError if that variable
/// says anything else.
Launch launch_of(const std::function<const char*(const char*)>& variable);

}  // namespace polyak
