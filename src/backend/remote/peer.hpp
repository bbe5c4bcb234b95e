// The other process, as the one that gives commands sees it.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "backend/remote/channel.hpp"
#include "backend/remote/command.hpp"
#include "backend/remote/message.hpp"

namespace polyak {

/// A process that serves (backend_server.hpp). Not for two threads at once.
class Peer {
 public:
  /// `name` stands in front of what goes wrong there: "rank 3 (node7)".
  Peer(std::string name, std::unique_ptr<Channel> channel)
      : name_(std::move(name)), channel_(std::move(channel)) {}

  /// Waits for the answer. Throws what the other process threw, with its name.
  template <class Answer = void, class... Arguments>
  Answer call(Command command, const Arguments&... arguments) {
    MessageWriter request;
    request.put(command);
    (request.put(arguments), ...);
    MessageReader answer = exchange(request);
    if constexpr (!std::is_void_v<Answer>) return answer.take<Answer>();
  }

  /// The other process goes its way.
  void stop();

 private:
  MessageReader exchange(const MessageWriter& request);

  std::string name_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace polyak
