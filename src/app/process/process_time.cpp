#include "app/process/process_time.hpp"

#include <chrono>

namespace polyak {
namespace {

// Initialised before main().
const std::chrono::steady_clock::time_point program_start = std::chrono::steady_clock::now();

}  // namespace

double seconds_since_program_start() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - program_start).count();
}

}  // namespace polyak
