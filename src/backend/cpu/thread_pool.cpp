#include "backend/cpu/thread_pool.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

namespace polyak::cpu {
namespace {

constexpr std::uint64_t unclaimed_mask = 0xffffffffu;

/// Waits until `changed(value)`; spins first, because loops follow each other within microseconds,
/// and then sleeps, so that an idle pool costs nothing.
template <class T, class Changed>
void wait_for_change(const std::atomic<T>& value, const Changed& changed) {
  constexpr int spins = 2000;
  for (int i = 0; i < spins; ++i) {
    if (changed(value.load(std::memory_order_acquire))) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  for (T seen = value.load(std::memory_order_acquire); !changed(seen);
       seen = value.load(std::memory_order_acquire)) {
    value.wait(seen, std::memory_order_acquire);
  }
}

}  // namespace

ThreadPool::ThreadPool(int threads) : wanted_(threads) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (wanted_ <= 0) wanted_ = cores;
  workers_.reserve(static_cast<std::size_t>(wanted_ - 1));
  try {
    for (int thread = 1; thread < wanted_; ++thread) {
      workers_.emplace_back([this, thread] { work(thread); });
    }
  } catch (const std::system_error&) {
    // The system starts no more threads. What each task computes does not depend on their number.
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

std::string ThreadPool::description() const {
  std::string text = std::to_string(size()) + (size() == 1 ? " thread" : " threads");
  if (size() < wanted_) {
    text += " (" + std::to_string(wanted_ - size()) + " more could not be started)";
  }
  return text;
}

/// Without it the workers would be waited for, and they for work.
void ThreadPool::stop() {
  stop_ = true;
  tickets_.fetch_add(unclaimed_mask + 1, std::memory_order_release);
  tickets_.notify_all();
}

void ThreadPool::parallel_for(std::int64_t count,
                              const std::function<void(std::int64_t, int)>& task) {
  if (workers_.empty() || count <= 1) {
    for (std::int64_t index = 0; index < count; ++index) task(index, 0);
    return;
  }
  task_ = &task;
  count_ = count;
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t loop = tickets_.load(std::memory_order_relaxed) & ~unclaimed_mask;
  tickets_.store(loop + unclaimed_mask + 1 + static_cast<std::uint64_t>(count),
                 std::memory_order_release);
  tickets_.notify_all();
  while (run_one_task(0)) {
  }
  wait_for_change(done_, [count](std::int64_t done) { return done == count; });
  if (failed_.exchange(false)) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadPool::work(int thread) {
  while (!stop_) {
    const std::uint64_t seen = tickets_.load(std::memory_order_acquire);
    if (run_one_task(thread)) continue;
    wait_for_change(tickets_, [this, seen](std::uint64_t now) {
      return stop_ || (now != seen && (now & unclaimed_mask) != 0);
    });
  }
}

/// Claims a task of the current loop and runs it; false if there is none left.
bool ThreadPool::run_one_task(int thread) {
  std::uint64_t tickets = tickets_.load(std::memory_order_acquire);
  do {
    if ((tickets & unclaimed_mask) == 0) return false;
  } while (!tickets_.compare_exchange_weak(tickets, tickets - 1, std::memory_order_acq_rel,
                                           std::memory_order_acquire));
  run_task(count_ - static_cast<std::int64_t>(tickets & unclaimed_mask), thread);
  return true;
}

void ThreadPool::run_task(std::int64_t index, int thread) {
  const std::int64_t count = count_;
  try {
    if (!failed_) (*task_)(index, thread);
  } catch (...) {
    const std::lock_guard lock(failure_mutex_);
    if (!failed_.exchange(true)) failure_ = std::current_exception();
  }
  if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) done_.notify_one();
}

}  // namespace polyak::cpu
