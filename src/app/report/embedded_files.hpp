// What every report's page has in it.
#pragma once

#include <string_view>

namespace polyak {

/// The content of report.css.
std::string_view report_style();

/// The content of report.js.
std::string_view report_script();

}  // namespace polyak
