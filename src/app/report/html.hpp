// Pieces of HTML.
#pragma once

#include <string>
#include <string_view>
#include <utility>
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

/// The same of colours that the page's style gives classes, as those of drawing/svg_shapes.hpp:
/// class and label.
std::string class_key(const std::vector<std::pair<std::string, std::string>>& entries);

/// A figure and what is said below it.
std::string captioned(const std::string& figure, const std::string& caption);

/// A whole page under its title: begins like a report of Polyak, which --overwrite knows it by.
/// script: what it does for those who let it; none if empty.
std::string html_page(const std::string& title, const std::string& body,
                      std::string_view script = {});

}  // namespace polyak
