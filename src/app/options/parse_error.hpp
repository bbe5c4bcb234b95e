// Mistakes on the command line in one line.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace polyak {

/// What is wrong with the command line, with the nearest option where there is one and where to
/// look further.
std::string describe_parse_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace polyak
