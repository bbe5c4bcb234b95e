// The processes that mpirun or srun has started together: the first one runs the program, the
// others train shares of its agents.
#pragma once

#include <memory>
#include <string>

namespace polyak {

/// Joins them, if there are any; made before anything else, and once.
class Ranks {
 public:
  /// RunError if MPI fails, UsageError as launch_of().
  Ranks();
  /// The first one lets the others go.
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  /// Whether this is the only process, or the first of several: its place is at the command line.
  bool is_first() const { return rank_ == 0; }

  /// Why they cannot train together, in one line; empty if they can. Every process knows it.
  const std::string& refusal() const { return refusal_; }

  /// Of one that is not the first: trains what it is told to, until it is let go. What the process
  /// exits with; 128 + a signal that the launcher has sent on the way. RunError if the first one
  /// cannot be reached.
  int serve();

  /// Of the first one, whose program was ended by a signal: it says so before it goes.
  void leave_signalled();

 private:
  struct Implementation;

  int rank_ = 0;
  std::string refusal_;
  std::unique_ptr<Implementation> implementation_;  // null: no others
};

/// The MPI that the program has, such as "Open MPI v4.1.4"; empty if it was built without.
std::string mpi_library();

}  // namespace polyak
