#pragma once

#include "emulator/error.hpp"

namespace polyak::emulator {

/// The threads that a barrier joins.
enum class Scope { block, cluster, grid };

/// What a barrier tells its threads about the predicates they brought.
struct Votes {
  unsigned in_favour = 0;
  unsigned voters = 0;
};

/// Waits until every thread of the scope has come to this same place in the source.
Votes barrier(Scope scope, Site site, bool predicate = false);

/// The two halves of a cluster barrier: announce, and wait for the others' announcements.
void arrive_at_cluster_barrier(Site site);
void wait_at_cluster_barrier(Site site);

}  // namespace polyak::emulator
