// The CSV of `polyak rollout --transitions` for an environment with two states.
#include <cmath>
#include <string>
#include <vector>

#include "fuzz/reader.hpp"
#include "io/csv.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return polyak::fuzz::run_reader(data, size, [](std::string_view text) {
    const std::vector<std::string> header = {"theta", "theta_dot", "action"};
    const polyak::CsvTable table = polyak::parse_csv(text, "steps.csv", header);
    polyak::fuzz::require(table.values.size() == header.size() * table.rows());
    for (const float value : table.values) polyak::fuzz::require(std::isfinite(value));
  });
}
