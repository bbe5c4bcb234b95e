#include "backend/mpi/mpi_channel.hpp"

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int tag = 1;
constexpr std::size_t short_message = std::size_t{1} << 16;
constexpr std::size_t largest_piece = std::size_t{1} << 30;  // MPI counts in int

std::mutex& calls() {
  static std::mutex mutex;
  return mutex;
}

/// Sleeps ever longer: what is waited for is seen a sixty-fourth later than it could be, or a
/// little more. It does not yield: on a machine with other work that would be to wait for all of
/// them.
class Patience {
 public:
  void wait() {
    const auto waited = Clock::now() - begin_;
    std::this_thread::sleep_for(std::clamp<Clock::duration>(waited / 64, 10us, 1ms));
    // Whoever started all of this is gone: nobody will ever answer.
    if (::getppid() != parent_) throw RunError("the launcher of this process is gone");
  }

 private:
  Clock::time_point begin_ = Clock::now();
  pid_t parent_ = ::getppid();
};

void wait_for(MPI_Request& request, const char* call) {
  Patience patience;
  for (int done = 0;; patience.wait()) {
    {
      const std::lock_guard lock(calls());
      check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), call);
    }
    if (done != 0) return;
  }
}

void send_bytes(std::span<const std::byte> bytes, int rank) {
  MPI_Request request{};
  {
    const std::lock_guard lock(calls());
    check_mpi(MPI_Isend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, rank, tag,
                        MPI_COMM_WORLD, &request),
              "MPI_Isend");
  }
  wait_for(request, "MPI_Isend");
}

void receive_bytes(std::span<std::byte> bytes, int rank) {
  MPI_Request request{};
  {
    const std::lock_guard lock(calls());
    check_mpi(MPI_Irecv(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, rank, tag,
                        MPI_COMM_WORLD, &request),
              "MPI_Irecv");
  }
  wait_for(request, "MPI_Irecv");
}

/// Waits for what comes next; how many bytes it has.
std::size_t next_bytes(int rank) {
  Patience patience;
  for (int found = 0;; patience.wait()) {
    const std::lock_guard lock(calls());
    MPI_Status status{};
    check_mpi(MPI_Iprobe(rank, tag, MPI_COMM_WORLD, &found, &status), "MPI_Iprobe");
    if (found == 0) continue;
    int count = 0;
    check_mpi(MPI_Get_count(&status, MPI_BYTE, &count), "MPI_Get_count");
    return static_cast<std::size_t>(count);
  }
}

/// Calls transfer(piece) for pieces that MPI can count.
template <class Byte, class Transfer>
void for_each_piece(std::span<Byte> bytes, const Transfer& transfer) {
  for (std::size_t begin = 0; begin < bytes.size(); begin += largest_piece) {
    transfer(bytes.subspan(begin, std::min(largest_piece, bytes.size() - begin)));
  }
}

}  // namespace

void check_mpi(int status, const char* call) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(status, text, &length);
  throw RunError(std::string(call) + " failed: " + std::string(text, text + length));
}

MpiChannel::MpiChannel(int rank) : rank_(rank) {}

// A message begins with its size. Most are short, and follow at once.

void MpiChannel::send(std::span<const std::byte> message) {
  const std::uint64_t size = message.size();
  std::vector<std::byte> beginning(sizeof size);
  std::memcpy(beginning.data(), &size, sizeof size);
  const bool is_short = size <= short_message;
  if (is_short) beginning.insert(beginning.end(), message.begin(), message.end());
  send_bytes(beginning, rank_);
  if (is_short) return;
  for_each_piece(message, [this](std::span<const std::byte> piece) { send_bytes(piece, rank_); });
}

std::vector<std::byte> MpiChannel::receive() {
  std::vector<std::byte> beginning(next_bytes(rank_));
  receive_bytes(beginning, rank_);
  std::uint64_t size = 0;
  if (beginning.size() < sizeof size) throw RunError("a message of MPI's has no beginning");
  std::memcpy(&size, beginning.data(), sizeof size);
  std::vector<std::byte> message(beginning.begin() + sizeof size, beginning.end());
  if (message.size() == size) return message;
  message.resize(size);
  for_each_piece(std::span(message),
                 [this](std::span<std::byte> piece) { receive_bytes(piece, rank_); });
  return message;
}

}  // namespace polyak
