// A fixed set of threads that share numbered tasks.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace polyak::cpu {

/// Runs parallel loops. Tasks are taken in order, by whichever thread is free; what a task computes
/// must therefore not depend on who runs it.
///
/// A loop ends when its tasks are done, not when every thread has looked at it: on a busy machine a
/// thread that is not scheduled costs nothing, because the caller takes its tasks.
class ThreadPool {
 public:
  /// `threads` counts the caller's own; 0 means one for every core. Where the system does not start
  /// so many, the pool has those that it did start.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// "8 threads", and how many are missing of those that were wanted.
  std::string description() const;

  /// Calls task(index, thread) for index = 0 ... count - 1 < 2^32, with thread < size(), and
  /// returns when all are done. The first exception of a task is thrown here; tasks after it may be
  /// skipped.
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task);

 private:
  void stop();
  void work(int thread);
  bool run_one_task(int thread);
  void run_task(std::int64_t index, int thread);

  int wanted_;

  // The current loop: its number in the upper half, its unclaimed tasks in the lower. One word, so
  // that a thread which wakes late cannot claim a task of a loop that is over.
  std::atomic<std::uint64_t> tickets_{0};
  std::atomic<std::int64_t> done_{0};  // tasks of the current loop that have been run
  // Written between loops only; whoever holds a ticket may read them until its task is done.
  const std::function<void(std::int64_t, int)>* task_ = nullptr;
  std::int64_t count_ = 0;

  std::atomic<bool> stop_{false};
  std::atomic<bool> failed_{false};
  std::mutex failure_mutex_;
  std::exception_ptr failure_;

  std::vector<std::jthread> workers_;  // last: they use all of the above until they have ended
};

}  // namespace polyak::cpu
