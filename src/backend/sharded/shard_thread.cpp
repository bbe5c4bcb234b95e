#include "backend/sharded/shard_thread.hpp"

#include <system_error>
#include <utility>

namespace polyak {

ShardThread::ShardThread() {
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    // The system starts no more of them.
  }
}

ShardThread::~ShardThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ShardThread::begin(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
  }
  if (thread_.joinable()) {
    changed_.notify_all();
  } else {
    run_task();
  }
}

std::exception_ptr ShardThread::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !task_; });
  return std::exchange(failure_, nullptr);
}

void ShardThread::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stop_ || task_; });
    if (stop_) return;
    lock.unlock();
    run_task();
    lock.lock();
  }
}

void ShardThread::run_task() {
  std::exception_ptr failure;
  try {
    task_();
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    task_ = nullptr;
  }
  changed_.notify_all();
}

}  // namespace polyak
