// What `polyak bench` and `polyak compare` have in common when they report: tables on the terminal,
// and what machine, build and configuration a result belongs to. bench/README.md documents the
// JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "polyak/config.hpp"

namespace polyak {

/// Rows of equal length, the first one a heading; numbers to the right, the first column to the
/// left.
void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows);

/// A rate or count for people: digits in groups of three, at least three significant ones.
std::string format_quantity(double value);

/// "1 agent", "2,000 agents".
std::string counted(std::int64_t count, const std::string& what);

/// What a training of `config` allocates on its device.
std::int64_t memory_bytes(const Config& config);

/// One line that says what is being trained.
std::string describe_task(const Config& config);

/// `kind` ("bench", "compare", "micro"), the time, the machine and the build; results are added to
/// it.
nlohmann::ordered_json report_header(const std::string& kind);

}  // namespace polyak
