#include "io/starts_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <new>

#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

Starts read(const std::string& text, const std::string& environment = "Pendulum-v1") {
  const TemporaryDirectory directory;
  write_text(directory / "starts.json", text);
  return read_starts(directory / "starts.json", find_environment(environment));
}

std::string starts_refusal(const std::string& text,
                           const std::string& environment = "Pendulum-v1") {
  try {
    read(text, environment);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(StartsFile, ReadsStatesAndBestReturns) {
  const Starts starts =
      read(R"({"meta": "x", "thetadot": [1, 2.5], "theta": [0.5, -3], "best_return": [-1, -200]})");
  EXPECT_EQ(starts.count(), 2u);
  EXPECT_EQ(starts.states, (std::vector<float>{0.5f, 1.0f, -3.0f, 2.5f}));
  EXPECT_EQ(starts.best_returns, (std::vector<double>{-1.0, -200.0}));
}

TEST(StartsFile, BestReturnsAreOptionalAndUnderscoresDoNotMatter) {
  const Starts starts = read(R"({"theta": [1], "theta_dot": [2]})");
  EXPECT_EQ(starts.states, (std::vector<float>{1.0f, 2.0f}));
  EXPECT_TRUE(starts.best_returns.empty());
}

TEST(StartsFile, ReadsTheReferenceStarts) {
  const Starts starts =
      read_starts(POLYAK_TEST_DATA "/pendulum_v1_starts.json", find_environment("Pendulum-v1"));
  EXPECT_EQ(starts.count(), 500u);
  EXPECT_EQ(starts.best_returns.size(), 500u);
}

TEST(StartsFile, RefusalsSayWhatIsMissing) {
  EXPECT_THAT(starts_refusal("nonsense"), HasSubstr("starts.json: the file is no JSON"));
  EXPECT_THAT(starts_refusal("[1, 2]"), HasSubstr("JSON object"));
  EXPECT_THAT(starts_refusal(R"({"theta": [1]})"), HasSubstr("lacks 'theta_dot'"));
  EXPECT_THAT(starts_refusal(R"({"theta": [1], "theta_dot": [2]})", "MountainCarContinuous-v0"),
              HasSubstr("lacks 'position'"));
  EXPECT_THAT(starts_refusal(R"({"theta": 1, "theta_dot": [2]})"), HasSubstr("not a list"));
  EXPECT_THAT(starts_refusal(R"({"theta": [1, "x"], "theta_dot": [2, 3]})"),
              HasSubstr("position 1"));
  EXPECT_THAT(starts_refusal(R"({"theta": [1e300], "theta_dot": [2]})"), HasSubstr("finite"));
  EXPECT_THAT(starts_refusal(R"({"theta": [1, 2], "theta_dot": [2]})"), HasSubstr("same number"));
  EXPECT_THAT(starts_refusal(R"({"theta": [], "theta_dot": []})"), HasSubstr("at least one"));
  EXPECT_THAT(starts_refusal(R"({"theta": [1], "theta_dot": [2], "best_return": [1, 2]})"),
              HasSubstr("best_return"));
}

TEST(StartsFile, NoNameIsPassedOver) {
  const EnvironmentInfo pendulum = find_environment("Pendulum-v1");
  const std::string states = R"({"theta": [1], "theta_dot": [1], )";
  EXPECT_NO_THROW(
      parse_starts(states + R"("meta": {"of": "me"}, "best_return": [-3]})", "f", pendulum));
  EXPECT_THAT([&] { parse_starts(states + R"("best_returns": [-3]})", "f", pendulum); },
              testing::ThrowsMessage<UsageError>(testing::HasSubstr(
                  "f: 'best_returns' is no state of Pendulum-v1, nor 'best_return'")));
}

/// In a process of its own: reads a text with so many bytes of memory besides.
void exit_after_reading(const std::string& text, rlim_t bytes) {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const auto most = static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE)) + bytes;
  const rlimit limit{most, most};
  if (::setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(3);
  try {
    parse_starts(text, "f", find_environment("Pendulum-v1"));
    std::_Exit(0);
  } catch (const UsageError&) {
    std::_Exit(2);
  } catch (const std::bad_alloc&) {
    std::_Exit(1);
  }
}

std::string repeated(const std::string& text, std::size_t bytes) {
  std::string result;
  result.reserve(bytes + text.size());
  while (result.size() < bytes) result += text;
  return result;
}

TEST(StartsFile, NeedsLittleMoreMemoryThanItsText) {
  constexpr rlim_t text_size = 10'000'000;
  constexpr rlim_t little = 4 * text_size;  // a tree of such values takes seventeen times the text
  const std::string states = R"({"theta": [1], "theta_dot": [1], "meta": [)";
  for (const char* const value : {"[],", "{},", "\"\","}) {
    EXPECT_EXIT(exit_after_reading(states + repeated(value, text_size) + "0]}", little),
                testing::ExitedWithCode(0), "");
  }
  // The largest number of numbers in double, while their array grows.
  constexpr rlim_t numbers = rlim_t{150} << 20;
  EXPECT_EXIT(exit_after_reading("{\"theta\": [" + repeated("0,", 14'000'000) + "0]}", numbers),
              testing::ExitedWithCode(2), "");
  std::string keys = "{";
  for (int key = 0; keys.size() < text_size; ++key) keys += '"' + std::to_string(key) + "\":[],";
  EXPECT_EXIT(exit_after_reading(keys + "\"theta\": []}", little), testing::ExitedWithCode(2), "");
}

TEST(StartsFile, NothingIsThereTwice) {
  EXPECT_THAT(starts_refusal(R"({"theta": [1], "theta": [2], "theta_dot": [2]})"),
              HasSubstr("key 'theta' twice"));
  EXPECT_THAT(starts_refusal(R"({"theta": [1], "theta_dot": [2], "thetadot": [3]})"),
              HasSubstr("'theta_dot' and 'thetadot' both name the state theta_dot"));
  EXPECT_THAT(starts_refusal("{\"meta\":" + std::string(100'000, '[')),
              HasSubstr("nested more than"));
}

}  // namespace
}  // namespace polyak
