// Traces as the command line names them, and where two of them part.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "trainer/signature/trace_difference.hpp"

namespace polyak {

/// The device that a word names: cpu, cpu:N, cuda, layered or fused; nothing for other words, which
/// are files. UsageError for a number of threads that is none.
std::optional<Execution> execution_of_word(const std::string& option, const std::string& word);

/// A trace from a file; UsageError.
Trace read_trace(const std::string& path);

/// One line of each trace, and where they first differ; nothing: they do not.
void print_difference(std::ostream& out, const Trace& left, const Trace& right,
                      const std::optional<TraceDifference>& difference);

nlohmann::ordered_json difference_json(const Trace& left, const Trace& right,
                                       const std::optional<TraceDifference>& difference);

}  // namespace polyak
