// A thread of its own for each share of a population.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace polyak {

/// Runs one task at a time for whoever began it. Where the system starts no thread, the caller's
/// own does the work: what is computed does not depend on it.
class ShardThread {
 public:
  ShardThread();
  ~ShardThread();
  ShardThread(const ShardThread&) = delete;
  ShardThread& operator=(const ShardThread&) = delete;

  /// The task before must have been waited for.
  void begin(std::function<void()> task);
  /// Waits for the task; what it threw, or nothing.
  std::exception_ptr finish();

 private:
  void work();
  void run_task();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> task_;  // empty: nothing to do
  std::exception_ptr failure_;
  bool stop_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace polyak
