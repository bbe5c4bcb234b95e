// Pieces of HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/report/agent_groups.hpp"

namespace polyak {

/// <h2> and what is under it; nothing if there is nothing.
std::string section(std::string_view heading, const std::string& content);

/// What is shown only where it is asked for, without a script.
std::string folded(std::string_view summary, const std::string& content);

/// The first row is the heading.
std::string html_table(const std::vector<std::vector<std::string>>& rows);

/// Which colour is which group.
std::string colour_key(const std::vector<AgentGroup>& groups);

}  // namespace polyak
