// JSON from files that anybody may have made.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace polyak {

/// Reads a whole text of JSON; `what` is the subject of the refusals: "starts.json: the file".
/// UsageError if it is none (at which byte), is nested too deeply, has a key twice in one object,
/// or a number that no double is.
nlohmann::json parse_json(std::string_view text, const std::string& what);

}  // namespace polyak
