#include "app/process/process_time.hpp"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace polyak {

std::optional<double> seconds_since_process_start() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');  // the name may hold anything, brackets too
  if (name_end == std::string::npos) return {};
  // proc(5): the name is field 2, the start field 22, in clock ticks since the machine's start.
  constexpr int first_field_after_name = 3, start_field = 22;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int number = first_field_after_name; number < start_field; ++number) fields >> field;
  double ticks = 0.0;
  timespec now{};
  if (!(fields >> ticks) || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return {};
  const double started = ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) - started;
}

}  // namespace polyak
