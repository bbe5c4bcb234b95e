#include "app/signature/trace_report.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "app/options/device_choices.hpp"
#include "app/output/message.hpp"
#include "app/output/report.hpp"
#include "io/read_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// "after iteration 14 of 24, in the critic update".
std::string describe_moment(const Trace& trace, const TraceDifference& difference) {
  const std::string phase = difference.arrays.front().phase;
  if (!difference.iteration) return "in the evaluation after all iterations";
  if (*difference.iteration == 0) return "before the first iteration";
  return "in iteration " + std::to_string(*difference.iteration) + " of " +
         std::to_string(trace.steps.size() - 1) + ", " + phase;
}

}  // namespace

std::optional<Execution> execution_of_word(const std::string& option, const std::string& word) {
  constexpr std::string_view cpu_threads = "cpu:";
  if (word == "cpu") return Execution{DeviceKind::cpu};
  if (word == "cuda" || word.starts_with("cuda:")) return Execution{parse_device(word)};
  if (word == "layered") return Execution{DeviceKind::cuda, Engine::layered};
  if (word == "fused") return Execution{DeviceKind::cuda, Engine::fused};
  if (!word.starts_with(cpu_threads)) return {};
  const auto threads = parse_number<int>(std::string_view(word).substr(cpu_threads.size()));
  if (!threads || *threads < 1 || *threads > max_threads) {
    throw UsageError(option + ": '" + word + "' is no device; use cpu:N with N threads");
  }
  return Execution{DeviceKind::cpu, Engine::automatic, *threads};
}

Trace read_trace(const std::string& path) {
  return parse_trace(read_whole_file(path, largest_trace_file), path);
}

void print_difference(std::ostream& out, const Trace& left, const Trace& right,
                      const std::optional<TraceDifference>& difference) {
  out << "training " << left.training << ", " << left.steps.size() - 1 << " iterations\n"
      << "  left:  " << printable(left.device) << "\n  right: " << printable(right.device) << '\n';
  if (!difference) {
    out << "The same bits after every iteration and in the evaluation.\n";
    return;
  }
  out << "They first differ " << describe_moment(left, *difference) << ":\n";
  std::vector<std::vector<std::string>> rows = {
      {"array", "phase", "differ", "first", "left", "right", "ulp", "most ulp"}};
  for (const ArrayDifference& array : difference->arrays) {
    rows.push_back({array.array, array.phase,
                    std::to_string(array.differing) + " of " + std::to_string(array.count),
                    array.element, array.left, array.right, std::to_string(array.distance),
                    std::to_string(array.largest_distance)});
  }
  print_table(out, rows);
}

nlohmann::ordered_json difference_json(const Trace& left, const Trace& right,
                                       const std::optional<TraceDifference>& difference) {
  nlohmann::ordered_json json = {
      {"left", left.device}, {"right", right.device}, {"same", !difference.has_value()}};
  if (!difference) return json;
  if (difference->iteration) json["iteration"] = *difference->iteration;
  auto arrays = nlohmann::ordered_json::array();
  for (const ArrayDifference& array : difference->arrays) {
    arrays.push_back({{"array", array.array},
                      {"phase", array.phase},
                      {"differing", array.differing},
                      {"count", array.count},
                      {"element", array.element},
                      {"left", array.left},
                      {"right", array.right},
                      {"ulp", array.distance},
                      {"max_ulp", array.largest_distance}});
  }
  json["phase"] = difference->arrays.front().phase;
  json["arrays"] = arrays;
  return json;
}

}  // namespace polyak
