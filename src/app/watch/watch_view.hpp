// What `polyak watch` shows of a training.
#pragma once

#include <string>
#include <vector>

#include "io/run_record.hpp"

namespace polyak {

struct WatchPlace {
  std::size_t width;   // characters in a line
  std::size_t height;  // lines, 0: as many as there are
  bool utf8;           // whether they may be of more than ASCII
};

/// In a word: running, or how it ended (finished, interrupted, non_finite), or "ended early" where
/// a training that is gone has left no summary.
std::string state_of(const RunRecord& run, bool is_running);

/// Lines of the training's name and progress, its learning curves, and its agents: all of few, the
/// best and the worst of many.
std::vector<std::string> watch_view(const RunRecord& run, const std::string& state,
                                    const WatchPlace& place);

/// {"run", "state", "environment_steps", "total_steps", "agents": [{column: newest value}]}.
nlohmann::ordered_json watch_json(const RunRecord& run, const std::string& state);

}  // namespace polyak
