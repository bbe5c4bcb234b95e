// train --tensorboard: every tag and step, read back by a reader of the tests' own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <tuple>

#include "app/program.hpp"
#include "io/agent_table.hpp"
#include "io/event_reader.hpp"
#include "io/run_files.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::read_text;
namespace fs = std::filesystem;

class TensorBoardFiles : public testing::Test {
 protected:
  void train(const std::vector<std::string>& more) const {
    std::vector<std::string> options = {"--quiet", "--agents", "3"};
    options.insert(options.end(), more.begin(), more.end());
    const auto result = test::run_program(test::small_training(options), directory_.path());
    ASSERT_EQ(result.exit_code, 0) << result.errors;
  }
  void resume(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"train", "--resume", "run", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    const auto result = test::run_program(words, directory_.path());
    ASSERT_EQ(result.exit_code, 0) << result.errors;
  }
  /// Of the run directory, the earliest first.
  std::vector<std::string> event_files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_ / "run")) {
      const std::string name = entry.path().filename().string();
      if (name.find("tfevents") != std::string::npos) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::map<std::string, std::map<std::int64_t, float>> shown() const {
    std::vector<std::string> contents;
    for (const std::string& name : event_files())
      contents.push_back(read_text(directory_ / "run" / name));
    return test::shown_events(contents);
  }
  /// What is shown is what the tables have: every value of them and nothing else.
  void expect_tables() const {
    const auto tags = shown();
    std::size_t values = 0;
    for (const auto& [file, first_column, prefix] :
         {std::tuple("metrics.csv", "mean_return", ""),
          std::tuple("evaluations.csv", "mean_return", "evaluation_")}) {
      const AgentTable table = read_agent_table(directory_ / "run" / file);
      for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t column = table.index(first_column); column < table.columns.size();
             ++column) {
          if (std::isnan(table.at(row, column)) || table.columns[column] == "standard_error")
            continue;
          const std::string tag = prefix + table.columns[column] + "/agent_" +
                                  std::to_string(static_cast<int>(table.at(row, 0)));
          const auto step = static_cast<std::int64_t>(table.at(row, 1));
          ASSERT_TRUE(tags.contains(tag) && tags.at(tag).contains(step)) << tag << ' ' << step;
          EXPECT_EQ(tags.at(tag).at(step), static_cast<float>(table.at(row, column))) << tag;
          ++values;
        }
      }
    }
    EXPECT_GT(values, 100u);
    std::size_t of_agents = 0;
    for (const auto& [tag, steps] : tags) {
      if (tag.find("/agent_") != std::string::npos) of_agents += steps.size();
    }
    EXPECT_EQ(of_agents, values);
    for (const std::string name : {"quartile_1", "median", "quartile_3"}) {
      EXPECT_EQ(tags.at("critic_loss/" + name).size(), tags.at("critic_loss/agent_0").size());
      EXPECT_TRUE(tags.contains("evaluation_mean_return/" + name));
    }
    EXPECT_GT(tags.at("throughput/environment_steps_per_second").size(), 10u);
  }

  test::TemporaryDirectory directory_;
};

TEST_F(TensorBoardFiles, HaveWhatTheTablesHave) {
  train({"--tensorboard", "--output", "run"});
  ASSERT_EQ(event_files().size(), 1u);
  expect_tables();
}

TEST_F(TensorBoardFiles, AreOnlyThereWhereTheyAreAskedFor) {
  train({"--output", "run"});
  EXPECT_TRUE(event_files().empty());
}

TEST_F(TensorBoardFiles, AreReplacedWithTheTrainingThatTheyAreOf) {
  train({"--tensorboard", "--output", "run"});
  const std::vector<std::string> first = event_files();
  train({"--tensorboard", "--output", "run", "--overwrite", "--seed", "9"});
  ASSERT_EQ(event_files().size(), 1u);
  EXPECT_NE(event_files(), first);
  expect_tables();
  train({"--output", "run", "--overwrite"});
  EXPECT_TRUE(event_files().empty());
}

TEST_F(TensorBoardFiles, OfATrainingThatGoesOnShowNoStepTwice) {
  train(
      {"--tensorboard", "--output", "run", "--checkpoint-every", "150", "--keep-checkpoints", "3"});
  // As if it had been killed between two checkpoints: it goes on from the middle.
  fs::rename(directory_ / "run/checkpoint.2.safetensors",
             directory_ / "run/checkpoint.safetensors");
  fs::remove(directory_ / "run/checkpoint.1.safetensors");
  resume({"--total-steps", "900"});
  ASSERT_EQ(event_files().size(), 2u);
  const std::vector<test::ReadEvent> second =
      test::read_events(read_text(directory_ / "run" / event_files()[1]));
  EXPECT_TRUE(second[1].is_start);
  EXPECT_GT(second[1].step, 100);
  EXPECT_LT(second[1].step, 600);
  expect_tables();
}

TEST_F(TensorBoardFiles, MayBeginWhereATrainingGoesOn) {
  train({"--output", "run"});
  resume({"--total-steps", "900", "--tensorboard"});
  ASSERT_EQ(event_files().size(), 1u);
  const auto tags = shown();
  EXPECT_GT(tags.at("critic_loss/agent_2").begin()->first, 600);
}

}  // namespace
}  // namespace polyak
