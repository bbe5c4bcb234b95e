// Messages to and from another rank.
#pragma once

#include <sys/types.h>

#include "backend/remote/channel.hpp"

namespace polyak {

/// RunError that names the call, unless it succeeded.
void check_mpi(int status, const char* call);

/// The channel to a rank. Several threads may have one each: MPI is never called by two at once,
/// and who waits sleeps most of the time instead of using up a core.
class MpiChannel final : public Channel {
 public:
  explicit MpiChannel(int rank);
  void send(std::span<const std::byte> message) override;
  std::vector<std::byte> receive() override;

 private:
  int rank_;
};

}  // namespace polyak
