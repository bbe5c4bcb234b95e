// JSON from files that anybody may have made.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

/// Reads a whole text of JSON; `what` is the subject of the refusals: "starts.json: the file".
/// UsageError if it is none (at which byte), is nested too deeply, has a key twice in one object or
/// more keys than any file of ours, or a number that no double is.
nlohmann::json parse_json(std::string_view text, const std::string& what);

/// What an object of lists of numbers has under its keys.
using NumberLists = std::map<std::string, std::vector<double>, std::less<>>;

/// Reads such an object from the text of a file; `file` is its name, for messages. Never holds more
/// of it than the numbers: as a tree of values a text can take twenty times its own length. Passes
/// over a member named `ignored_key`. UsageError as above, for members that are no lists or not of
/// finite numbers in float's range, and for more than `max_numbers` in all.
NumberLists parse_number_lists(std::string_view text, const std::string& file,
                               std::string_view ignored_key, std::size_t max_numbers);

}  // namespace polyak
