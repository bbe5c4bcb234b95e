#include "backend/mpi/ranks.hpp"

#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <vector>

#include "backend/mpi/launch.hpp"
#include "backend/mpi/mpi_channel.hpp"
#include "backend/remote/backend_server.hpp"
#include "backend/remote/remote_backend.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

volatile std::sig_atomic_t signal_of_launcher = 0;

extern "C" void note_end(int signal) { signal_of_launcher = signal; }

/// What each rank tells all others of itself.
struct RankDescription {
  std::array<char, 256> host;
  cpu_set_t cores;  // that it may run on
};

RankDescription own_description() {
  RankDescription own{};
  std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
  int length = 0;
  check_mpi(MPI_Get_processor_name(name.data(), &length), "MPI_Get_processor_name");
  std::copy_n(name.begin(), std::min<std::size_t>(name.size(), own.host.size() - 1),
              own.host.begin());
  ::sched_getaffinity(0, sizeof own.cores, &own.cores);
  return own;
}

std::vector<RankDescription> describe_all(int processes) {
  const RankDescription own = own_description();
  std::vector<RankDescription> all(static_cast<std::size_t>(processes));
  constexpr int bytes = sizeof own;
  check_mpi(MPI_Allgather(&own, bytes, MPI_BYTE, all.data(), bytes, MPI_BYTE, MPI_COMM_WORLD),
            "MPI_Allgather");
  return all;
}

bool shares_host(const RankDescription& a, const RankDescription& b) { return a.host == b.host; }

/// The place of a rank among those of its machine. A launcher may have given each cores of its own,
/// or several the same ones, which they share.
MachineShare machine_share(const std::vector<RankDescription>& all, int rank) {
  const RankDescription& own = all[static_cast<std::size_t>(rank)];
  MachineShare share{0, 0, 0};
  int with_these_cores = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!shares_host(all[i], own)) continue;
    if (static_cast<int>(i) < rank) ++share.index;
    ++share.processes;
    if (CPU_EQUAL(&all[i].cores, &own.cores)) ++with_these_cores;
  }
  share.threads = std::max(1, CPU_COUNT(&own.cores) / with_these_cores);
  return share;
}

std::string name_of(const std::vector<RankDescription>& all, int rank) {
  return "rank " + std::to_string(rank) + " (" + all[static_cast<std::size_t>(rank)].host.data() +
         ")";
}

ShardPlace local_place(const std::string& name, const MachineShare& machine, const Config& config) {
  const auto named = [name](const auto& work) {
    try {
      return work();
    } catch (const UsageError& error) {
      throw UsageError(name + ": " + error.what());
    } catch (const RunError& error) {
      throw RunError(name + ": " + error.what());
    }
  };
  const Config here = named([&] { return on_machine(config, machine); });
  return {here.device, here.threads,
          [=](const Config& share) { named([&] { require_memory_on_machine(share, machine); }); },
          [=](const Config& share) { return named([&] { return make_local_backend(share); }); }};
}

}  // namespace

struct Ranks::Implementation {
  int processes = 0;
  std::vector<RankDescription> descriptions = {};
  std::vector<std::shared_ptr<Peer>> peers = {};  // of the first rank: all others

  bool is_broken = false;     // some cannot be reached
  bool is_signalled = false;  // the launcher ends its processes

  /// MPI_Finalize would wait for those that cannot be reached, and for a launcher that does not
  /// answer any more.
  ~Implementation() {
    try {
      for (const auto& peer : peers) peer->stop();
    } catch (const std::exception&) {
      is_broken = true;
    }
    if (is_broken) MPI_Abort(MPI_COMM_WORLD, exit_run_error);
    if (!is_broken && !is_signalled) MPI_Finalize();
  }
};

Ranks::Ranks() {
  const Launch launch = launch_of([](const char* name) { return std::getenv(name); });
  if (launch.is_alone()) return;
  // Where processes are more than cores, Open MPI's calls would let all others run first, each
  // time; who waits here sleeps.
  ::setenv("OMPI_MCA_mpi_yield_when_idle", "0", 0);
  int provided = 0;
  check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided), "MPI_Init_thread");
  implementation_ = std::make_unique<Implementation>();
  check_mpi(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check_mpi(MPI_Comm_size(MPI_COMM_WORLD, &implementation_->processes), "MPI_Comm_size");
  check_mpi(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
  const int found = implementation_->processes;
  if (found != launch.processes) {
    rank_ = launch.rank;
    refusal_ = launch.launcher + " started " + std::to_string(launch.processes) +
               " processes, of which " + mpi_library() + " finds " + std::to_string(found) +
               ": they do not fit each other; with srun try --mpi=pmix (srun --mpi=list says what "
               "there is), or use the mpirun that comes with this MPI";
    return;
  }
  if (provided < MPI_THREAD_SERIALIZED) {
    refusal_ = mpi_library() + " cannot be called by several threads (MPI_THREAD_SERIALIZED)";
    return;
  }
  implementation_->descriptions = describe_all(found);
  if (rank_ > 0) return;
  for (int rank = 1; rank < found; ++rank) {
    implementation_->peers.push_back(std::make_shared<Peer>(
        name_of(implementation_->descriptions, rank), std::make_unique<MpiChannel>(rank)));
  }
  set_training_places([&all = *implementation_](const Config& config) {
    std::vector<ShardPlace> places = {
        local_place(name_of(all.descriptions, 0), machine_share(all.descriptions, 0), config)};
    for (const auto& peer : all.peers) places.push_back(remote_place(peer, config));
    return places;
  });
}

Ranks::~Ranks() {
  if (implementation_ && rank_ == 0) set_training_places({});
}

void Ranks::leave_signalled() {
  if (implementation_) implementation_->is_signalled = true;
}

int Ranks::serve() {
  // The launcher signals all of its processes. The first one decides what comes of it, and needs
  // the others for it.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, note_end);
  MpiChannel channel(0);
  try {
    serve_backend(channel, machine_share(implementation_->descriptions, rank_));
  } catch (const std::exception&) {
    implementation_->is_broken = true;
    throw;
  }
  if (signal_of_launcher == 0) return exit_success;
  implementation_->is_signalled = true;
  return 128 + signal_of_launcher;
}

std::string mpi_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check_mpi(MPI_Get_library_version(text.data(), &length), "MPI_Get_library_version");
  const std::string_view whole(text.data());
  return std::string(whole.substr(0, whole.find_first_of(",\n")));
}

}  // namespace polyak
