// What a search begins with: a new one, or one that goes on.
#pragma once

#include "app/tune/tune_options.hpp"
#include "search/search_directory.hpp"
#include "search/search_plan.hpp"
#include "search/search_results.hpp"

namespace polyak {

/// A search that is ready to run, its directory claimed and begun.
struct TuneStart {
  SearchPlan plan;
  SearchDirectory directory;
  SearchResults results;
  bool is_finished = false;  // before this process
};

TuneStart start_search(const TuneOptions& options);

}  // namespace polyak
