#include "emulator/engine/warp_operations.hpp"

#include <algorithm>
#include <array>

#include "emulator/engine/diagnostics.hpp"
#include "emulator/engine/engine.hpp"
#include "emulator/engine/sanitizers.hpp"
#include "emulator/options.hpp"
#include "emulator/unwritten.hpp"

namespace polyak::emulator {
namespace {

/// The threads of one warp, by lane.
class Warp {
 public:
  Warp(Engine& engine, const Thread& member)
      : first_(&engine.threads[member.block->first_thread + member.warp * kWarpLanes]),
        lanes_(volume(engine.launch->block) - member.warp * kWarpLanes) {}

  /// Null where the block ends before the warp does.
  Thread* lane(unsigned index) const { return index < lanes_ ? first_ + index : nullptr; }

  /// The threads that the mask names and that have not left, by lane; null for the others.
  std::array<Thread*, kWarpLanes> participants(unsigned mask) const {
    std::array<Thread*, kWarpLanes> result{};
    for (unsigned index = 0; index < std::min(lanes_, kWarpLanes); ++index) {
      const bool named = (mask >> index & 1) != 0;
      if (named && first_[index].state != ThreadState::exited) result[index] = first_ + index;
    }
    return result;
  }

 private:
  Thread* first_;
  unsigned lanes_;
};

bool same_operation(const WarpRequest& a, const WarpRequest& b) {
  return a.mask == b.mask && a.operation == b.operation && a.words == b.words;
}

void record_divergence(Engine& engine, const Thread& thread, unsigned lane,
                       const std::string& why) {
  record_error(engine, "warp divergence: " + describe(thread) + " at " +
                           describe(thread.waiting_at) + " names lane " + std::to_string(lane) +
                           ", which " + why);
}

/// Whether every lane that the mask names is there. Records an error if one never will be.
bool all_partners_wait(Engine& engine, const Warp& warp, const Thread& thread) {
  // From the next lane on: it mostly runs next, so that one look tells that somebody is missing.
  for (unsigned after = 1; after <= kWarpLanes; ++after) {
    const unsigned index = (thread.lane + after) % kWarpLanes;
    const bool named = (thread.request.mask >> index & 1) != 0;
    const Thread* partner = warp.lane(index);
    if (!named || partner == nullptr) continue;
    if (partner->state == ThreadState::exited) {
      if (!options().strict_exit) continue;
      record_divergence(engine, thread, index, "has left the kernel");
      return false;
    }
    if (partner->state != ThreadState::at_warp_operation) return false;
    if (!same_operation(partner->request, thread.request)) {
      record_divergence(
          engine, thread, index,
          "is at " + describe(partner->waiting_at) + " with another mask or operation");
      return false;
    }
  }
  return true;
}

/// Copies the words of `source`; of one that does not take part, what nobody has written.
void copy_words(const Thread* source, int words, std::uint64_t* output) {
  for (int word = 0; word < words; ++word) {
    output[word] = source == nullptr ? unwritten_word() : source->request.input[word];
  }
}

/// What the lanes bring that come to an operation together.
struct Contributions {
  std::array<Thread*, kWarpLanes> participants{};  // by lane
  std::uint64_t votes = 0;                         // one bit for each lane, as parities
  unsigned parities = 0;
  const std::vector<std::uint64_t>* values = nullptr;  // of all lanes
};

std::uint64_t collect_votes(const Contributions& all) {
  std::uint64_t votes = 0;
  for (unsigned index = 0; index < kWarpLanes; ++index) {
    const Thread* voter = all.participants[index];
    if (voter != nullptr && voter->request.input[0] != 0) votes |= std::uint64_t{1} << index;
  }
  return votes;
}

unsigned collect_parities(const Contributions& all) {
  unsigned parities = 0;
  for (unsigned index = 0; index < kWarpLanes; ++index) {
    const Thread* partner = all.participants[index];
    if (partner != nullptr) parities |= (partner->warp_synchronizations & 1) << index;
  }
  return parities;
}

/// `words` of each lane, one lane behind the other.
void collect_values(const Contributions& all, int words, std::vector<std::uint64_t>& values) {
  values.resize(std::size_t{kWarpLanes} * static_cast<std::size_t>(words));
  std::uint64_t* output = values.data();
  for (const Thread* source : all.participants) {
    copy_words(source, words, output);
    output += words;
  }
}

void deliver(const Contributions& all, Thread& receiver) {
  const WarpRequest& request = receiver.request;
  switch (request.operation) {
    case WarpOperation::synchronize:
      receiver.partner_parities = all.parities;
      break;
    case WarpOperation::vote:
      request.output[0] = all.votes;
      break;
    case WarpOperation::exchange:
      copy_words(request.source_lane < kWarpLanes ? all.participants[request.source_lane] : nullptr,
                 request.words, request.output);
      break;
    case WarpOperation::gather:
      // ThreadSanitizer sees every memmove(), which this becomes, and takes it for a kernel's.
      if (!kThreadSanitizer) {
        std::copy(all.values->begin(), all.values->end(), request.output);
        break;
      }
      for (unsigned index = 0; index < kWarpLanes; ++index) {
        copy_words(all.participants[index], request.words,
                   request.output + index * static_cast<unsigned>(request.words));
      }
      break;
  }
}

/// A thread's address for ThreadSanitizer, one for odd and one for even synchronisations: a
/// partner that is already at the next one must not seem ordered before this thread's reads.
void* sync_object(const Thread& thread, unsigned rank_in_block, unsigned parity) {
  return thread.block->sync_objects + 128 + 16 * rank_in_block + 8 * parity;
}

/// Orders the thread behind all partners. Only __syncwarp orders memory; shuffles do not.
void acquire_partners(Thread& thread, unsigned mask) {
  for (unsigned index = 0; index < kWarpLanes; ++index) {
    if ((mask >> index & 1) == 0) continue;
    acquire(sync_object(thread, thread.warp * kWarpLanes + index,
                        thread.partner_parities >> index & 1));
  }
  ++thread.warp_synchronizations;
}

}  // namespace

bool try_warp_operation(Engine& engine, Thread& thread) {
  const Warp warp(engine, thread);
  if (!all_partners_wait(engine, warp, thread)) return false;
  Contributions all{.participants = warp.participants(thread.request.mask)};
  const WarpOperation operation = thread.request.operation;
  if (operation == WarpOperation::vote) all.votes = collect_votes(all);
  if (kThreadSanitizer && operation == WarpOperation::synchronize) {
    all.parities = collect_parities(all);
  }
  if (operation == WarpOperation::gather) {
    collect_values(all, thread.request.words, engine.gathered);
    all.values = &engine.gathered;
  }
  for (Thread* receiver : all.participants) {
    if (receiver != nullptr) deliver(all, *receiver);
  }
  for (Thread* receiver : all.participants) {
    if (receiver != nullptr) receiver->state = ThreadState::ready;
  }
  return true;
}

void perform_warp_operation(const WarpRequest& request, Site site) {
  Engine& engine = running_engine(site.operation);
  Thread& thread = *engine.current;
  if ((request.mask >> thread.lane & 1) == 0) {
    record_error(engine, "warp divergence: " + describe(thread) + " is not in its own mask at " +
                             describe(site));
    abandon_thread(engine);
  }
  const bool orders_memory = request.operation == WarpOperation::synchronize;
  if (orders_memory) {
    release(sync_object(thread, thread.rank_in_block, thread.warp_synchronizations & 1));
  }
  thread.request = request;
  thread.waiting_at = site;
  thread.state = ThreadState::at_warp_operation;
  if (!try_warp_operation(engine, thread)) {
    if (!engine.error.empty()) abandon_thread(engine);
    wait_in(engine, ThreadState::at_warp_operation, site);
  }
  if (kThreadSanitizer && orders_memory) acquire_partners(thread, request.mask);
}

unsigned live_lanes() {
  Engine& engine = running_engine("__activemask");
  const auto participants = Warp(engine, *engine.current).participants(kFullMask);
  unsigned mask = 0;
  for (unsigned index = 0; index < kWarpLanes; ++index) {
    if (participants[index] != nullptr) mask |= 1u << index;
  }
  return mask;
}

}  // namespace polyak::emulator
