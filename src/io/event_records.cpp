#include "io/event_records.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "io/protobuf.hpp"

namespace polyak {
namespace {

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1u) != 0u ? 0x82F63B78u : 0u);
    table.at(byte) = value;
  }
  return table;
}();

/// The lowest byte first.
template <class Number>
std::string little_endian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    bytes += static_cast<char>(number >> 8 * i & 0xff);
  }
  return bytes;
}

std::string masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return little_endian(std::rotr(crc, 15) + 0xa282ead8u);
}

std::string record(const std::string& event) {
  const std::string length = little_endian(static_cast<std::uint64_t>(event.size()));
  return length + masked_crc(length) + event + masked_crc(event);
}

/// An Event with its wall_time and step, to which one more field is added.
ProtobufMessage event(double wall_time, std::int64_t step) {
  return ProtobufMessage().add_double(1, wall_time).add_integer(2, step);
}

/// A metric by the name that metrics.csv has for it.
struct Metric {
  std::string_view name;
  double AgentMetrics::*value;
};
constexpr std::array<Metric, 8> metrics = {{
    {"mean_return", &AgentMetrics::mean_return},
    {"mean_episode_length", &AgentMetrics::mean_episode_length},
    {"critic_loss", &AgentMetrics::critic_loss},
    {"actor_loss", &AgentMetrics::actor_loss},
    {"mean_q", &AgentMetrics::mean_q},
    {"saturated_actions", &AgentMetrics::saturated_share},
    {"actor_gradient_norm", &AgentMetrics::actor_gradient_norm},
    {"critic_gradient_norm", &AgentMetrics::critic_gradient_norm},
}};

/// The same of an evaluation.
struct EvaluationMetric {
  std::string_view name;
  float EvaluationRow::*value;
};
constexpr std::array<EvaluationMetric, 4> evaluation_metrics = {{
    {"mean_return", &EvaluationRow::mean_return},
    {"median_return", &EvaluationRow::median_return},
    {"worst_return", &EvaluationRow::worst_return},
    {"mean_regret", &EvaluationRow::mean_regret},
}};

/// Between the values that stand around it: values [at least one], sorted.
double quantile(const std::vector<double>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - std::floor(place)) * (values[above] - values[below]);
}

/// Each agent's value, NaN for none, and of several agents the quartiles.
void add_agents(const std::string& name, const std::vector<double>& of_agents,
                std::vector<Scalar>& scalars) {
  std::vector<double> values;
  for (std::size_t agent = 0; agent < of_agents.size(); ++agent) {
    if (std::isnan(of_agents[agent])) continue;
    scalars.push_back({name + "/agent_" + std::to_string(agent), of_agents[agent]});
    values.push_back(of_agents[agent]);
  }
  if (of_agents.size() < 2 || values.empty()) return;
  std::sort(values.begin(), values.end());
  scalars.push_back({name + "/quartile_1", quantile(values, 0.25)});
  scalars.push_back({name + "/median", quantile(values, 0.5)});
  scalars.push_back({name + "/quartile_3", quantile(values, 0.75)});
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc = crc_table.at((crc ^ static_cast<unsigned char>(byte)) & 0xff) ^ crc >> 8;
  }
  return ~crc;
}

std::vector<Scalar> scalars_of(const Report& report) {
  std::vector<Scalar> scalars;
  for (const Metric& metric : metrics) {
    std::vector<double> values;
    for (const AgentMetrics& agent : report.agents) values.push_back(agent.*metric.value);
    add_agents(std::string(metric.name), values, scalars);
  }
  scalars.push_back({"throughput/environment_steps_per_second", report.steps_per_second});
  scalars.push_back({"throughput/updates_per_second", report.updates_per_second});
  return scalars;
}

std::vector<Scalar> scalars_of(std::span<const EvaluationRow> rows) {
  std::vector<Scalar> scalars;
  for (const EvaluationMetric& metric : evaluation_metrics) {
    std::vector<double> values;
    for (const EvaluationRow& row : rows) {
      const auto agent = static_cast<std::size_t>(row.agent);
      values.resize(std::max(values.size(), agent + 1), std::numeric_limits<double>::quiet_NaN());
      values[agent] = row.*metric.value;
    }
    add_agents("evaluation_" + std::string(metric.name), values, scalars);
  }
  return scalars;
}

std::string version_record(double wall_time) {
  return record(event(wall_time, 0).add_bytes(3, "brain.Event:2").bytes());
}

std::string restart_record(double wall_time, std::int64_t step) {
  constexpr std::int64_t start = 1;  // SessionLog.START
  return record(
      event(wall_time, step).add_message(7, ProtobufMessage().add_integer(1, start)).bytes());
}

std::string scalars_record(double wall_time, std::int64_t step, std::span<const Scalar> scalars) {
  ProtobufMessage summary;
  for (const Scalar& scalar : scalars) {
    summary.add_message(
        1,
        ProtobufMessage().add_bytes(1, scalar.tag).add_float(2, static_cast<float>(scalar.value)));
  }
  return record(event(wall_time, step).add_message(5, summary).bytes());
}

}  // namespace polyak
