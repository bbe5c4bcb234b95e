#include "backend/remote/peer.hpp"

#include "polyak/core/error.hpp"

namespace polyak {

MessageReader Peer::exchange(const MessageWriter& request) {
  channel_->send(request.bytes());
  MessageReader answer(channel_->receive());
  const auto outcome = answer.take<Outcome>();
  if (outcome == Outcome::done) return answer;
  const std::string what = name_ + ": " + answer.take<std::string>();
  if (outcome == Outcome::usage_error) throw UsageError(what);
  throw RunError(what);
}

void Peer::stop() {
  MessageWriter request;
  request.put(Command::stop);
  channel_->send(request.bytes());
}

}  // namespace polyak
