// What environments there are, and what each recommends.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "polyak/environment/environment.hpp"

namespace polyak {

/// All of them, each with the options that it recommends in one line.
void print_environments(std::ostream& out);

/// One of them, with the reason of each option that it recommends.
void print_environment(const EnvironmentInfo& environment, std::ostream& out);

/// All of them as an array of objects.
nlohmann::ordered_json environments_json();

}  // namespace polyak
