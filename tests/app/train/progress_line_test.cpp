// The progress of a training: its text, and where it is rewritten.
#include "app/train/progress_line.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "app/output/format.hpp"
#include "app/process/terminal.hpp"
#include "app/pseudo_terminal.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

AgentMetrics metrics_of(std::int64_t episodes, double mean_return, std::int64_t updates,
                        double critic_loss, double actor_loss) {
  AgentMetrics metrics;
  metrics.episodes = episodes;
  metrics.mean_return = mean_return;
  metrics.updates = updates;
  metrics.critic_loss = critic_loss;
  metrics.actor_loss = actor_loss;
  return metrics;
}

/// One with three episodes and four updates, one with a single of each.
const std::vector<AgentMetrics> two_agents = {metrics_of(3, -100.0, 4, 2.0, 30.0),
                                              metrics_of(1, -500.0, 1, 7.0, 5.0)};

Report report_of(std::span<const AgentMetrics> agents, std::int64_t steps, double rate) {
  return {.environment_steps = steps,
          .updates = 5,
          .seconds = 1.0,
          .steps_per_second = rate,
          .updates_per_second = 12'345.0,
          .agents = agents};
}

TEST(ProgressText, MeansAreOverWhatEveryAgentHas) {
  const Report report = report_of(two_agents, 25'000, 2'000.0);
  // 75,000 steps are left to each of two agents, which make 2,000 a second together.
  EXPECT_THAT(progress_parts(report, 100'000, mean_return_of(report), none),
              testing::ElementsAre("25,000/100,000 steps (25%, 1:15 left)", "return -200.0",
                                   "2.00 k steps/s", "12.3 k updates/s", "critic loss 3.000",
                                   "actor loss 25.0"));
}

TEST(ProgressText, WhatIsNotThereIsADash) {
  const std::vector<AgentMetrics> agents(3);
  const Report report = report_of(agents, 0, 0.0);
  EXPECT_TRUE(std::isnan(mean_return_of(report)));
  EXPECT_THAT(progress_parts(report, 1000, none, none),
              testing::ElementsAre("0/1,000 steps (0%)", "return -", "0 steps/s",
                                   "12.3 k updates/s", "critic loss -", "actor loss -"));
}

TEST(ProgressText, StopsAtAHundredPercentAndAtNoTimeLeft) {
  const Report report = report_of(two_agents, 1008, 2'000.0);
  EXPECT_EQ(progress_parts(report, 1000, none, none).front(),
            "1,008/1,000 steps (100%, 0:00 left)");
}

TEST(ProgressText, AgesAreNotCountedInHours) {
  EXPECT_THAT(progress_parts(report_of(two_agents, 1, 1e-3), 1'000'000'000, none, none).front(),
              HasSubstr(", > 99 days left)"));
  EXPECT_EQ(format_duration(7.4), "0:07");
  EXPECT_EQ(format_duration(3599.6), "1:00:00");
  EXPECT_EQ(format_duration(11'045.0), "3:04:05");
  EXPECT_EQ(format_duration(359'999.0), "99:59:59");
  EXPECT_EQ(format_duration(400'000.0), "4 days");
  EXPECT_EQ(format_duration(8'639'999.0), "99 days");
  EXPECT_EQ(format_duration(8'640'000.0), "> 99 days");
  EXPECT_EQ(format_duration(1e300), "> 99 days");
}

TEST(ProgressText, HasOnlyWholePartsThatFit) {
  const std::vector<std::string> parts = {"0123456789", "abc", "de"};
  EXPECT_EQ(fitting_line(parts, 100), "0123456789  abc  de");
  EXPECT_EQ(fitting_line(parts, 19), "0123456789  abc  de");
  EXPECT_EQ(fitting_line(parts, 18), "0123456789  abc");
  EXPECT_EQ(fitting_line(parts, 14), "0123456789");
  EXPECT_EQ(fitting_line(parts, 4), "0123");
}

/// What is shown of the same report twice, and then the end.
std::string shown(bool rewrites, std::size_t width) {
  std::ostringstream out;
  ProgressLine line(out, rewrites, 100'000'000, [width] { return width; });
  const Report report = report_of(two_agents, 25'000'000, 2'000.0);
  line.show(report);
  // Nothing ended since: the last return stays.
  const std::vector<AgentMetrics> quiet(2);
  line.show(report_of(quiet, 25'000'000, 2'000.0));
  line.finish();
  line.finish();
  return out.str();
}

TEST(ProgressLine, ShowsTheNewestNoiseFreeReturn) {
  std::ostringstream out;
  ProgressLine line(out, false, 100, [] { return 80; });
  const Report report = report_of(two_agents, 50, 2'000.0);
  line.set_evaluation({});
  line.show(report);
  EXPECT_THAT(out.str(), testing::Not(HasSubstr("noise-free")));
  const std::vector<EvaluationRow> agents = {{0, 50, 1, 1.0f, 16, -100.0f, 1.0f, 0.0f, 0.0f, 0.0f},
                                             {1, 50, 1, 1.0f, 16, -50.0f, 1.0f, 0.0f, 0.0f, 0.0f}};
  line.set_evaluation(agents);
  line.show(report);
  EXPECT_THAT(out.str(), HasSubstr("return -200.0  noise-free -75.0  2.00 k steps/s"));
}

TEST(ProgressLine, NeverReachesTheLastColumnOfATerminal) {
  for (const std::size_t width : {1, 20, 40, 72, 80, 200}) {
    std::istringstream text(shown(true, width));
    std::string line;
    std::getline(text, line, '\r');
    EXPECT_EQ(line, "");
    int lines = 0;
    for (; std::getline(text, line, '\r'); ++lines) {
      const std::size_t end = line.find("\x1b[K");
      ASSERT_NE(end, std::string::npos);
      EXPECT_LT(end, std::max<std::size_t>(width, 2));
    }
    EXPECT_EQ(lines, 2);
    EXPECT_TRUE(line.ends_with("\x1b[K\n")) << "one end, however often it is finished";
  }
  EXPECT_THAT(shown(true, 80), HasSubstr("return -200.0"));
  EXPECT_THAT(shown(true, 80), testing::Not(HasSubstr("critic loss")));
}

TEST(ProgressLine, IsALineOfItsOwnWhereNothingCanBeRewritten) {
  const std::string text = shown(false, 20);
  EXPECT_EQ(text.find_first_of("\r\x1b"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr("actor loss 25.0\n"));
  EXPECT_THAT(text, HasSubstr("return -200.0  2.00 k steps/s  12.3 k updates/s  critic loss -"));
}

using test::PseudoTerminal;

TEST(Terminal, IsRewrittenUnlessItIsDumb) {
  const PseudoTerminal terminal(57);
  ASSERT_EQ(::isatty(terminal.descriptor()), 1);
  const char* const before = std::getenv("TERM");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TERM", "xterm-256color", 1);
  EXPECT_TRUE(can_rewrite_lines(terminal.descriptor()));
  const int file = ::open("/dev/null", O_WRONLY);
  EXPECT_FALSE(can_rewrite_lines(file));
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(can_rewrite_lines(terminal.descriptor()));
  ::unsetenv("TERM");
  EXPECT_FALSE(can_rewrite_lines(terminal.descriptor()));
  if (before != nullptr) ::setenv("TERM", kept.c_str(), 1);
  EXPECT_EQ(terminal_width(terminal.descriptor()), 57u);
  EXPECT_EQ(terminal_width(file), 80u);
  EXPECT_EQ(terminal_height(PseudoTerminal(57, 30).descriptor()), 30u);
  EXPECT_EQ(terminal_height(file), 24u);
  EXPECT_EQ(terminal_width(PseudoTerminal(0).descriptor()), 80u) << "it does not know";
  ::close(file);
}

}  // namespace
}  // namespace polyak
