// A fixed set of threads that share numbered tasks.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace polyak::cpu {

/// Runs parallel loops. Tasks are taken in order, by whichever thread is free; what a task computes
/// must therefore not depend on who runs it.
class ThreadPool {
 public:
  /// `threads` counts the caller's own; 0 means one for every core.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls task(index, thread) for index = 0 ... count - 1, with thread < size(), and returns when
  /// all are done. The first exception of a task is thrown here, after the others have ended.
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task);

 private:
  void work(int thread);
  void run_tasks(int thread);

  std::vector<std::jthread> workers_;
  const std::function<void(std::int64_t, int)>* task_ = nullptr;
  std::int64_t count_ = 0;
  std::atomic<std::int64_t> next_{0};
  std::atomic<std::uint32_t> generation_{0};  // counts loops; the workers wait for it to change
  std::atomic<std::int32_t> busy_{0};         // workers still inside the current loop
  std::atomic<bool> stop_{false};
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
};

}  // namespace polyak::cpu
