// Records of events.
#include "io/event_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "io/event_reader.hpp"

namespace polyak {
namespace {

TEST(EventRecords, TheChecksumIsThatOfItsStandard) {
  // RFC 3720, appendix B.4.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  std::string counting;
  for (char i = 0; i < 32; ++i) counting += i;
  EXPECT_EQ(crc32c(counting), 0x46DD794Eu);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
}

TEST(EventRecords, TheVersionHasTheBytesThatTensorFlowWrites) {
  // As torch.utils.tensorboard begins a file at that time.
  const std::string bytes = version_record(1.5);
  const std::string event = std::string("\x09\0\0\0\0\0\0\xf8\x3f", 9) + std::string("\x10\0", 2) +
                            "\x1a\x0d" + "brain.Event:2";
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x1a\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(12, event.size()), event);
  EXPECT_EQ(bytes.size(), 12 + event.size() + 4);
}

TEST(EventRecords, ReadBackAsTheyWereWritten) {
  const std::vector<Scalar> scalars = {
      {"a", 1.5}, {"b/agent_0", -1e30}, {std::string(300, 'c'), 0}};
  const std::int64_t step = 5'000'000'000'000;
  const std::vector<test::ReadEvent> events = test::read_events(
      version_record(7.25) + restart_record(8.0, 300) + scalars_record(9.5, step, scalars));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_EQ(events[0].wall_time, 7.25);
  EXPECT_FALSE(events[0].is_start);
  EXPECT_TRUE(events[1].is_start);
  EXPECT_EQ(events[1].step, 300);
  EXPECT_EQ(events[2].step, step);
  ASSERT_EQ(events[2].values.size(), 3u);
  EXPECT_EQ(events[2].values[1].first, "b/agent_0");
  EXPECT_EQ(events[2].values[1].second, -1e30f);
  EXPECT_EQ(events[2].values[2].first.size(), 300u);
}

TEST(EventRecords, AReportHasEveryAgentAndTheQuartiles) {
  std::vector<AgentMetrics> agents(5);
  for (std::size_t i = 0; i < agents.size(); ++i) {
    agents[i].mean_return = -10.0 * static_cast<double>(i);
    agents[i].critic_loss = std::numeric_limits<double>::quiet_NaN();
    agents[i].mean_q = i == 2 ? 7.0 : std::numeric_limits<double>::quiet_NaN();
  }
  std::map<std::string, double> values;
  for (const Scalar& scalar : scalars_of({100, 10, 0.5, 2000.0, 500.0, agents})) {
    EXPECT_TRUE(values.emplace(scalar.tag, scalar.value).second) << scalar.tag << " is there twice";
  }
  EXPECT_EQ(values.at("mean_return/agent_3"), -30.0);
  EXPECT_EQ(values.at("mean_return/quartile_1"), -30.0);
  EXPECT_EQ(values.at("mean_return/median"), -20.0);
  EXPECT_EQ(values.at("mean_return/quartile_3"), -10.0);
  EXPECT_EQ(values.at("mean_q/agent_2"), 7.0);
  EXPECT_EQ(values.at("mean_q/median"), 7.0);
  EXPECT_EQ(values.at("throughput/updates_per_second"), 500.0);
  EXPECT_FALSE(values.contains("critic_loss/agent_0"));
  EXPECT_FALSE(values.contains("critic_loss/median"));
  EXPECT_FALSE(values.contains("mean_q/agent_0"));
}

TEST(EventRecords, OfASingleAgentThereAreNoQuartiles) {
  const std::vector<AgentMetrics> agents(1);
  for (const Scalar& scalar : scalars_of({100, 10, 0.5, 2000.0, 500.0, agents})) {
    EXPECT_THAT(scalar.tag,
                testing::AnyOf(testing::HasSubstr("/agent_0"), testing::StartsWith("throughput/")));
  }
}

}  // namespace
}  // namespace polyak
