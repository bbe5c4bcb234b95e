#include "app/output/report.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "app/output/build_description.hpp"
#include "app/output/format.hpp"
#include "backend/backend.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

constexpr int report_format = 2;

std::string current_time() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

nlohmann::ordered_json machine_json() {
  nlohmann::ordered_json machine = nlohmann::ordered_json::object();
  utsname system{};
  uname(&system);
  machine["system"] = std::string(system.sysname) + " " + system.release + " " + system.machine;
  const DeviceList list = list_devices();
  machine["devices"] = nlohmann::ordered_json::array();
  for (const DeviceDescription& device : list.devices) {
    machine["devices"].push_back({{"kind", to_string(device.kind)},
                                  {"name", device.name},
                                  {"memory_bytes", device.memory_total},
                                  {"details", device.details}});
  }
  if (!list.cuda_absence.empty()) machine["no_gpu_because"] = list.cuda_absence;
  return machine;
}

nlohmann::ordered_json build_json() {
  const BuildDescription build = build_description();
  return {{"version", build.version},
          {"commit", build.commit},
          {"type", build.type},
          {"compiler", build.compiler},
          {"cuda_architectures", build.cuda_architectures},
          {"mpi", build.mpi}};
}

std::string hidden_sizes(const std::vector<int>& widths) {
  return join_text(field_texts(widths), "-");
}

}  // namespace

std::string counted(std::int64_t count, const std::string& what) {
  return format_quantity(static_cast<double>(count)) + " " + what + (count == 1 ? "" : "s");
}

void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line = row.front() + std::string(widths.front() - row.front().size(), ' ');
    for (std::size_t i = 1; i < row.size(); ++i) {
      line += "  " + std::string(widths[i] - row[i].size(), ' ') + row[i];
    }
    out << line << '\n';
  }
}

std::string format_quantity(double value) {
  if (!std::isfinite(value)) return "-";
  const double magnitude = std::abs(value);
  const int decimals = magnitude >= 100.0 || value == std::round(value) ? 0
                       : magnitude >= 10.0                              ? 1
                                                                        : 2;
  char text[64];
  constexpr double max_exact = 1e16;  // from there on not every digit means something
  if (magnitude >= max_exact) {
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
  }
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return group_thousands(text);
}

std::int64_t memory_bytes(const Config& config) { return total_bytes(memory_needs(config)); }

std::string describe_task(const Config& config) {
  return config.environment + ", " + counted(config.agents, "agent") + " with " +
         counted(config.environments, "environment") + (config.agents > 1 ? " each" : "") +
         ", actor " + hidden_sizes(config.actor_hidden) + ", critic " +
         hidden_sizes(config.critic_hidden) + ", batch " + std::to_string(config.batch_size);
}

nlohmann::ordered_json report_header(const std::string& kind) {
  return {{"kind", kind},
          {"format", report_format},
          {"time", current_time()},
          {"machine", machine_json()},
          {"build", build_json()}};
}

}  // namespace polyak
