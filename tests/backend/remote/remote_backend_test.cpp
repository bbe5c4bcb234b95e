// A share of a population that is trained at the other end of a channel, here by another thread.
#include "backend/remote/remote_backend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "backend/remote/backend_server.hpp"
#include "backend/sharded/sharded_backend.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/reference_data.hpp"
#include "support/same_metrics.hpp"

namespace polyak {
namespace {

using Message = std::vector<std::byte>;

class Queue {
 public:
  void push(std::span<const std::byte> message) {
    const std::lock_guard lock(mutex_);
    messages_.emplace_back(message.begin(), message.end());
    changed_.notify_one();
  }
  Message pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !messages_.empty(); });
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> messages_;
};

struct QueuePair {
  Queue requests, answers;
};

class QueueChannel final : public Channel {
 public:
  QueueChannel(std::shared_ptr<QueuePair> pair, Queue QueuePair::*out, Queue QueuePair::*in)
      : pair_(std::move(pair)), out_(out), in_(in) {}
  void send(std::span<const std::byte> message) override { ((*pair_).*out_).push(message); }
  Message receive() override { return ((*pair_).*in_).pop(); }

 private:
  std::shared_ptr<QueuePair> pair_;
  Queue QueuePair::*out_;
  Queue QueuePair::*in_;
};

/// Another process, but for being a thread.
class OtherProcess {
 public:
  explicit OtherProcess(const std::string& name, const MachineShare& machine = {0, 1, 1})
      : peer_(std::make_shared<Peer>(name, std::make_unique<QueueChannel>(
                                               pair_, &QueuePair::requests, &QueuePair::answers))),
        thread_([pair = pair_, machine] {
          QueueChannel channel(pair, &QueuePair::answers, &QueuePair::requests);
          serve_backend(channel, machine);
        }) {}
  ~OtherProcess() { peer_->stop(); }

  const std::shared_ptr<Peer>& peer() const { return peer_; }

 private:
  std::shared_ptr<QueuePair> pair_ = std::make_shared<QueuePair>();
  std::shared_ptr<Peer> peer_;
  std::jthread thread_;
};

/// Agents that differ in all that they can, with statistics of their own.
Config remote_population(int agents) {
  Config config = test::batch_norm_population();
  config.agents = agents;
  config.seed = std::uint64_t{40};
  config.normalise_observations = true;
  config.threads = 0;  // as the machine's share says
  validate(config);
  return config;
}

class RemoteBackendTest : public testing::Test {
 protected:
  /// This process and two others.
  std::unique_ptr<Backend> shared(const Config& config) const {
    return make_sharded_backend(config,
                                {{DeviceKind::cpu, 1, [](const Config&) {}, make_cpu_backend},
                                 remote_place(first_.peer(), config),
                                 remote_place(second_.peer(), config)});
  }
  static std::unique_ptr<Backend> whole(Config config) {
    config.threads = 1;
    return make_cpu_backend(config);
  }

 private:
  OtherProcess first_{"rank 1"}, second_{"rank 2"};
};

TEST_F(RemoteBackendTest, TellsWhatAnyOtherTells) {
  const Config config = remote_population(5);
  const auto one = whole(config), several = shared(config);
  EXPECT_EQ(several->description(), "3 x " + one->description());
  const std::vector<float> starts = test::pendulum_starts(9).states;
  for (Backend* const backend : {one.get(), several.get()}) {
    backend->advance(40);
    backend->require_evaluation_memory(9);
    EXPECT_TRUE(backend->has_phase(Phase::act));
  }
  EXPECT_EQ(one->evaluate(starts, {3, 4}), several->evaluate(starts, {3, 4}));
  test::expect_same_bits(one->export_state(), several->export_state());
  test::expect_same_metrics(one->metrics(), several->metrics());
  EXPECT_EQ(one->actor_parameters(), several->actor_parameters());
  EXPECT_EQ(one->actor_statistics(), several->actor_statistics());
  EXPECT_EQ(one->observation_normalisers().mean, several->observation_normalisers().mean);
  EXPECT_EQ(one->observation_normalisers().scale, several->observation_normalisers().scale);
  test::expect_same_bits(one->export_agent(4), several->export_agent(4));
}

TEST_F(RemoteBackendTest, TakesStatesAndRows) {
  const Config config = remote_population(5);
  const auto one = whole(config), several = shared(config);
  one->advance(40);
  const TrainingState state = one->export_state();
  several->import_state(state);
  std::vector<float> rows(state.replay_rows.size());
  several->read_rows(0, rows);
  EXPECT_EQ(rows, state.replay_rows);
}

