// The names of a search's files.
#pragma once

#include <string_view>

namespace polyak {

inline constexpr std::string_view search_file_name = "search.json", trials_file_name = "trials.csv",
                                  space_file_name = "space.toml", rungs_file_name = "rungs.csv",
                                  confirmations_file_name = "confirmations.csv",
                                  generations_file_name = "generations.csv",
                                  best_config_file_name = "best.toml";

}  // namespace polyak
