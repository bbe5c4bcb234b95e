// What `polyak evaluate` found out about policies, for people and for programs.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "io/starts_file.hpp"
#include "polyak/policy.hpp"

namespace polyak {

/// One policy and its episodes, one from each start.
struct PolicyResult {
  std::string file;
  Policy policy;
  SimulatorConfig config;
  std::shared_ptr<const Starts> starts;  // the same for all policies of a task
  std::vector<float> returns;            // [starts->count()]
};

/// The statistics of one policy, or a table of several with the hyper-parameters in which they
/// differ. results: at least one.
void print_results(std::ostream& out, std::span<const PolicyResult> results);

/// {"policies": [...]}, and, of a single one, its members beside that list.
nlohmann::ordered_json results_json(std::span<const PolicyResult> results);

/// Columns start, return; of several policies policy, start, return.
std::string per_start_csv(std::span<const PolicyResult> results);

}  // namespace polyak
