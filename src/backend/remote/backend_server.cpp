#include "backend/remote/backend_server.hpp"

#include <exception>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "backend/remote/command.hpp"
#include "backend/remote/message.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using Floats = std::vector<float>;

/// One command after the other.
class BackendServer {
 public:
  explicit BackendServer(const MachineShare& machine) : machine_(machine) {}

  void execute(Command command, MessageReader& in, MessageWriter& out) {
    switch (command) {
      case Command::require_memory:
        return require_memory_on_machine(in.take<Config>(), machine_);
      case Command::make:
        backends_[++made_] = make_local_backend(on_machine(in.take<Config>(), machine_));
        return out.put(made_);
      default:
        break;
    }
    const auto backend = backends_.find(in.take<int>());
    if (backend == backends_.end()) throw RunError("there is no such back end");
    if (command == Command::remove) {
      backends_.erase(backend);
    } else {
      ask_backend(*backend->second, command, in, out);
    }
  }

 private:
  void ask_backend(Backend& backend, Command command, MessageReader& in, MessageWriter& out) const {
    switch (command) {
      case Command::description:
        return out.put(backend.description());
      case Command::advance:
        return backend.advance(in.take<std::int64_t>());
      case Command::metrics:
        return out.put(backend.metrics());
      case Command::evaluate: {
        const auto starts = in.take<Floats>();
        return out.put(backend.evaluate(starts, in.take<EpisodeRandom>()));
      }
      case Command::require_evaluation_memory:
        return backend.require_evaluation_memory(in.take<std::int64_t>());
      case Command::reconfigure:
        return backend.reconfigure(on_machine(in.take<Config>(), machine_));
      case Command::actor_parameters:
        return out.put(backend.actor_parameters());
      case Command::actor_statistics:
        return out.put(backend.actor_statistics());
      case Command::observation_normalisers:
        return out.put(backend.observation_normalisers());
      case Command::has_phase:
        return out.put(backend.has_phase(in.take<Phase>()));
      case Command::run_phase: {
        const auto phase = in.take<Phase>();
        return backend.run_phase(phase, in.take<std::int64_t>());
      }
      default:
        return move_state(backend, command, in, out);
    }
  }

  static void move_state(Backend& backend, Command command, MessageReader& in, MessageWriter& out) {
    switch (command) {
      case Command::export_state:
        return out.put(backend.export_state());
      case Command::import_state:
        return backend.import_state(in.take<TrainingState>());
      case Command::export_state_without_rows:
        return out.put(backend.export_state_without_rows());
      case Command::import_state_without_rows:
        return backend.import_state_without_rows(in.take<TrainingState>());
      case Command::read_rows: {
        const auto first = in.take<std::int64_t>();
        Floats values(static_cast<std::size_t>(in.take<std::int64_t>()));
        backend.read_rows(first, values);
        return out.put(values);
      }
      case Command::write_rows: {
        const auto first = in.take<std::int64_t>();
        return backend.write_rows(first, in.take<Floats>());
      }
      case Command::export_agent: {
        const auto agent = in.take<int>();
        return out.put(backend.export_agent(agent, in.take<AgentPart>()));
      }
      case Command::import_agent: {
        const auto agent = in.take<int>();
        return backend.import_agent(agent, in.take<TrainingState>());
      }
      case Command::copy_agents:
        return backend.copy_agents(in.take<std::vector<AgentCopy>>());
      default:
        throw RunError("a command that this process does not know");
    }
  }

  MachineShare machine_;
  std::map<int, std::unique_ptr<Backend>> backends_;
  int made_ = 0;
};

MessageWriter refused(Outcome outcome, std::string_view what) {
  MessageWriter answer;
  answer.put(outcome);
  answer.put(std::string(what));
  return answer;
}

}  // namespace

void serve_backend(Channel& channel, const MachineShare& machine) {
  BackendServer server(machine);
  while (true) {
    MessageReader request(channel.receive());
    const auto command = request.take<Command>();
    if (command == Command::stop) return;
    MessageWriter answer;
    try {
      answer.put(Outcome::done);
      server.execute(command, request, answer);
    } catch (const UsageError& error) {
      answer = refused(Outcome::usage_error, error.what());
    } catch (const std::bad_alloc&) {
      answer = refused(Outcome::run_error, "out of memory");
    } catch (const std::exception& error) {
      answer = refused(Outcome::run_error, error.what());
    }
    channel.send(answer.bytes());
  }
}

}  // namespace polyak
