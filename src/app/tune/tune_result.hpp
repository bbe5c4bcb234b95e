// What a search has found, for people and programs.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>

#include "app/tune/tune_start.hpp"

namespace polyak {

/// How many steps trials make where so many are asked for: "200", or "200 to 204".
std::string steps_text(const SearchPlan& plan, std::int64_t steps);

/// One line: what is going to be searched, on what.
void print_search_beginning(std::ostream& out, const TuneStart& start);

/// The best settings, how sure their scores are, and where everything is.
void print_search_result(std::ostream& out, const TuneStart& start);

/// The content of summary.json.
nlohmann::ordered_json search_summary(const TuneStart& start, bool is_finished);

}  // namespace polyak
