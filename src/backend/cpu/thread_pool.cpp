#include "backend/cpu/thread_pool.hpp"

#include <algorithm>
#include <utility>

namespace polyak::cpu {
namespace {

/// Waits until `changed()`; spins first, because loops follow each other within microseconds, and
/// then sleeps on `value`, so that an idle pool costs nothing.
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

ThreadPool::ThreadPool(int threads) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int total = threads > 0 ? threads : cores;
  for (int thread = 1; thread < total; ++thread) {
    workers_.emplace_back([this, thread] { work(thread); });
  }
}

ThreadPool::~ThreadPool() {
  stop_ = true;
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
}

void ThreadPool::parallel_for(std::int64_t count,
                              const std::function<void(std::int64_t, int)>& task) {
  if (workers_.empty() || count <= 1) {
    for (std::int64_t index = 0; index < count; ++index) task(index, 0);
    return;
  }
  task_ = &task;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<std::int32_t>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  run_tasks(0);
  wait_for_change(busy_, [](std::int32_t busy) { return busy == 0; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadPool::work(int thread) {
  for (std::uint32_t seen = 0;;) {
    wait_for_change(generation_, [seen](std::uint32_t now) { return now != seen; });
    seen = generation_.load(std::memory_order_acquire);
    if (stop_) return;
    run_tasks(thread);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

void ThreadPool::run_tasks(int thread) {
  try {
    for (;;) {
      const std::int64_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= count_) return;
      (*task_)(index, thread);
    }
  } catch (...) {
    next_.store(count_, std::memory_order_relaxed);
    const std::lock_guard lock(failure_mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

}  // namespace polyak::cpu
