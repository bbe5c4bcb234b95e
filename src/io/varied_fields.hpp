// In which hyper-parameters the agents of a population differ.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/config.hpp"

namespace polyak {

/// One per-agent field of a Config whose value is not the same for all of its agents.
struct VariedField {
  std::string_view name;            // as on the command line, without the dashes
  std::vector<std::string> values;  // [agents], as the command line and the files write them
};

/// The fields in which the agents differ, in the order of visit_fields. Without the seeds, in which
/// they always do. A list that is given once per agent, or that cycles over them, but says the same
/// for all of them is none.
std::vector<VariedField> varied_fields(const Config& config);

/// What a hyper-parameter is called in tables and metadata: "batch_size" for batch-size.
std::string column_name(std::string_view field);

/// What tables of agents have of them behind their own columns, in a header (",discount,tau") and
/// in the line of an agent (",0.98,0.005").
std::string varied_columns(std::span<const VariedField> varied);
std::string varied_cells(std::span<const VariedField> varied, std::size_t agent);

}  // namespace polyak
