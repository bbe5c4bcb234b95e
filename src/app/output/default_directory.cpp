#include "app/output/default_directory.hpp"

#include <ctime>

namespace polyak {

std::filesystem::path default_directory(const std::string& name) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char time[32];
  std::strftime(time, sizeof time, "%Y%m%d-%H%M%S", &local);
  return "runs/" + name + "-" + time;
}

}  // namespace polyak
