#include "backend/notices.hpp"

#include <mutex>
#include <utility>

namespace polyak {
namespace {

struct Listening {
  std::mutex mutex;
  std::function<void(const std::string&)> listener;
};

Listening& listening() {
  static Listening state;
  return state;
}

}  // namespace

void listen_to_notices(std::function<void(const std::string&)> listener) {
  Listening& state = listening();
  const std::lock_guard lock(state.mutex);
  state.listener = std::move(listener);
}

void give_notice(const std::string& notice) {
  Listening& state = listening();
  const std::lock_guard lock(state.mutex);
  if (state.listener) state.listener(notice);
}

}  // namespace polyak
