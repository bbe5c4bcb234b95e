#include "model/memory_timing.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace polyak::model {
namespace {

constexpr int queue_clocks = 12;          // of work that waits before the unit refuses more
constexpr double after_store = 10;        // until a store's registers have been read
constexpr double reserved_kibibytes = 1;  // of shared memory, by the system
constexpr int sector_bytes = 32, line_bytes = 128, banks = 32;

/// The words of four bytes that a lane accesses.
int words_of(const Effect& effect) { return std::max(1, effect.bytes / 4); }

/// The different numbers address / bytes, in order.
std::vector<std::uint64_t> units(const Effect& effect, Mask lanes, std::uint64_t bytes) {
  std::vector<std::uint64_t> numbers;
  for_each_lane(lanes, [&](std::size_t lane) {
    const std::uint64_t first = effect.addresses[lane];
    for (std::uint64_t unit = first / bytes;
         unit <= (first + static_cast<std::uint64_t>(effect.bytes) - 1) / bytes; ++unit) {
      numbers.push_back(unit);
    }
  });
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

/// Passes for lanes that access together.
int passes_together(const Effect& effect, Mask lanes) {
  std::array<std::array<std::uint32_t, 4 * warp_lanes>, banks> seen;
  std::array<int, banks> count{};
  int most = 0;
  for_each_lane(lanes, [&](std::size_t lane) {
    const std::uint32_t first = shared_offset(effect.addresses[lane]) / 4;
    for (int i = 0; i < words_of(effect); ++i) {
      const std::uint32_t word = first + static_cast<std::uint32_t>(i), bank = word % banks;
      auto* const begin = seen[bank].data();
      int& number = count[bank];
      if (std::find(begin, begin + number, word) != begin + number) continue;
      begin[number++] = word;
      most = std::max(most, number);
    }
  });
  return most;
}

}  // namespace

int bank_passes(const Effect& effect, Mask lanes) {
  constexpr Mask lower_half = 0xffff;
  if (effect.bytes < 16) return std::max(1, passes_together(effect, lanes));
  return std::max(1, passes_together(effect, lanes & lower_half) +
                         passes_together(effect, lanes & ~lower_half));
}

MemoryTiming::MemoryTiming(const Clocks& clocks, int block, std::size_t shared_bytes)
    : clocks_(clocks), block_(block) {
  const double left =
      (clocks.l1_kibibytes - reserved_kibibytes) * 1024.0 - static_cast<double>(shared_bytes);
  l1_sectors_ = static_cast<std::size_t>(std::max(left, 0.0)) / sector_bytes;
}

double MemoryTiming::accepts_from() const { return free_from_ - queue_clocks; }

double MemoryTiming::occupy(double clocks, double now) {
  free_from_ = std::max(free_from_, now) + clocks;
  busy_clocks_ += clocks;
  return free_from_;
}

double MemoryTiming::load_global(const Effect& effect, Mask lanes, double now) {
  const auto sectors = units(effect, lanes, sector_bytes);
  const auto lines = static_cast<double>(units(effect, lanes, line_bytes).size());
  const double begin =
      occupy(std::max(lines, static_cast<double>(sectors.size()) / 4.0), now) - 1.0;
  double done = begin;
  for (const std::uint64_t sector : sectors) {
    const auto cached = l1_.find(sector);
    if (cached != l1_.end()) {
      done = std::max({done, cached->second, begin + clocks_.l1_load});
      continue;
    }
    l2_free_from_ = std::max(l2_free_from_, begin) + sector_bytes / clocks_.l2_bytes;
    const double arrives = l2_free_from_ + clocks_.l2_load;
    done = std::max(done, arrives);
    if (l1_sectors_ == 0) continue;
    l1_[sector] = arrives;
    l1_order_.push_back(sector);
    if (l1_order_.size() <= l1_sectors_) continue;
    l1_.erase(l1_order_.front());
    l1_order_.pop_front();
  }
  return done;
}

/// From the L2 cache, around the L1 cache.
double MemoryTiming::copy(const Effect& effect, double now) {
  const auto sectors = static_cast<double>(units(effect, effect.lanes, sector_bytes).size());
  Effect stored = effect;
  stored.addresses = effect.barriers;
  const double begin = occupy(bank_passes(stored, effect.lanes), now) - 1.0;
  l2_free_from_ = std::max(l2_free_from_, begin) + sectors * sector_bytes / clocks_.l2_bytes;
  return l2_free_from_ + clocks_.l2_load;
}

MemoryTiming::Times MemoryTiming::store_global(const Effect& effect, Mask lanes, double now) {
  constexpr double write_back = 30;
  const auto sectors = static_cast<double>(units(effect, lanes, sector_bytes).size());
  const double end = occupy(std::max(1.0, sectors / 4.0), now);
  l2_free_from_ = std::max(l2_free_from_, now) + sectors * sector_bytes / clocks_.l2_bytes;
  return {end + after_store, l2_free_from_ + clocks_.l2_load + write_back};
}

MemoryTiming::Times MemoryTiming::store_remote(const Effect& effect, Mask lanes, double now) {
  const double end = occupy(bank_passes(effect, lanes), now);
  const double bytes = effect.bytes * std::popcount(lanes);
  remote_free_from_ = std::max(remote_free_from_, now) + bytes / clocks_.remote_bytes;
  return {end + after_store, remote_free_from_ + clocks_.remote_store};
}

MemoryTiming::Times MemoryTiming::access(const Effect& effect, bool is_generic, double now) {
  switch (effect.kind) {
    case EffectKind::shuffle: {
      const double end = occupy(1, now);
      return {end + clocks_.shuffle, 0.0};
    }
    case EffectKind::local_load:
      return {occupy(effect.bytes / 4.0, now) + clocks_.local_load, 0.0};
    case EffectKind::local_store:
      return {occupy(effect.bytes / 4.0, now) + after_store, 0.0};
    case EffectKind::invalidate_cache:
      l1_.clear();
      l1_order_.clear();
      return {now, 0.0};
    case EffectKind::atomic:
      return {now + clocks_.l2_load, now + clocks_.l2_load};
    case EffectKind::copy:
      return {copy(effect, now), 0.0};
    case EffectKind::load:
    case EffectKind::store:
    case EffectKind::transfer_store:
      break;
    default:
      return {now, 0.0};
  }
  Mask shared = 0, remote = 0;
  for_each_lane(effect.lanes, [&](std::size_t lane) {
    const std::uint64_t address = effect.addresses[lane];
    if (!is_shared(address)) return;
    (rank_of(address) == block_ ? shared : remote) |= Mask{1} << lane;
  });
  const Mask global = effect.lanes & ~shared & ~remote;
  Times times{now, 0.0};
  const auto add = [&](const Times& other) {
    times = {std::max(times.done, other.done), std::max(times.acknowledged, other.acknowledged)};
  };
  const bool loads = effect.kind == EffectKind::load;
  if (effect.kind == EffectKind::transfer_store) {  // the block's own go the same way
    remote |= shared;
    shared = 0;
  }
  if (shared != 0) {
    const double end = occupy(bank_passes(effect, shared), now);
    const double load = is_generic ? clocks_.generic_shared_load : clocks_.shared_load;
    add({loads ? end - 1.0 + load : end + after_store, 0.0});
  }
  if (remote != 0) {
    if (loads) throw ModelError("a load from another block's shared memory is not modelled");
    add(store_remote(effect, remote, now));
  }
  if (global != 0) {
    add(loads ? Times{load_global(effect, global, now), 0.0} : store_global(effect, global, now));
  }
  return times;
}

}  // namespace polyak::model
