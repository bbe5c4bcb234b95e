// Who may include whom, and what only some may do: the project's structure as data.
#pragma once

#include <string>
#include <vector>

#include "architecture/source_text.hpp"

namespace polyak::architecture {

/// The files under `folder` may include each other and what starts with one of `may_include`;
/// "src/app/*/" stands for each folder in src/app by itself. The rule with the longest folder
/// counts for a file.
struct IncludeRule {
  std::string folder;
  std::vector<std::string> may_include;
};

/// core <- environment, agent <- backend <- trainer <- app; everyone may read config; kernels see
/// core and environment alone; the cpu and cuda back ends never see each other.
const std::vector<IncludeRule>& include_rules();

/// One line for each place that breaks a rule, with file and line; empty if all is well.
std::vector<std::string> include_violations(const std::vector<SourceFile>& files,
                                            const std::vector<IncludeRule>& rules);

/// Uses of CUDA's, the command line's or the terminal's interfaces outside the folders that may.
std::vector<std::string> interface_violations(const std::vector<SourceFile>& files);

/// Kernels that do not begin with wait_for_previous_kernel() (kernels/dependent_launch.cuh), which
/// those of a graph with overlapping launches must. The fused engine's is in no graph.
std::vector<std::string> kernel_violations(const std::vector<SourceFile>& files);

/// Files with more than `max_lines` lines.
std::vector<std::string> length_violations(const std::vector<SourceFile>& files,
                                           std::size_t max_lines);

}  // namespace polyak::architecture