TEST_F(RemoteBackendTest, GoesOnFromRowsAndTheRest) {
  const Config config = remote_population(5);
  const auto one = whole(config), several = shared(config);
  one->advance(40);
  const TrainingState state = one->export_state();
  several->write_rows(0, state.replay_rows);
  several->import_state_without_rows(one->export_state_without_rows());
  for (Backend* const backend : {one.get(), several.get()}) {
    backend->advance(3);
    backend->run_phase(Phase::update, 2);
  }
  test::expect_same_bits(one->export_state(), several->export_state());
  EXPECT_TRUE(several->export_state_without_rows().replay_rows.empty());
}

TEST_F(RemoteBackendTest, ChangesItsPopulation) {
  Config config = remote_population(7);
  const auto one = whole(config), several = shared(config);
  const std::vector<AgentCopy> copies = {{0, 6}, {3, 4}, {5, 1, AgentPart::networks}};
  for (Backend* const backend : {one.get(), several.get()}) {
    backend->advance(40);
    backend->copy_agents(copies);
    backend->import_agent(2, backend->export_agent(5));
    backend->metrics();
  }
  for (const int agents : {5, 2}) {  // the last one needs one process less
    config.agents = agents;
    several->reconfigure(config);
    config.threads = 1;
    one->reconfigure(config);
    config.threads = 0;
    for (Backend* const backend : {one.get(), several.get()}) backend->advance(3);
    test::expect_same_bits(one->export_state(), several->export_state());
  }
}

TEST_F(RemoteBackendTest, HasSeveralAtATime) {
  const Config config = remote_population(5);
  const auto first = shared(config);
  auto second = shared(config);
  first->advance(40);
  second->advance(3);
  second.reset();
  first->advance(1);
  const auto one = whole(config);
  one->advance(41);
  test::expect_same_bits(one->export_state(), first->export_state());
}

TEST_F(RemoteBackendTest, SaysWhereWhatWentWrong) {
  Config config = remote_population(5);
  config.replay_capacity = config.total_steps = 1'000'000'000'000;
  EXPECT_THAT([&] { shared(config); },
              testing::ThrowsMessage<RunError>(testing::StartsWith("rank 1: not enough memory: ")));
  config = remote_population(5);
  config.precision = Precision::bf16;
  EXPECT_THAT([&] { shared(config); },
              testing::ThrowsMessage<UsageError>(testing::StartsWith("rank 1: --precision: ")));
  const auto several = shared(remote_population(5));
  EXPECT_THAT([&] { several->import_agent(4, TrainingState{}); },
              testing::ThrowsMessage<RunError>("rank 2: an agent's state does not fit the "
                                               "population that it is to join"));
  EXPECT_NO_THROW(several->advance(1)) << "it goes on serving";
}

TEST(Messages, KeepEveryFieldOfAConfiguration) {
  Config config = test::mixed_population();
  config.environment_parameters = {"gravity=9.81", ""};
  config.actor_hidden = {5, 31, 65, 1};
  config.noise_ladder = {0.1f, 0.5f};
  config.device = {DeviceKind::cuda, 3};
  MessageWriter writer;
  writer.put(config);
  writer.put(std::string("the end"));
  MessageReader reader(writer.bytes());
  EXPECT_EQ(reader.take<Config>(), config);
  EXPECT_EQ(reader.take<std::string>(), "the end");
}

TEST(Messages, AreRefusedIfTheyAreTooShort) {
  MessageWriter writer;
  writer.put(std::vector<float>{1.0f, 2.0f});
  Message bytes = writer.bytes();
  bytes.pop_back();
  EXPECT_THROW(MessageReader(bytes).take<std::vector<float>>(), RunError);
  EXPECT_THROW(MessageReader({}).take<int>(), RunError);
}

TEST(MachineShares, HaveTheirThreadsUnlessToldOtherwise) {
  Config config = test::small_config();
  config.threads = 0;
  EXPECT_EQ(on_machine(config, {1, 4, 3}).threads, 3);
  config.threads = 2;
  EXPECT_EQ(on_machine(config, {1, 4, 3}).threads, 2);
}

TEST(MachineShares, NeedTheMemoryOfAllOfThem) {
  Config config = test::small_config();
  config.replay_capacity = config.total_steps = 1'000'000;
  EXPECT_NO_THROW(require_memory_on_machine(config, {0, 1, 1}));
  EXPECT_THROW(require_memory_on_machine(config, {0, 60'000, 1}), RunError);
}

}  // namespace
}  // namespace polyak
