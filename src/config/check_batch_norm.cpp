// Batch normalisation: what does not fit together is refused.
#include "config/checks.hpp"
#include "config/derived.hpp"

namespace polyak {

void check_batch_norm(const Config& config) {
  if (!config.batch_norm) {
    constexpr const char* why = "has no effect without --batch-norm";
    if (config.batch_norm_momentum != Config{}.batch_norm_momentum) {
      refuse("batch-norm-momentum", why);
    }
    if (config.batch_norm_policy_evaluation) refuse("batch-norm-policy-evaluation", why);
    return;
  }
  if (config.batch_size < 2) {
    refuse("batch-norm", "a batch of one row has no variance; use a --batch-size of 2 or more");
  }
  if (config.layer_norm) {
    refuse("batch-norm", "--layer-norm normalises the same layers; leave one of them out");
  }
  if (is_recurrent(config)) {
    refuse("batch-norm",
           "a recurrent policy's batches are of sequences, whose steps have no statistics in "
           "common; use --policy feed-forward, or --layer-norm");
  }
}

}  // namespace polyak
