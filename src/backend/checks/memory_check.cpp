#include "backend/checks/memory_check.hpp"

#include <algorithm>
#include <cstdio>

#include "backend/backend.hpp"
#include "backend/checks/host_memory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/memory_size.hpp"

namespace polyak {
namespace {

constexpr std::int64_t float_bytes = sizeof(float);

std::string bytes_in_words(std::int64_t bytes) {
  if (bytes == MemorySize::largest) return "more than 2^63 bytes";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / 1073741824.0);
  return std::to_string(bytes) + " bytes (" + text + ")";
}

}  // namespace

std::int64_t total_bytes(std::span<const MemoryNeed> needs) {
  MemorySize total;
  for (const MemoryNeed& need : needs) total += need.bytes;
  return total.count();
}

void require_memory(std::span<const MemoryNeed> needs, std::int64_t available,
                    const MemoryRequest& request) {
  const std::int64_t needed = total_bytes(needs);
  if (needed <= available) return;
  const auto largest =
      std::max_element(needs.begin(), needs.end(),
                       [](const MemoryNeed& a, const MemoryNeed& b) { return a.bytes < b.bytes; });
  throw RunError("not enough memory" + request.place + ": " + request.who + " needs " +
                 bytes_in_words(needed) + ", mostly for " + std::string(largest->what) + ", and " +
                 bytes_in_words(available) + " are available; " + request.advice);
}

std::vector<MemoryNeed> evaluation_needs(std::int64_t agents, std::int64_t starts) {
  // A float each, and one agent's once more in double to sort them.
  return {{"returns", (MemorySize(agents) * starts * float_bytes +
                       MemorySize(starts) * std::int64_t{sizeof(double)})
                          .count()}};
}

std::vector<MemoryNeed> trajectory_needs(const EnvironmentInfo& environment, std::int64_t starts,
                                         std::int64_t time_limit) {
  const MemorySize steps = MemorySize(starts) * time_limit;
  const MemorySize floats =
      (steps + starts) * environment.state_size + steps * environment.action_size + steps;
  constexpr std::int64_t bytes_per_episode = sizeof(std::int32_t) + sizeof(std::uint8_t);
  return {
      {"trajectories", (floats * float_bytes + MemorySize(starts) * bytes_per_episode).count()}};
}

void require_evaluation_memory(std::int64_t agents, std::int64_t starts) {
  require_memory(evaluation_needs(agents, starts), host_memory().available,
                 {"this evaluation", "use fewer episodes"});
}

void require_rollout_memory(const EnvironmentInfo& environment, std::int64_t starts,
                            std::int64_t time_limit) {
  std::vector<MemoryNeed> needs = trajectory_needs(environment, starts, time_limit);
  // Episode, step, reward, terminated; a float32 has at most nine digits, a sign, a point and an
  // exponent, and a comma behind it.
  constexpr int bytes_per_number = 16;
  const int columns =
      4 + environment.state_size + environment.observation_size + environment.action_size;
  needs.push_back({"the table of their steps as text",
                   (MemorySize(starts) * time_limit * columns * bytes_per_number).count()});
  require_memory(needs, host_memory().available,
                 {"this rollout", "use fewer --episodes or a lower --time-limit"});
}

}  // namespace polyak
